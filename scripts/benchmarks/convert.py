"""From XGBoost's trees to a loaded Spark model."""

from collections.abc import Iterator

from figures import Figure, figure_of, timed
from rows import market, session, stages
from trees import converted, grown

_TREES, _DEPTH, _READINGS = 2_000, 8, 3


def figures() -> Iterator[Figure]:
    """The figure of this file."""
    with session() as (spark, _):
        sales = market(spark, 100_000)
        trees = grown(stages().fit(sales).transform(sales), _TREES, _DEPTH)
        seconds = [timed(lambda: converted(spark, *trees, _DEPTH))[0] for _ in range(_READINGS)]
    what = f"s, {_TREES:,} trees of depth {_DEPTH} converted, written and loaded; three times, not a ratio"
    yield figure_of("convert.seconds", seconds, "<= 25", what)
