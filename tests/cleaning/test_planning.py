"""What Spark's optimizer makes of a wide contract: it should find in a few rounds that nothing is left to simplify."""

from collections.abc import Callable

from pyspark.sql import SparkSession

from housing_spark.cleaning import parse_sales
from housing_spark.contract import Contract
from housing_spark.quality import objections
from housing_spark.schemas.sales import raw_table

_COLUMNS = {f"size_{number}": {"type": "double", "min": 0, "max": 1000} for number in range(40)}
_MOST_ROUNDS = 100  # where Spark gives up


def test_many_columns_are_planned_in_few_rounds(spark: SparkSession, write_contract: Callable[..., Contract]) -> None:
    columns = {"id": {"type": "bigint"}, "price": {"type": "double"}, **_COLUMNS}
    contract = write_contract(
        dataset="wide", columns=columns, key=["id"], label="price", features={"numeric": list(_COLUMNS)}
    )
    table = raw_table(contract)
    raw = spark.createDataFrame([(None,) * len(table.columns)], table.schema)
    rules = spark._jvm.org.apache.spark.sql.catalyst.rules.RuleExecutor
    rules.resetMetrics()
    parse_sales(raw, contract, objections(contract))._jdf.queryExecution().optimizedPlan()
    told = next(line for line in rules.dumpTimeSpent().splitlines() if "BooleanSimplification" in line)
    assert int(told.split()[-1]) < _MOST_ROUNDS / 2
