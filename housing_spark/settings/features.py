"""Settings of the learned stages between the features table and an estimator."""

from typing import Annotated, Literal

from pydantic import Field

from housing_spark.settings.base import Section, Share

Count = Annotated[int, Field(ge=1, le=1_000)]


class Neighbours(Section):
    """What the nearest training sales say of a home, where the contract has a location."""

    min_rows: int = Field(5_000, ge=1, description="With fewer training rows they are not: too few sales are near.")
    counts: tuple[Count, ...] = Field(
        (1, 3, 5, 10, 20), min_length=1, description="Numbers of neighbours whose mean price is a feature."
    )
    feature_count: int = Field(
        8,
        ge=0,
        le=100,
        description="Numbers that neighbours are asked for: those that tell most of the price beside the place.",
    )
    mean_count: Count = Field(10, description="Neighbours whose mean of each of those numbers is a feature.")
    alike: tuple[str, ...] = Field(
        (), description="Numbers that make homes alike, beside the place; empty: the first of those."
    )
    alike_count: int = Field(6, ge=0, le=20, description="How many are taken where none is named.")
    reach: float = Field(
        0.02, gt=0, description="Distance that counts as much as a number's whole range, in spreads of all places."
    )
    kriging_count: int = Field(
        30, ge=0, le=100, description="Homes alike whose prices are kriged: weighed by how near they are and to whom."
    )
    wide_reaches: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (0.1, 0.4), description="Reaches with which prices of homes alike further away are kriged too."
    )
    wide_rows: int = Field(50_000, ge=1, description="Those are looked for among about so many training sales at most.")
    lag_days: int = Field(0, ge=0, description="Days until a sale is known, where sales have a time.")
    broadcast_mb: int = Field(
        512, ge=1, description="Training sales of so many MB are held by every Python worker; more are cut into blocks."
    )
    block_rows: int = Field(
        2_000_000, ge=1, description="Training sales that a block and its halo hold: a Python worker holds one block."
    )


class TargetEncoding(Section):
    """Mean prices of categories, for columns that have many."""

    min_categories: int = Field(10, ge=2, description="A column with fewer categories has none.")
    max_categories: int = Field(300, ge=2, description="Categories of a column that have one, most frequent first.")
    folds: int = Field(5, ge=2, le=20, description="A row is told the prices of training rows of other folds.")
    smoothing: float = Field(20.0, ge=0, description="The mean of all rows counts as so many rows of a category.")


class Families(Section):
    """Which families of features there are, beside the contract's own; each can be left out."""

    time: bool = Field(True, description="Where sales have a time: the market's level, trend and season.")
    place: bool = Field(True, description="Turned axes, and distances to the contract's places.")
    neighbours: bool = Field(True, description="What the nearest training sales say, where homes have a place.")
    ratios: bool = Field(True, description="The terms of features.polynomial and features.ratios.")
    target_encoding: bool = Field(False, description="The mean price of categories, for columns that have many.")
    outlier_flags: bool = Field(False, description="A 0/1 column where a number lies beyond where it is clipped.")
    missing_indicators: bool = Field(True, description="A 0/1 column where training rows had missing numbers.")


FAMILIES: tuple[str, ...] = tuple(Families.model_fields)


class Features(Section):
    """The learned stages between the features table and an estimator."""

    families: Families = Field(default_factory=Families)
    outliers: Literal["none", "iqr", "zscore"] = Field("iqr", description="How numbers are clipped.")
    outlier_factor: float = Field(6.0, gt=0, description="Clip this many IQRs (or standard deviations) away.")
    training_outliers: Literal["none", "iqr", "zscore", "isolation_forest"] = Field(
        "none", description="By what rule training rows are outliers, which no model learns from."
    )
    isolated_share: Share = Field(0.01, description="Share of the training rows that an isolation forest calls so.")
    rare_category_rows: int = Field(10, ge=1, description="A category with fewer training rows joins 'rare'.")
    max_categories: int = Field(30, ge=2, description="At most this many categories a column, most frequent first.")
    polynomial: tuple[str, ...] = Field((), description="Numeric features whose squares and products are added.")
    ratios: tuple[str, ...] = Field((), description="Pairs 'a/b' of numeric features whose ratio is added.")
    rotations: tuple[float, ...] = Field(
        (15, 30, 45, 60, 75), description="Turned axes of the place that are added, degrees."
    )
    price_level: bool = Field(
        True, description="Whether models of the family time learn prices divided by the market's level at the day."
    )
    neighbours: Neighbours = Field(default_factory=Neighbours)
    target_encoding: TargetEncoding = Field(default_factory=TargetEncoding)
    selection: Literal["none", "variance", "univariate"] = Field("none", description="Feature selection.")
    selection_keep: Share = Field(0.5, description="Share of features that univariate selection keeps.")

    def without(self, family: str) -> "Features":
        """The same but for one of ``FAMILIES``, which is left out."""
        return self._switched(family, is_on=False)

    def including(self, family: str) -> "Features":
        """The same but for one of ``FAMILIES``, which there is."""
        return self._switched(family, is_on=True)

    def _switched(self, family: str, *, is_on: bool) -> "Features":
        if family not in FAMILIES:
            raise ValueError(f"'{family}' is no family of features; known: {', '.join(FAMILIES)}")
        return self.model_copy(update={"families": self.families.model_copy(update={family: is_on})})
