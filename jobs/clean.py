"""spark-submit --properties-file spark-defaults.conf jobs/clean.py --env cluster --dataset ames."""

import sys

from housing_spark.cli import main

main(["clean", *sys.argv[1:]])
