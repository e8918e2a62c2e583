"""Every log line names its run: ours, those of libraries with a handler of their own, and Python's warnings."""

import json
import subprocess
import sys

PROGRAM = """
import logging, sys, warnings
import mlflow
from housing_spark.log import configure_logging

logging.getLogger("mlflow").setLevel(logging.WARNING)
configure_logging("run-7", form=sys.argv[1], level="INFO")
logging.getLogger("housing_spark.somewhere").info("three rows", extra={"fields": {"rows": 3}})
logging.getLogger("housing_spark.somewhere").debug("not shown")
logging.getLogger("mlflow.somewhere").warning("a library\\nin two lines")
logging.getLogger("mlflow.somewhere").info("not shown")
warnings.warn("an old call", DeprecationWarning, stacklevel=1)
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("another").exception("it failed")
"""


def lines(form: str) -> list[str]:
    command = [sys.executable, "-W", "always", "-c", PROGRAM, form]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line for line in done.stderr.splitlines() if line.strip()]


def test_a_plain_line_has_time_run_and_message() -> None:
    found = lines("text")
    assert all(line.split(" ")[1] == "run-7" for line in found), found
    messages = [line.split(" ", 2)[2] for line in found]
    assert messages[0] == "three rows"
    assert messages[1:3] == ["WARNING a library", "WARNING in two lines"]
    assert any("DeprecationWarning: an old call" in message for message in messages)
    assert messages[-1] == "ERROR ZeroDivisionError: division by zero"
    assert not any("not shown" in message for message in messages)


def test_a_json_line_is_one_object() -> None:
    found = [json.loads(line) for line in lines("json")]
    assert [line["level"] for line in found] == ["INFO", "WARNING", "WARNING", "ERROR"]
    assert all({"at", "run", "level", "logger", "message"} <= set(line) for line in found)
    assert {line["run"] for line in found} == {"run-7"}
    assert found[0]["rows"] == 3
    assert "Traceback" in found[-1]["message"]
