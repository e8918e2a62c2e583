"""The work that notebooks ask for: a run, its stages, and what the champion looks at."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pandas as pd

from housing_spark import features, judging, launch, pipeline, registering, views
from housing_spark.errors import ConfigurationError
from housing_spark.evaluation import report
from housing_spark.launch import Options
from housing_spark.tables import Run

_COUNTS = ("rows_in", "rows_out", "rows_quarantined", "rows_duplicate")


@contextmanager
def open_run(
    dataset: str = "ames", *, env: str = "local", warehouse: str = "", input: str = "", settings: Sequence[str] = ()
) -> Iterator[Run]:
    """A run that may write, as the commands have it: it holds the dataset's lock until the end of the block.

    The run can still be read from after the block; its tables and views are then known by name.

    Args:
        dataset: A shipped contract's name, or the path of a contract.
        env: Settings to lay over the defaults: ``conf/<env>.yaml``; on a cluster ``cluster``.
        warehouse: Folder or URI of the tables; empty: as in the settings.
        input: File or folder of new rows; empty: the contract's own.
        settings: ``section.key=value``, over the configuration files.
    """
    with launch.open_run(Options(dataset, input or None, env, warehouse or None, settings)) as run:
        yield run
        views.register(run.warehouse)


def run_stages(run: Run, *names: str) -> pd.DataFrame:
    """Run the named stages, or every stage, in order; returns a row per stage."""
    unknown = sorted(set(names) - {name for name, _ in pipeline.STAGES})
    if unknown:
        known = ", ".join(name for name, _ in pipeline.STAGES)
        raise ConfigurationError("E-NB-005", f"no stage {', '.join(unknown)}; there are {known}")
    reports = [stage(run) for name, stage in pipeline.STAGES if name in names or not names]
    rows = [
        {"stage": report.job, "status": report.status}
        | {name: getattr(report, name) for name in _COUNTS}
        | {"seconds": round(report.seconds, 1), "tables": ", ".join(f"{k} v{v}" for k, v in report.tables.items())}
        for report in reports
    ]
    return pd.DataFrame(rows)


def bring_up(run: Run) -> pd.DataFrame:
    """Run every stage, unless there are predictions already; returns a row per stage that ran."""
    return pd.DataFrame() if run.warehouse.exists("predictions") else run_stages(run)


def champion_importances(run: Run) -> pd.DataFrame:
    """How much each feature counts for the champion, as shares, most important first; measured as in its report.

    Raises:
        GateRefusedError: No version has passed the gate.
    """
    model = registering.registry_of(run).load(registering.require_champion(run))
    judged = judging.judged_rows(run, model)
    rows = {row["split"]: row["count"] for row in judged.groupBy("split").count().collect()}  # four parts
    names = features.vector_features(model.pipeline, judged.schema)
    return pd.DataFrame(report.look_inside(model.pipeline, judged, names, rows).weights, columns=["feature", "share"])
