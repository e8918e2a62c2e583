"""spark-submit --properties-file spark-defaults.conf jobs/promote.py --env cluster --dataset ames."""

import sys

from housing_spark.cli import main

main(["promote", *sys.argv[1:]])
