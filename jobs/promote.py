"""scripts/submit promote --dataset ames; the whole spark-submit command is in docs/deploy-cluster.md."""

import sys

from housing_spark.cli import main

main(["promote", *sys.argv[1:]])
