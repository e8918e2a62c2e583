"""A page as files: one that needs nothing else, and its pictures."""

import shutil
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from housing_spark.errors import ConfigurationError
from housing_spark.pages.parts import Page
from housing_spark.pages.theme import read_part, standing_alone

FILE, PLOTS = "index.html", "plots"


def write_page(page: Page, folder: Path) -> Path:
    """Write ``index.html`` and ``plots/*.svg`` into an empty folder; returns the page."""
    plots = folder / PLOTS
    plots.mkdir(parents=True)
    for picture in (picture for section in page.sections for picture in section.pictures):
        (plots / f"{picture.name}.svg").write_text(standing_alone(picture.svg), encoding="utf-8")
    file = folder / FILE
    file.write_text(_render(page), encoding="utf-8")
    return file


def put_in_place(made: Path, folder: Path) -> Path:
    """Copy a page's folder to where readers find it, whole or not at all; a page that is there is replaced.

    Raises:
        ConfigurationError: Something else is in that folder.
    """
    if folder.exists() and (not folder.is_dir() or {path.name for path in folder.iterdir()} - {FILE, PLOTS}):
        raise ConfigurationError("E-CLI-005", f"{folder}: holds other files; give a folder of its own")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(made, partial)
    shutil.rmtree(folder, ignore_errors=True)
    return partial.rename(folder)


def _render(page: Page) -> str:
    """The page: text from data is escaped, pictures are part of it."""
    loader = FunctionLoader(read_part)
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return templates.get_template("page.html.j2").render(page=page)
