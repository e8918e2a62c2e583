"""One row per key.

* The same content twice, or once with and once without its label, is an exact duplicate: nothing is lost.
* Other rows of one key conflict: the later batch wins, then the later event time, then the smaller row hash.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

ACCEPTED, DUPLICATE, SUPERSEDED = "accepted", "duplicate", "superseded"


def with_standing(sales: DataFrame, label: str) -> DataFrame:
    """Sales with their ``standing``: accepted, duplicate or superseded; one accepted row per key.

    ``replacing_batch`` of a kept row is the batch of its newest rival; of a new row it is null.

    Args:
        sales: Fit rows, new ones and (``is_kept``) those of the clean table that have the same keys.
        label: The label column.
    """
    same_sale = Window.partitionBy("row_key", "content_hash")
    same_row = Window.partitionBy("row_key", "content_hash", label)
    kept_first = same_row.orderBy(F.desc("is_kept"), F.desc("batch_id"), F.asc("source_row_hash"))
    is_labelled = F.col(label).isNotNull()
    repeats_itself = F.row_number().over(kept_first) > 1
    # A kept row that a new one completes is replaced, not repeated.
    repeats_labelled = ~is_labelled & ~F.col("is_kept") & F.max(is_labelled).over(same_sale)
    together = sales.repartition("row_key")  # every window is within a key: rows move once
    compared = together.withColumns(
        {
            "is_duplicate": repeats_itself | repeats_labelled,
            "newest_batch": F.max("batch_id").over(same_row),
        }
    )
    by_recency = Window.partitionBy("row_key", "is_duplicate").orderBy(
        F.desc("newest_batch"), F.desc_nulls_last("event_time"), F.asc("source_row_hash")
    )
    rank = F.row_number().over(by_recency)
    standing = F.when(F.col("is_duplicate"), DUPLICATE).when(rank == 1, ACCEPTED).otherwise(SUPERSEDED)
    replacing = F.when(F.col("is_kept"), F.max("batch_id").over(Window.partitionBy("row_key")))
    return compared.withColumns({"standing": standing, "replacing_batch": replacing}).drop(
        "is_duplicate", "newest_batch"
    )
