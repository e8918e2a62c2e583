"""spark-submit --properties-file spark-defaults.conf jobs/ingest.py --env cluster --dataset ames."""

import sys

from housing_spark.cli import main

main(["ingest", *sys.argv[1:]])
