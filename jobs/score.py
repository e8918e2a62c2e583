"""scripts/submit score --dataset ames; the whole spark-submit command is in docs/deploy-cluster.md."""

import sys

from housing_spark.cli import main

main(["score", *sys.argv[1:]])
