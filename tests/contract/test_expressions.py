"""Contract expressions: the null-safe form never raises in Spark, and gives Spark's own values where those exist."""

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark.contract.expressions import columns_of, null_safe_sql

KINDS = {"a": "number", "b": "number", "x": "number", "g": "text", "s": "text", "d": "date", "f": "boolean"}

SAME_AS_SPARK = [
    "a + b * x - 3",
    "-a % 3",
    "a div 2",
    "round(x, 1) + floor(x) + ceil(x) + abs(-a)",
    "case when a > 1 then 'big' when f then 'flag' else g end",
    "if(a between 1 and 3, 1, 0)",
    "a in (1, 2) or g like 'r%' or g rlike '^b[l]'",
    "lower(trim(split(g, ' ')[0]))",
    "substring(g, 1, 3) || '-' || upper(g)",
    "coalesce(nullif(a, 1), b)",
    "year(d) - month(d)",
    "not (a > 3) and g is not null",
    "greatest(a, b) - least(a, b)",
    "pow(x, 2) + sqrt(x) + ln(x) + exp(-x)",
    "a <=> b",
    "cast(x as int) + cast('7' as int)",
    "date_add(d, 3) > date '2020-01-02'",
    "regexp_extract(g, '([a-z]+)', 1)",
    "split('a.b', '\\\\.')[1]",
]

NULL_WHERE_SPARK_RAISES = [
    "a / 0",
    "a div 0",
    "a % 0",
    "cast(g as int)",
    "g + 1",
    "g > 3",
    "g between 1 and 2",
    "split(g, ' ')[5]",
    "to_date(s, 'd.M.yyyy')",
    "year(g)",
    "ln(g)",
    "cast(9223372036854775807 as bigint) + 1",
    "date_add(s, 1)",
]


@pytest.fixture(scope="module")
def row(spark: SparkSession):
    values = [(1, 2, 2.7, "red barn", "30.2.2020", "2020-01-15", True), (None, 4, 1.5, "blue", None, None, None)]
    frame = spark.createDataFrame(values, "a int, b int, x double, g string, s string, d string, f boolean")
    return frame.withColumn("d", F.to_date("d")).persist()


@pytest.mark.parametrize("sql", SAME_AS_SPARK)
def test_the_null_safe_form_gives_the_same_values(sql: str, row) -> None:
    safe = null_safe_sql(sql, KINDS)
    pairs = row.select(F.expr(sql).alias("own"), F.expr(safe).alias("safe")).collect()
    assert [pair["own"] for pair in pairs] == [pair["safe"] for pair in pairs]
    assert any(pair["own"] is not None for pair in pairs)


@pytest.mark.parametrize("sql", NULL_WHERE_SPARK_RAISES)
def test_what_would_raise_is_null(sql: str, row) -> None:
    with pytest.raises(Exception, match=r"\[[A-Z_.]+\]"):
        row.select(F.expr(sql)).collect()
    assert {value[0] for value in row.select(F.expr(null_safe_sql(sql, KINDS))).collect()} == {None}


def test_columns_of_an_expression() -> None:
    assert columns_of("A + coalesce(b, x)", KINDS) == {"a", "b", "x"}
