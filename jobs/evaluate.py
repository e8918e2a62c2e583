"""spark-submit --properties-file spark-defaults.conf jobs/evaluate.py --env cluster --dataset ames."""

import sys

from housing_spark.cli import main

main(["evaluate", *sys.argv[1:]])
