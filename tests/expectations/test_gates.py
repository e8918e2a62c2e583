"""Severity, needs and words of gates; no Spark."""

from types import SimpleNamespace
from typing import Any

import pytest

from housing_spark.errors import GateRefusedError, HousingSparkError
from housing_spark.expectations.checks import Check
from housing_spark.expectations.gates import check_gates, judge_gates
from housing_spark.expectations.validate import Verdict, verdict_of
from housing_spark.settings.quality import Quality, QualityGate


def settings(*gates: dict[str, Any], **others: Any) -> Quality:
    return Quality(gates=[QualityGate(**gate) for gate in gates], **others)


def verdict(gate: str, *, success: bool) -> Verdict:
    check = Check(gate, "rooms", "between", arguments={"min_value": 1, "max_value": 40}, mostly=0.98)
    return Verdict(check, success, None if success else 0.125, None if success else 1250)


def test_a_critical_gate_stops_with_what_was_found_and_what_to_do() -> None:
    quality = settings({"name": "ranges", "severity": "critical"})
    results = judge_gates(quality.gates, [verdict("ranges", success=False)])
    line = (
        r"E-DQ-003 clean: gate ranges failed for rooms \(1,250 rows, observed 0.125, expected 1..40 in at least "
        r"98.00% of rows\); nothing published. .*quality.mode=warn"
    )
    with pytest.raises(GateRefusedError, match=line) as refused:
        check_gates(results, "clean", quality)
    assert refused.value.exit_code == 4


@pytest.mark.parametrize(
    ("severity", "mode", "sentences"), [("critical", "warn", 1), ("warning", "enforce", 1), ("info", "enforce", 0)]
)
def test_other_gates_only_say_so(severity: str, mode: str, sentences: int) -> None:
    quality = settings({"name": "ranges", "severity": severity}, mode=mode)
    results = judge_gates(quality.gates, [verdict("ranges", success=False)])
    assert len(check_gates(results, "clean", quality)) == sentences


def test_a_gate_is_skipped_when_what_it_needs_failed_or_was_skipped() -> None:
    quality = settings(
        {"name": "readable"}, {"name": "ranges", "needs": ["readable"]}, {"name": "sets", "needs": ["ranges"]},
        {"name": "rules"},
    )  # fmt: skip
    verdicts = [
        verdict("readable", success=False), verdict("ranges", success=False), verdict("sets", success=True),
        verdict("rules", success=True),
    ]  # fmt: skip
    skipped = {result.gate.name: result.skipped for result in judge_gates(quality.gates, verdicts)}
    assert skipped == {"readable": None, "ranges": "needs readable", "sets": "needs ranges", "rules": None}


def test_a_gate_without_anything_to_compare_blocks_nobody() -> None:
    quality = settings({"name": "row_count"}, {"name": "rules", "needs": ["row_count"]})
    results = judge_gates(quality.gates, [verdict("rules", success=True)])
    assert [result.skipped for result in results] == ["nothing to check or to compare with", None]
    assert results[0].rows()[0]["success"] is None


@pytest.mark.parametrize(
    ("gates", "words"),
    [
        ([{"name": "ranges", "needs": ["readable"]}, {"name": "readable"}], "ranges needs readable, which stand later"),
        ([{"name": "ranges"}, {"name": "ranges"}], "gate ranges stands twice"),
    ],
)
def test_gates_stand_once_and_after_their_needs(gates: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        settings(*gates)


def test_a_check_that_cannot_be_computed_is_no_failed_gate() -> None:
    broken = {"raised_exception": True, "exception_message": "no such column", "exception_traceback": ""}
    result = SimpleNamespace(success=False, result={}, exception_info={"('column.mean', 'check_0')": broken})
    with pytest.raises(HousingSparkError, match="E-DQ-004 gate ranges, rooms: could not be computed, no such column"):
        verdict_of(Check("ranges", "rooms", "between"), result)


@pytest.mark.parametrize(("name", "threshold"), [("ranges", 1.5), ("row_count", 1.0)])
def test_a_threshold_is_a_share(name: str, threshold: float) -> None:
    with pytest.raises(ValueError, match=f"gate {name}: threshold {threshold:g} is no share below 1"):
        settings({"name": name, "threshold": threshold})


def test_how_a_failed_gate_is_treated_changes_no_rows() -> None:
    strict = settings({"name": "ranges", "severity": "critical"}, mode="warn")
    assert strict.depends("clean") == settings({"name": "ranges"}).depends("clean")
    assert strict.depends("clean") != settings({"name": "ranges", "threshold": 0.5}).depends("clean")
