"""The quality score of a dataset: the mean of four shares that anyone can compute again from the tables."""

from housing_spark.profiling.facts import Arrival, Profile, Score


def score_quality(profile: Profile, arrival: Arrival, checks: tuple[int, int]) -> Score:
    """The score with its parts: complete, valid, unique, and expected.

    Args:
        profile: Of the clean table.
        arrival: What became of the rows that arrived.
        checks: Passed and all verdicts of the newest quality checks.
    """
    cells = profile.rows * len(profile.columns)
    missing = sum(column.missing for column in profile.columns)
    twice = arrival.duplicates + arrival.superseded
    passed, judged = checks
    parts = {
        "complete": 1 - missing / cells if cells else 0.0,
        "valid": 1 - arrival.refused / arrival.raw if arrival.raw else 0.0,
        "unique": 1 - twice / arrival.raw if arrival.raw else 0.0,
    }
    words = {
        "complete": f"missing: {missing:,} of {cells:,} values of accepted rows",
        "valid": f"refused: {arrival.refused:,} of {arrival.raw:,} rows that arrived",
        "unique": f"repeated or replaced: {twice:,} of {arrival.raw:,} rows that arrived",
    }
    if judged:
        parts["expected"] = passed / judged
        words["expected"] = f"passed: {passed:,} of {judged:,} quality checks of the newest batch"
    return Score(parts, words)
