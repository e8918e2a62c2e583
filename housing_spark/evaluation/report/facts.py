"""What a report is made of, as plain values: gathered once, drawn and told by the other files."""

from dataclasses import dataclass, field

from housing_spark.evaluation.fairness import Lean
from housing_spark.evaluation.report.studies import Studies
from housing_spark.pages import FactTable


@dataclass(frozen=True)
class Place:
    """The coordinate columns: east-west and north-south."""

    x: str
    y: str
    is_degrees: bool


@dataclass(frozen=True)
class Grid:
    """The map's cells; ``stretch`` is the height of a unit of y over the width of a unit of x."""

    x: float
    y: float
    step_x: float
    step_y: float
    columns: int
    lines: int
    stretch: float


@dataclass(frozen=True)
class Slice:
    """Some rows and their errors; ``relative`` is (predicted - true) / true at 10, 50 and 90 % of the rows."""

    at: int
    rows: int
    relative: tuple[float, ...]
    median_ape: float
    inside: int


@dataclass(frozen=True)
class Errors:
    """The errors on test rows: by band of predicted price, as a histogram, on a map, and of single rows."""

    rows: int
    median_label: float
    capped: int
    bounds: tuple[float, ...]
    reach: float
    grid: Grid | None
    bands: tuple[Slice, ...]
    bars: tuple[Slice, ...]
    cells: tuple[Slice, ...]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Segment:
    """The figures of one segment of the test rows; ``lean`` is ``None`` where it was not measured."""

    column: str
    value: str
    rows: int
    median_ape: float
    rmse: float
    coverage: float
    lean: Lean | None = None


@dataclass(frozen=True)
class Tenth:
    """The ratios of predicted to true price in a tenth of the test rows by price; mean and deviation of logarithms."""

    name: str
    rows: int
    mean_log_ratio: float
    sd_log_ratio: float
    median_ape: float
    cod: float


@dataclass(frozen=True)
class Quarter:
    """The figures of a quarter of the test rows by time, 1 the earliest."""

    name: str
    rows: int
    median_ape: float
    median_ratio: float
    coverage: float
    relative_width: float


@dataclass(frozen=True)
class Inside:
    """What is seen inside a fitted model: weight per feature, and error after each tree."""

    weights: tuple[tuple[str, float], ...]
    measure: str
    curve: dict[str, tuple[float, ...]]
    is_log: bool


@dataclass(frozen=True)
class TrialLoss:
    """A finished trial."""

    estimator: str
    loss: float
    seconds: float


@dataclass(frozen=True)
class Duel:
    """The model and the champion of that moment on the same rows, which neither was trained on."""

    version: int
    rows: int
    rmse: float
    champion_rmse: float
    median_ape: float
    champion_median_ape: float


@dataclass(frozen=True)
class Facts:
    """All that a report says."""

    dataset: str
    description: str
    currency: str
    version: int
    estimator: str
    trees: int | None
    level: float
    widened: float
    made: str
    figures: dict[str, float]
    errors: Errors
    segments: tuple[Segment, ...]
    tenths: tuple[Tenth, ...]
    quarters: tuple[Quarter, ...]
    max_lean: float
    inside: Inside
    trials: tuple[TrialLoss, ...]
    duel: Duel | None
    label_cap: float | None
    card: tuple[FactTable, ...]
    studies: Studies = field(default_factory=dict)
