"""spark-submit --properties-file spark-defaults.conf jobs/train.py --env cluster --dataset ames."""

import sys

from housing_spark.cli import main

main(["train", *sys.argv[1:]])
