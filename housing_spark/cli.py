"""The command line: one command, one line for a failure, one exit code."""

import sys
import traceback
from collections.abc import Sequence

from typer.exceptions import Abort, TyperException

from housing_spark import progress
from housing_spark.commands import app
from housing_spark.errors import HousingSparkError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code: one line for a failure, a stack trace only with ``--debug``."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        sys.exit(app(words, standalone_mode=False) or 0)
    except HousingSparkError as error:
        _fail(str(error), error.exit_code, words)
    except (Abort, KeyboardInterrupt):
        _fail("interrupted; run the same command again to go on", 130, words)
    except TyperException as error:
        _fail(f"E-CLI-002 {error}; see housing --help", 2, words)
    except Exception as error:  # noqa: BLE001  # the last resort: one line, as promised
        first = next(iter(str(error).splitlines()), "")
        _fail(f"E-INT-001 {type(error).__name__}: {first}; --debug shows more", 1, words)


def _fail(line: str, code: int, words: Sequence[str]) -> None:
    if "--debug" in words:
        traceback.print_exc()
    progress.say(line)
    sys.exit(code)
