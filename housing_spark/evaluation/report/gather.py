"""What a report shows of a model's errors, from all judged rows in three passes; what comes back is bounded.

Ten bands of predicted price, a histogram of 30 bars, at most 60 x 60 cells of a map and at most 2,000 single rows.
"""

from math import cos, isfinite, radians, sqrt

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from housing_spark.evaluation.report.facts import Errors, Grid, Place, Slice

BANDS, BARS, POINTS, CELLS = 10, 30, 2_000, 60
_FEW_CELLS, _ROWS_PER_CELL = 8, 3.0
_EDGE = 0.005  # a far-away row must not shrink the map to a dot
_DEGREES_SEEN = 85.0
_SHARES = [band / BANDS for band in range(BANDS + 1)]


def gather_errors(judged: DataFrame, place: Place | None, label_cap: float | None) -> Errors:
    """The errors on these rows, in numbers that can be drawn.

    Args:
        judged: Rows of one split with ``row_key``, ``label``, ``prediction``, its range, and the coordinates.
        place: Coordinate columns, where the contract has a location.
        label_cap: Prices at or above it are censored.
    """
    whole = _summary(judged, place, label_cap)
    reach = _reach(whole["reach"])
    grid = _grid(whole, place) if place else None
    bounds = tuple(map(float, whole["bands"]))
    slices = _slices(judged, bounds, reach, grid, place)
    return Errors(
        whole["rows"], float(whole["median_label"]), whole["capped"], bounds, reach, grid, slices.get("band", ()),
        slices.get("bar", ()), slices.get("cell", ()), _points(judged),
    )  # fmt: skip


def _summary(judged: DataFrame, place: Place | None, label_cap: float | None) -> Row:
    """One row: counts, quantiles, and the extent of the map."""
    is_capped = F.lit(False) if label_cap is None else F.col("label") >= label_cap
    extent = [
        F.percentile_approx(F.col(name).cast("double"), [_EDGE, 1 - _EDGE]).alias(f"extent_{axis}")
        for axis, name in (("x", place.x), ("y", place.y))
    ] if place else []  # fmt: skip
    return judged.agg(
        F.count(F.lit(1)).alias("rows"),
        F.percentile_approx("label", 0.5).alias("median_label"),
        F.count_if(is_capped).alias("capped"),
        F.percentile_approx("prediction", _SHARES).alias("bands"),
        F.percentile_approx(F.abs(_relative()), 0.98).alias("reach"),
        *extent,
    ).collect()[0]


def _slices(
    judged: DataFrame, bounds: tuple[float, ...], reach: float, grid: Grid | None, place: Place | None
) -> dict[str, tuple[Slice, ...]]:
    """Errors by band, by bar of the histogram and by cell: at most 10 + 32 + 3,600 rows come back."""
    band = sum((F.when(F.col("prediction") > bound, 1).otherwise(0) for bound in bounds[1:-1]), F.lit(0))
    bar = F.greatest(F.least(F.floor((_relative() + reach) / (2 * reach / BARS)), F.lit(BARS - 1)), F.lit(0))
    kinds = {"band": band, "bar": F.when(_relative().isNotNull(), bar).cast("int")}
    if grid and place:
        kinds["cell"] = _cell(grid, place)
    tagged = F.array(*(F.struct(F.lit(kind).alias("kind"), at.alias("at")) for kind, at in kinds.items()))
    inside = F.col("label").between(F.col("prediction_lower"), F.col("prediction_upper"))
    sliced = judged.withColumn("slice", F.explode(tagged)).where(F.col("slice.at").isNotNull())
    found = sliced.groupBy("slice.kind", "slice.at").agg(
        F.count(F.lit(1)).alias("rows"),
        F.percentile_approx(_relative(), [0.1, 0.5, 0.9]).alias("relative"),
        F.percentile_approx(F.abs(_relative()), 0.5).alias("median_ape"),
        F.count_if(inside).alias("inside"),
    )  # fmt: skip
    by_kind: dict[str, list[Slice]] = {}
    for row in found.where(F.col("median_ape").isNotNull()).orderBy("kind", "at").collect():
        one = Slice(int(row["at"]), row["rows"], tuple(row["relative"]), row["median_ape"], row["inside"])
        by_kind.setdefault(row["kind"], []).append(one)
    return {kind: tuple(found) for kind, found in by_kind.items()}


def _points(judged: DataFrame) -> tuple[tuple[float, float], ...]:
    """Price and predicted price of at most 2,000 rows: those with the smallest hash of their key."""
    order = F.xxhash64(F.lit("report"), "row_key")
    rows = judged.select("label", "prediction", order.alias("place")).orderBy("place").limit(POINTS).collect()
    return tuple((row["label"], row["prediction"]) for row in rows)


def _relative() -> Column:
    """The error as a share of the true price: below 0 where the price was too low."""
    return (F.col("prediction") - F.col("label")) / F.nullif(F.abs(F.col("label")), F.lit(0.0))


def _cell(grid: Grid, place: Place) -> Column:
    column = F.floor((F.col(place.x) - grid.x) / grid.step_x)
    line = F.floor((F.col(place.y) - grid.y) / grid.step_y)
    is_on_map = column.between(0, grid.columns - 1) & line.between(0, grid.lines - 1)
    return F.when(is_on_map, line * grid.columns + column).cast("int")


def _grid(whole: Row, place: Place) -> Grid | None:
    """Square cells, so many that a cell holds a few rows; none where all rows lie at one point."""
    if whole["extent_x"] is None or whole["extent_y"] is None:
        return None
    (left, right), (low, high) = whole["extent_x"], whole["extent_y"]
    # A degree of longitude is shorter than one of latitude.
    shrink = cos(radians(min(abs(low + high) / 2, _DEGREES_SEEN))) if place.is_degrees else 1.0
    longer = max((right - left) * shrink, high - low)
    wanted = sqrt(whole["rows"] / _ROWS_PER_CELL)
    step = longer / (min(max(wanted, _FEW_CELLS), CELLS) - 1)
    if step <= 0:
        return None
    columns, lines = int((right - left) * shrink / step) + 1, int((high - low) / step) + 1
    return Grid(left, low, step / shrink, step, columns, lines, 1 / shrink)


def _reach(found: float | None) -> float:
    """The histogram's half width: all but 2 % of the rows, in whole tenths; the rest is in its last bars."""
    if found is None or not isfinite(found):
        return 1.0
    return max(round(found + 0.05, 1), 0.1)
