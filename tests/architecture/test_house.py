"""The house keeps its shape: size of files and functions, one session, no hidden actions, one list of stages."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from housing_spark.notebooks import read_cells
from housing_spark.pipeline import STAGES
from housing_spark.serving import load_questions
from tests.architecture.collecting import COLLECTING

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
CODE = sorted((ROOT / "housing_spark").rglob("*.py"))
ROOMS = (
    "sources",
    "tables",
    "quality",
    "expectations",
    "profiling",
    "cleaning",
    "features",
    "leakage",
    "training",
    "registry",
    "scoring",
    "evaluation",
    "serving",
    "explanation",
)
MAX_LINES, MAX_BODY = 200, 25

ACTIONS = {"collect", "toPandas", "toArrow", "toLocalIterator", "first", "head", "take", "show", "display", "foreach"}
FORBIDDEN = {"rand", "randn", "randomSplit", "monotonically_increasing_id", "udf", "dropna", "dropDuplicates"}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


@pytest.mark.parametrize("path", [*CODE, *sorted((ROOT / "tests").rglob("*.py"))], ids=str)
def test_a_file_is_short(path: Path) -> None:
    limit = MAX_LINES if "housing_spark" in path.parts[-3:] or path in CODE else 2 * MAX_LINES
    assert len(path.read_text().splitlines()) <= limit


@pytest.mark.parametrize("path", CODE, ids=str)
def test_a_function_is_short(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= MAX_BODY, f"{node.name}: {lines} lines"


def test_one_place_builds_a_session() -> None:
    places = [path.name for path in CODE if "SparkSession.builder" in path.read_text()]
    assert places == ["session.py"]


@pytest.mark.parametrize("path", CODE, ids=str)
def test_actions_stand_only_where_they_are_allowed(path: Path) -> None:
    name = path.relative_to(ROOT / "housing_spark").as_posix()
    found = {call for call, _ in calls(path)}
    assert not found & FORBIDDEN
    if name not in COLLECTING:
        assert not found & ACTIONS


@pytest.mark.parametrize("path", CODE, ids=str)
def test_joins_say_how(path: Path) -> None:
    for name, call in calls(path):
        if name == "join" and any(keyword.arg == "on" for keyword in call.keywords):
            assert any(keyword.arg == "how" for keyword in call.keywords)


@pytest.mark.parametrize("path", CODE, ids=str)
def test_columns_are_not_added_in_a_loop(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.For | ast.While):
            assert not {getattr(n.func, "attr", "") for n in ast.walk(node) if isinstance(n, ast.Call)} & {"withColumn"}


@pytest.mark.parametrize("path", CODE, ids=str)
def test_rooms_are_entered_by_their_door(path: Path) -> None:
    room = path.relative_to(ROOT / "housing_spark").parts[0]
    inner = re.findall(r"from housing_spark\.(\w+)\.(\w+) import", path.read_text())
    assert not [(other, file) for other, file in inner if other in ROOMS and other != room]


def test_every_file_that_is_not_python_is_in_the_wheel() -> None:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    package = ROOT / "housing_spark"
    packed = {
        path for name, globs in data.items() for glob in globs for path in (ROOT / name.replace(".", "/")).glob(glob)
    }
    others = {
        path
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".py" and path.parent.name != "__pycache__"
    }
    assert others == packed


def test_questions_are_asked_listed_and_documented() -> None:
    documented = (ROOT / "docs" / "sql.md").read_text()
    for question in load_questions():
        assert question.asks.endswith("?")
        assert f"| `{question.name}` | {question.asks} |" in documented


def test_jobs_stages_and_readme_agree() -> None:
    names = [name for name, _ in STAGES]
    jobs = {path.stem for path in (ROOT / "jobs").glob("*.py")}
    assert jobs == {*names, "pipeline"}
    for path in (ROOT / "jobs").glob("*.py"):
        assert len(path.read_text().splitlines()) <= 15
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    assert table[: len(names)] == names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_defines_nothing_and_opens_with_its_parameters(path: Path) -> None:
    cells = read_cells(path)
    assert cells[0].language == "md"
    assert cells[0].text.lstrip().startswith("# ")
    header = ast.parse(cells[1].text).body
    assert all(ast.unparse(line).startswith("dbutils.widgets.") for line in header)
    assert not any(cell.widgets - cells[1].widgets for cell in cells)
    for cell in cells:
        if cell.language == "python":
            nodes = ast.walk(ast.parse(cell.text))
            assert not [
                n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
            ]
    assert len(path.read_text().splitlines()) <= MAX_LINES


def test_a_suppression_has_a_reason() -> None:
    for path in [*CODE, *(ROOT / "jobs").glob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "setup.py"]:
        for line in path.read_text().splitlines():
            if re.search(r"# (noqa|type: ignore)", line) and path != Path(__file__):
                assert re.search(r"(noqa: [A-Z0-9, ]+|ignore\[[\w, -]+\])  # \w", line), f"{path.name}: {line.strip()}"


def test_nothing_names_a_machine_or_a_registry() -> None:
    texts = [
        p
        for p in ROOT.rglob("*")
        if p.suffix in {".py", ".md", ".yaml", ".toml", ".lock", ".conf"}
        and not {".venv", ".cluster", "dist", "build"} & set(p.relative_to(ROOT).parts)
    ]
    for path in texts:
        assert not re.search(r"https?://[^ )\"]*/(simple|maven2|packages)/", path.read_text()), path
