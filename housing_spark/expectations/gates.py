"""Gates over checks: severity, what a gate needs, and when a batch is stopped."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from housing_spark.errors import GateRefusedError
from housing_spark.expectations.validate import Verdict
from housing_spark.settings.quality import Quality, QualityGate

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class GateResult:
    """A gate's verdicts; a skipped gate has none: a gate that it needs failed, or there is nothing to compare."""

    gate: QualityGate
    verdicts: tuple[Verdict, ...]
    skipped: str | None = None

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The verdicts that say no."""
        return tuple(verdict for verdict in self.verdicts if not verdict.success)

    def rows(self) -> list[dict[str, Any]]:
        """A row per verdict, or one for a skipped gate: gate, severity, and what was expected and found."""
        gate = {"gate": self.gate.name, "severity": self.gate.severity}
        if self.skipped:
            nothing = dict.fromkeys(("column", "expectation", "success", "observed", "unexpected_rows"))
            return [gate | nothing | {"expected": self.skipped}]
        return [
            gate
            | {
                "column": verdict.check.subject,
                "expectation": verdict.check.kind,
                "expected": _expected(verdict),
                "success": verdict.success,
                "observed": verdict.observed,
                "unexpected_rows": verdict.unexpected_rows,
            }
            for verdict in self.verdicts
        ]


def judge_gates(gates: Sequence[QualityGate], verdicts: Sequence[Verdict]) -> list[GateResult]:
    """The result of every gate, in order; a gate is skipped when one that it needs failed or was skipped for that."""
    results, unmet = [], set()
    for gate in gates:
        own = tuple(verdict for verdict in verdicts if verdict.check.gate == gate.name)
        open_needs = [name for name in gate.needs if name in unmet]
        if open_needs:
            result = GateResult(gate, (), f"needs {', '.join(open_needs)}")
        else:
            result = GateResult(gate, own, None if own else "nothing to check or to compare with")
        if open_needs or result.failed:
            unmet.add(gate.name)
        results.append(result)
    return results


def check_gates(results: Sequence[GateResult], table: str, settings: Quality) -> list[str]:
    """Say what failed; stop where it is critical. Returns a sentence per failed gate.

    Raises:
        GateRefusedError: A critical gate failed, and ``quality.mode`` is ``enforce``.
    """
    failed = [result.gate for result in results if result.failed and result.gate.severity != "info"]
    sentences = [_sentence(result, table) for result in results if result.gate in failed]
    critical = [text for gate, text in zip(failed, sentences, strict=True) if gate.severity == "critical"]
    if critical and settings.mode == "enforce":
        raise GateRefusedError(
            "E-DQ-003", f"{'; '.join(critical)}; nothing published. Mend the input (housing withdraw takes it back), "
            "change the gate's threshold in quality.gates, or set quality.mode=warn"
        )  # fmt: skip
    for sentence in sentences:
        _LOG.warning("%s", sentence)
    return sentences


def _sentence(result: GateResult, table: str) -> str:
    parts = []
    for verdict in result.failed:
        rows = f"{verdict.unexpected_rows:,} rows, " if verdict.unexpected_rows is not None else ""
        observed = "none" if verdict.observed is None else f"{verdict.observed:.4g}"
        parts.append(f"{verdict.check.subject} ({rows}observed {observed}, expected {_expected(verdict)})")
    return f"{table}: gate {result.gate.name} failed for {', '.join(parts)}"


def _expected(verdict: Verdict) -> str:
    """What a check demands, in words."""
    check, ends = verdict.check, verdict.check.arguments
    share = f" in at least {check.mostly:.2%} of rows" if check.mostly < 1 else ""
    if check.kind == "not_null":
        return f"a value{share or ' in every row'}"
    if check.kind == "in_set":
        if ends["value_set"] == [True]:
            return f"it to hold{share or ' in every row'}"
        return f"{' or '.join(str(value) for value in ends['value_set'])}{share or ' in every row'}"
    low, high = ends.get("min_value"), ends.get("max_value")
    words = {"mean": "share", "min": "smallest", "row_count": "rows"}
    name = f"{words[check.kind]} " if check.kind in words else ""
    return f"{name}{'' if low is None else f'{low:.6g}'}..{'' if high is None else f'{high:.6g}'}{share}"
