"""The dataset contract as a typed, frozen model. Every rule of ``docs/contract.md`` is checked here."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from housing_spark.contract.types import NUMERIC_TYPES, base_type, check_type, kind_of

RESERVED = frozenset({
    "row_key", "content_hash", "group_key", "batch_id", "label", "split", "event_time", "reasons", "arrived",
    "raw_record", "source_file", "source_file_hash", "source_row_hash", "ingested_at", "standing", "is_kept",
    "key_mark", "copies", "is_odd", "replacing_batch", "prediction", "prediction_lower", "prediction_upper",
    "prediction_id", "model_name", "model_version", "scoring_run_id", "scored_at", "mean_price", "ols", "rows",
    "numbers", "ranges", "range_group", "forecast_sd", "confidence", "is_extrapolation", "extrapolated_inputs",
    "log_difficulty", "price_decile", "price_level", "time_quarter", "base_price", "contributions", "comparable_sales",
    "explained_at",
})  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"'{name}': expected lower case letters, digits and underscores, a letter first")
    if name in RESERVED:
        raise ValueError(f"'{name}' is one of our own names; use another and map the file's with 'from:'")
    return name


Name = Annotated[str, AfterValidator(_check_name)]


class Part(BaseModel):
    """A part of the contract; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Source(Part):
    """Where rows come from and how files are read."""

    format: Literal["csv", "json", "parquet", "delta"] = "csv"
    options: dict[str, str] = Field(default_factory=dict)
    null_values: tuple[str, ...] = ("",)
    input: str | None = None


class Column(Part):
    """A raw column: its type and which values are let in."""

    type: Annotated[str, AfterValidator(check_type)]
    required: bool = False
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] | None = None
    comment: str | None = None
    pii: Literal["drop", "hash"] | None = None
    source_name: str | None = Field(None, alias="from")

    @field_validator("allowed", mode="before")
    @classmethod
    def _allowed_are_texts(cls, values: Any) -> Any:
        for value in values or ():
            if not isinstance(value, str):
                raise ValueError(f"{value!r} is not a text; write it in quotes (YAML reads no, yes, on as booleans)")
        return values

    @model_validator(mode="after")
    def _bounds_fit_type(self) -> "Column":
        is_bounded = self.min is not None or self.max is not None
        if is_bounded and base_type(self.type) not in NUMERIC_TYPES:
            raise ValueError(f"min and max need a numeric type, got {self.type}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        if self.allowed is not None and self.type != "string":
            raise ValueError(f"allowed needs type string, got {self.type}")
        if self.pii == "hash" and (self.type != "string" or self.allowed is not None):
            raise ValueError("pii: hash needs type string and no allowed values: a hash is a text of its own")
        return self


class Location(Part):
    """The two coordinate columns: degrees, or a flat grid in any one unit."""

    latitude: str | None = None
    longitude: str | None = None
    x: str | None = None
    y: str | None = None

    @model_validator(mode="after")
    def _is_one_pair(self) -> "Location":
        if self.columns == () or len(self.columns) != len(self.model_fields_set):
            raise ValueError("expected latitude and longitude, or x and y")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Latitude and longitude, or x and y."""
        pairs = ((self.latitude, self.longitude), (self.x, self.y))
        return next(((first, second) for first, second in pairs if first and second), ())


class FeatureList(Part):
    """What a model may look at."""

    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    derived: dict[Name, str] = Field(default_factory=dict)


class Contract(Part):
    """One dataset."""

    dataset: Name
    description: str = ""
    currency: str = "USD"
    source: Source = Field(default_factory=Source)
    columns: dict[Name, Column] = Field(min_length=1)
    extra_columns: Literal["refuse", "ignore"] = "refuse"
    rules: dict[Name, str] = Field(default_factory=dict)
    key: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    label: str
    label_cap: float | None = None
    weight: str | None = None
    monotone: dict[str, Literal["increasing", "decreasing"]] = Field(default_factory=dict)
    event_time: str | None = None
    location: Location | None = None
    places: dict[Name, tuple[float, float]] = Field(default_factory=dict)
    features: FeatureList
    segments: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, str]:
        """Kind of every column: number, text, date or boolean."""
        return {name: kind_of(column.type) for name, column in self.columns.items()}

    @property
    def file_names(self) -> dict[str, str]:
        """Contract name of every name in the file."""
        return {column.source_name or name: name for name, column in self.columns.items()}

    @property
    def label_free_columns(self) -> tuple[str, ...]:
        """Every column but the label, in order of name."""
        return tuple(sorted(name for name in self.columns if name != self.label))

    @property
    def numeric_features(self) -> tuple[str, ...]:
        """The raw numeric features; coordinates are always among them."""
        location = self.location.columns if self.location else ()
        return tuple(dict.fromkeys((*self.features.numeric, *location)))
