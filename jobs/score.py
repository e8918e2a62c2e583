"""spark-submit --properties-file spark-defaults.conf jobs/score.py --env cluster --dataset ames."""

import sys

from housing_spark.cli import main

main(["score", *sys.argv[1:]])
