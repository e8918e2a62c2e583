"""Trials that end within seconds share a record; none is lost, and what hinders a record is told."""

from collections.abc import Sequence
from threading import Event

import pytest
from pyspark.sql import SparkSession

from housing_spark.training.recorder import Recorder
from housing_spark.training.trials import Trial

TRIALS = tuple(Trial("gbt", number, {}, {}, 1.0, 10, 0.1) for number in range(6))


def test_trials_share_records_and_none_waits_at_the_end(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("housing_spark.training.recorder._SECONDS_BETWEEN", 1e6)
    records: list[Sequence[Trial]] = []
    first = Event()

    def write(trials: Sequence[Trial]) -> None:
        records.append(trials)
        first.set()

    recorder = Recorder(spark, write)
    recorder.add(TRIALS[0])
    assert first.wait(60)  # a trial alone is written at once
    for trial in TRIALS[1:]:
        recorder.add(trial)
    recorder.finish()
    recorder.close()
    assert [len(trials) for trials in records] == [1, len(TRIALS) - 1]
    assert [trial for trials in records for trial in trials] == list(TRIALS)


def test_what_waits_is_written_where_a_search_is_given_up(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("housing_spark.training.recorder._SECONDS_BETWEEN", 1e6)
    written: list[Trial] = []
    recorder = Recorder(spark, written.extend)
    for trial in TRIALS:
        recorder.add(trial)
    recorder.close()
    assert written == list(TRIALS)


def test_what_hinders_a_record_is_raised(spark: SparkSession) -> None:
    def write(_: Sequence[Trial]) -> None:
        raise OSError("disk full")

    recorder = Recorder(spark, write)
    recorder.add(TRIALS[0])
    with pytest.raises(OSError, match="disk full"):
        recorder.finish()
    recorder.close()
