"""spark-submit --properties-file spark-defaults.conf jobs/pipeline.py --env cluster --dataset ames."""

import sys

from housing_spark.cli import main

main(["run", *sys.argv[1:]])
