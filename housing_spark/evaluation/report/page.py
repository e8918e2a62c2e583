"""The report of a model as a page."""

from housing_spark.evaluation.report.answers import answers, headline
from housing_spark.evaluation.report.facts import Facts
from housing_spark.evaluation.report.sections import sections
from housing_spark.pages import Page


def report_page(facts: Facts) -> Page:
    """The page that tells these facts."""
    title = f"{facts.dataset}: price model, version {facts.version}"
    return Page(title, headline(facts), answers(facts), facts.description, sections(facts), facts.made)
