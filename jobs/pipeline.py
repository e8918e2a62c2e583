"""scripts/submit pipeline --dataset ames; the whole spark-submit command is in docs/deploy-cluster.md."""

import sys

from housing_spark.cli import main

main(["run", *sys.argv[1:]])
