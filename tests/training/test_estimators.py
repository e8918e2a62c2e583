"""The first trees of an ensemble are the ensemble of fewer iterations."""

from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import GBTRegressor
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark.training.estimators import first_trees


def test_the_first_trees_are_a_shorter_fit(spark: SparkSession, tmp_path) -> None:
    squares = spark.range(200).select(F.col("id").cast("double").alias("x"), (F.col("id") ** 2).alias("y"))
    rows = VectorAssembler(inputCols=["x"], outputCol="f").transform(squares)

    def fit(trees: int):
        return GBTRegressor(featuresCol="f", labelCol="y", predictionCol="p", maxIter=trees, seed=1).fit(rows)

    cut, short = first_trees(fit(6), 3), fit(3)
    assert cut.getNumTrees == 3
    assert cut.transform(rows).select("p").collect() == short.transform(rows).select("p").collect()
    cut.save(str(tmp_path / "model"))
    assert type(cut).load(str(tmp_path / "model")).getPredictionCol() == "p"
