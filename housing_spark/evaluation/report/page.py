"""The report as files: one page that needs nothing else, and its pictures."""

from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from housing_spark.evaluation.report.answers import answers, headline
from housing_spark.evaluation.report.facts import Facts
from housing_spark.evaluation.report.sections import Section, sections
from housing_spark.evaluation.report.theme import read_part, standing_alone

PAGE = "index.html"


def write_report(facts: Facts, folder: Path) -> Path:
    """Write ``index.html`` and ``plots/*.svg`` into an empty folder; returns the page."""
    made = sections(facts)
    plots = folder / "plots"
    plots.mkdir(parents=True)
    for picture in (picture for section in made for picture in section.pictures):
        (plots / f"{picture.name}.svg").write_text(standing_alone(picture.svg), encoding="utf-8")
    page = folder / PAGE
    page.write_text(render(facts, made), encoding="utf-8")
    return page


def render(facts: Facts, made: tuple[Section, ...]) -> str:
    """The page: text from data is escaped, pictures are part of it."""
    loader = FunctionLoader(read_part)
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = templates.get_template("page.html.j2")
    return template.render(facts=facts, headline=headline(facts), answers=answers(facts), sections=made)
