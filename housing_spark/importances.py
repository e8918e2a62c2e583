"""What moves prices on the whole: by the size of contributions, and by what errors gain where values are swapped."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import features, judging
from housing_spark.explanation import rises, swapped_homes
from housing_spark.hashing import first_by_hash
from housing_spark.registry import RegisteredModel
from housing_spark.tables import Run


def mean_sizes(explained: DataFrame) -> dict[str, float]:
    """The mean size of what each source adds, in currency, the largest first; a row for each source."""
    each = explained.select(F.explode("contributions").alias("source", "contribution"))
    sizes = each.groupBy("source").agg(F.avg(F.abs("contribution")).alias("size"))
    return {row["source"]: row["size"] for row in sizes.orderBy(F.desc("size"), "source").collect()}


def permuted(run: Run, model: RegisteredModel) -> dict[str, float]:
    """What swapping each feature among some test rows adds to their RMSE, in currency, the largest first.

    Columns of the place are swapped together. A derived feature is swapped on its own: what it is made of stays.
    """
    most, contract = run.settings.explanation.permuted_rows, judging.contract_of(model)
    if not most:
        return {}
    test = judging.parted_rows(run, model).where(F.col("split") == "test")
    place = contract.location.columns if contract.location else ()
    names = [name for kind in features.feature_names(contract, test.schema) for name in kind if name not in place]
    sources = {name: [name] for name in names} | ({"location": list(place)} if place else {})
    sources |= {"event_time": ["event_time"]} if contract.event_time else {}
    needed = dict.fromkeys(("row_key", "group_key", "label", *names, *place, *sources.get("event_time", ())))
    homes = first_by_hash(test, most, salt="permutation").select(*needed).toArrow()
    swapped = swapped_homes(homes, sources, seed=run.settings.training.seed)
    rows = run.spark.createDataFrame(swapped).repartition(run.spark.sparkContext.defaultParallelism)
    return rises(model.pipeline.transform(rows))
