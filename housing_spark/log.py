"""Log lines on standard error, each with the run it belongs to: our own, and the warnings of libraries."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal


def configure_logging(run_id: str, *, form: Literal["text", "json"], level: str) -> None:
    """Send every log line of this process to standard error, in one form.

    Libraries that brought a stream handler of their own give it up; of their lines, warnings and errors are shown.
    Python's own warnings are log lines too.

    Args:
        run_id: Stands in every line.
        form: Plain lines, or one JSON object a line.
        level: Least severe level shown of this package.
    """
    root = logging.getLogger()
    for logger in (root, *map(logging.getLogger, list(root.manager.loggerDict))):
        # Only plain streams: a handler that a site or a test put here to collect lines stays.
        plain = [handler for handler in logger.handlers if type(handler) is logging.StreamHandler]
        for handler in plain:
            logger.removeHandler(handler)
        logger.propagate = logger.propagate or bool(plain)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(run_id) if form == "json" else _TextFormatter(run_id))
    root.addHandler(handler)
    logging.getLogger("housing_spark").setLevel(level)
    logging.captureWarnings(capture=True)


class _TextFormatter(logging.Formatter):
    def __init__(self, run_id: str) -> None:
        super().__init__(datefmt="%H:%M:%S")
        self._run_id = run_id

    def format(self, record: logging.LogRecord) -> str:
        """A message of several lines has the time and the run in each."""
        start = f"{self.formatTime(record, self.datefmt)} {self._run_id} "
        mark = f"{record.levelname} " if record.levelno >= logging.WARNING else ""
        return "\n".join(f"{start}{mark}{line}" for line in super().format(record).splitlines() if line.strip())


class _JsonFormatter(logging.Formatter):
    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run_id = run_id

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "run": self._run_id, "level": record.levelname, "logger": record.name}
        line["message"] = super().format(record)
        return json.dumps(line | getattr(record, "fields", {}))
