"""The order of the questions is that of their files' contents, whatever the process hashes strings with."""

import os
import subprocess
import sys

from housing_spark.serving import load_questions

PROGRAM = "from housing_spark.serving import load_questions; print(*[question.name for question in load_questions()])"


def names(hash_seed: int) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_every_process_has_the_questions_in_the_same_order() -> None:
    assert names(1) == names(8) != ""


def test_a_question_comes_after_those_that_it_reads() -> None:
    seen: set[str] = set()
    questions = load_questions()
    for question in questions:
        assert question.reads & {other.name for other in questions} <= seen
        seen.add(question.name)
