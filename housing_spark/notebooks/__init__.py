"""What notebooks call, and a runner that executes them on this machine as Databricks does.

In Databricks ``spark``, ``dbutils`` and ``display`` are there; ``housing notebook FILE`` provides them elsewhere.
"""

from housing_spark.notebooks.runner import run_notebook
from housing_spark.notebooks.source import Cell, read_cells
from housing_spark.notebooks.work import bring_up, champion_importances, open_run, run_stages

__all__ = ["Cell", "bring_up", "champion_importances", "open_run", "read_cells", "run_notebook", "run_stages"]
