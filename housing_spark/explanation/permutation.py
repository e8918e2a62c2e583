"""Importance by permutation: how much larger errors become where homes swap the values of a feature.

Breiman, Machine Learning 45(1), 2001.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.metrics import rmse_expr

SWAPPED, NOTHING = "swapped", ""


def swapped_homes(homes: pa.Table, sources: Mapping[str, Sequence[str]], seed: int) -> pa.Table:
    """Homes as they are (``swapped`` is empty), and again for each source with its columns swapped among them.

    Args:
        homes: A sample, so small that the driver may hold it once for each source.
        sources: Columns that are swapped together, by name.
        seed: Of the permutations.

    Returns:
        Rows of all of them, with the name of what was swapped in the column ``swapped``.
    """
    draw, ways = np.random.default_rng(seed), [_named(homes, NOTHING)]
    for source, columns in sources.items():
        order, changed = pa.array(draw.permutation(len(homes))), homes
        for column in columns:
            place = changed.schema.get_field_index(column)
            changed = changed.set_column(place, changed.schema.field(place), homes[column].take(order))
        ways.append(_named(changed, source))
    return pa.concat_tables(ways)


def rises(priced: DataFrame) -> dict[str, float]:
    """What swapping adds to the RMSE of the homes as they are, by source, in currency, the largest first.

    Args:
        priced: Swapped homes with ``label`` and ``prediction``.
    """
    errors = priced.groupBy(SWAPPED).agg(rmse_expr(F.col("label"), F.col("prediction")).alias("rmse")).collect()
    by_source = {row[SWAPPED]: float(row["rmse"]) for row in errors}  # a row per source
    usual = by_source.pop(NOTHING)
    return dict(sorted(((name, rmse - usual) for name, rmse in by_source.items()), key=lambda one: (-one[1], one[0])))


def _named(homes: pa.Table, source: str) -> pa.Table:
    return homes.append_column(SWAPPED, pa.array([source] * len(homes), pa.string()))
