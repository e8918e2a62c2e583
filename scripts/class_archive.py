"""Make the archive of Java classes from which local sessions start sooner; once for an environment.

Java writes it as it ends, of the classes that a small run loaded (docs/decisions/0022-an-archive-of-classes.md).
"""

from tempfile import TemporaryDirectory

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import Imputer, OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.sql import DataFrame

from housing_spark import pipeline
from housing_spark.launch import Options, open_run
from housing_spark.session import CLASS_ARCHIVE

_JAVA = "spark.driver.extraJavaOptions"


def main() -> None:
    """Run the stages up to features, and a small model."""
    fresh = CLASS_ARCHIVE.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with TemporaryDirectory() as folder:
        settings = (f"warehouse={folder}", "quality.gates=[]", "logging.level=WARNING")
        flags = Options(overrides=settings).settings().spark_conf.get(_JAVA, "")
        conf = (f"{_JAVA}={flags} -XX:ArchiveClassesAtExit={fresh} -Xlog:disable",)
        with open_run(Options(dataset="ames", overrides=settings, spark_conf=conf)) as run:
            for stage in (pipeline.ingest, pipeline.clean, pipeline.describe):
                stage(run)
            _model(run.warehouse.read("features"), folder)
        java = run.spark.sparkContext._gateway.proc  # noqa: SLF001  # who writes the archive, at its end
        run.spark.stop()
        java.stdin.close()
        java.wait()
    fresh.rename(CLASS_ARCHIVE)


def _model(rows: DataFrame, folder: str) -> None:
    """A pipeline fitted, saved, loaded and used, with Python at its end."""
    stages = [
        Imputer(inputCols=["lot_frontage"], outputCols=["frontage"]),
        StringIndexer(inputCol="neighborhood", outputCol="place"),
        OneHotEncoder(inputCol="place", outputCol="places"),
        VectorAssembler(inputCols=["frontage", "gr_liv_area", "places"], outputCol="vector"),
        LinearRegression(featuresCol="vector", labelCol="label", maxIter=3),
    ]
    Pipeline(stages=stages).fit(rows).save(f"{folder}/model")
    priced = PipelineModel.load(f"{folder}/model").transform(rows).select("prediction")
    priced.mapInArrow(lambda batches: batches, priced.schema).cache().count()


if __name__ == "__main__" and not CLASS_ARCHIVE.is_file():
    main()
