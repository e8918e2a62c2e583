"""Proposals: the same sequence whatever was interrupted, inside the bounds, for every method."""

import sys

import pytest

from housing_spark.errors import ConfigurationError
from housing_spark.settings import Dimension, Search
from housing_spark.training.proposals import Proposer
from housing_spark.training.trials import Proposal, Trial

LIBRARIES = ("hyperopt", "optuna")
SPACE = {
    "step": Dimension(low=0.01, high=0.3, scale="log"),
    "depth": Dimension(low=3, high=6, integer=True),
    "leaf": Dimension(low=2, high=50, integer=True, scale="log"),
    "is_log": Dimension(choices=(True, False)),
    "trees": Dimension(choices=(30,)),
}


def finished(proposal: Proposal) -> Trial:
    loss = abs(proposal.parameters["step"] - 0.1) + proposal.parameters["depth"]
    return Trial(proposal.estimator, proposal.number, proposal.parameters, proposal.point, loss, None, 1.0)


def sequence(library: str, method: str, count: int, size: int = 2) -> list[Proposal]:
    search = Search(library=library, method=method, startup_trials=3, max_evals={"gbt": count})
    proposer = Proposer("gbt", SPACE, search, seed=7)
    proposals: list[Proposal] = []
    for first in range(0, count, size):
        proposals += proposer.propose(range(first, first + size), [finished(one) for one in proposals])
    return proposals


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_search_is_repeatable_and_stays_in_bounds(library: str) -> None:
    for method in ("tpe", "random"):
        proposals = sequence(library, method, 12)
        assert proposals == sequence(library, method, 12)
        assert len({str(one.parameters) for one in proposals}) > 6
        for one in proposals:
            assert 0.01 <= one.parameters["step"] <= 0.3
            assert one.parameters["depth"] in (3, 4, 5, 6)
            assert isinstance(one.parameters["leaf"], int)
            assert one.parameters["trees"] == 30


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_search_begins_in_the_middle_of_its_ranges(library: str) -> None:
    first = sequence(library, "tpe", 4)[0].parameters
    assert first["step"] == pytest.approx(0.0548, abs=1e-4)
    assert {name: first[name] for name in ("depth", "leaf", "is_log")} == {"depth": 4, "leaf": 10, "is_log": True}
    assert sequence(library, "random", 4)[0].parameters != first


@pytest.mark.parametrize("library", LIBRARIES)
def test_tpe_learns_from_completed_rounds(library: str) -> None:
    tpe, random = (sequence(library, method, 30) for method in ("tpe", "random"))
    late = [one.parameters["depth"] for one in tpe[-10:]]
    assert sum(late) < sum(one.parameters["depth"] for one in random[-10:])


def test_a_grid_visits_every_point_once() -> None:
    space = {"depth": Dimension(low=3, high=5, integer=True, points=3), "is_log": Dimension(choices=(True, False))}
    proposer = Proposer("gbt", space, Search(method="grid"), seed=7)
    assert proposer.trial_count == 6
    seen = {tuple(one.parameters.items()) for one in proposer.propose(range(6), [])}
    assert len(seen) == 6


def test_a_space_without_choice_is_one_proposal() -> None:
    proposer = Proposer("gbt", {"trees": Dimension(choices=(30,))}, Search(), seed=7)
    assert proposer.propose(range(1), [])[0].parameters == {"trees": 30}


def test_a_library_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "housing_spark.training.optuna_points", raising=False)
    monkeypatch.setitem(sys.modules, "optuna", None)
    proposer = Proposer("gbt", SPACE, Search(library="optuna"), seed=7)
    with pytest.raises(ConfigurationError, match=r"E-CFG-018 search.library=optuna: .*housing-spark\[optuna\]"):
        proposer.propose(range(1), [])
