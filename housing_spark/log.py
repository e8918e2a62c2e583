"""Log lines on standard error, each with the run it belongs to."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal


def configure_logging(run_id: str, *, form: Literal["text", "json"], level: str) -> None:
    """Send the package's log to standard error.

    Args:
        run_id: Stands in every line.
        form: Plain lines, or one JSON object a line.
        level: Least severe level shown.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(run_id) if form == "json" else _TextFormatter(run_id))
    logger = logging.getLogger("housing_spark")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


class _TextFormatter(logging.Formatter):
    def __init__(self, run_id: str) -> None:
        super().__init__(f"%(asctime)s {run_id} %(message)s", datefmt="%H:%M:%S")


class _JsonFormatter(logging.Formatter):
    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run_id = run_id

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "run": self._run_id, "level": record.levelname, "message": record.getMessage()}
        return json.dumps(line | getattr(record, "fields", {}))
