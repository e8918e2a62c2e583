"""spark-submit --properties-file spark-defaults.conf jobs/features.py --env cluster --dataset ames."""

import sys

from housing_spark.cli import main

main(["features", *sys.argv[1:]])
