"""The page of an invented model: what it says, what it must never contain, and what a browser shows of it."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from housing_spark.evaluation import report
from housing_spark.evaluation.report.answers import answers
from housing_spark.evaluation.report.level_section import level_section
from housing_spark.evaluation.report.sections import sections
from housing_spark.evaluation.report.study_section import SCHEMES, study_section, study_table
from housing_spark.evaluation.report.words import wilson
from housing_spark.pages import write_page
from housing_spark.pages.words import amount, percent, short_amount
from tests.browser import look_at, needs_browser
from tests.evaluation.report_facts import HOSTILE, invented_errors, invented_facts, invented_studies

ADDRESS = re.compile(r"""(?<!xmlns=")(?<!xmlns:xlink=")https?://|(?:src|href)=["'](?!#)|url\((?!#)|@import""")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(report.report_page(invented_facts()), tmp_path_factory.mktemp("report") / "made")


def test_figures_in_words() -> None:
    assert percent(0.0661) == "6.6\N{NO-BREAK SPACE}%"
    assert amount(163_456.0, "USD") == "163,000\N{NO-BREAK SPACE}USD"
    assert (amount(0.1234), amount(0.0), amount(-1_234.0)) == ("0.123", "0", "-1,230")
    assert (short_amount(1_250_000), short_amount(98_000), short_amount(7)) == ("1.25M", "98k", "7")
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)


def test_the_first_screen_answers_three_questions() -> None:
    typical, worst, trust = answers(invented_facts())
    assert typical.figure == f"{percent(0.0661)}, or {amount(0.0661 * 163_000, 'USD')}"
    assert worst.figure.endswith(percent(0.11))
    assert "540,000" not in worst.words
    assert f"held {percent(0.915)} of 600" in trust.words
    without = answers(invented_facts(segments=()))[1]
    assert without.figure == f"500,000 to 550,000\N{NO-BREAK SPACE}USD: {percent(0.069)}"


@pytest.mark.parametrize(("inside", "verdict"), [(54, "Yes"), (42, "Not everywhere"), (0, "No")])
def test_the_range_is_trusted_only_where_it_holds(inside: int, verdict: str) -> None:
    assert answers(invented_facts(errors=invented_errors(inside)))[2].figure == verdict


def test_every_level_of_the_range_and_the_confidence_are_told(page: Path) -> None:
    text = page.read_text()
    assert text.index(f">{percent(0.5, 0)}</td>") < text.index(f">{percent(0.975)}</td>")
    assert f">{percent(0.97)}</td>" in text
    assert f"Confidence says that {percent(0.64)} of these prices" in text


def test_the_ratio_study_names_its_bounds_and_what_is_not_met() -> None:
    section = level_section(invented_facts())
    met = {row[0]: row[3] for row in section.tables[0].rows}
    assert met == {"median ratio": "yes", "COD": "yes", "PRD": "no", "PRB": "yes"}
    assert "1 of 2 segments are priced above or below" in section.words
    assert f"{percent(0.12)} above" in section.words
    assert "Errors of neighbours go together by place: Moran's I is 0.08 (least squares: 0.41)" in section.words
    assert [row[1] for row in section.tables[1].rows] == [HOSTILE, "b"]


def test_alike_priced_homes_are_told_so_and_what_was_not_measured_is_left_out() -> None:
    even = {"median_ratio": 1.0, "cod": 4.0, "prd": 1.0, "prb": 0.0}
    section = level_section(invented_facts(figures=even, segments=(), tenths=()))
    assert [row[3] for row in section.tables[0].rows] == ["yes", "better", "yes", "yes"]
    assert section.pictures == ()
    assert "Moran" not in section.words
    wide = level_section(invented_facts(max_lean=0.2))
    assert "No segment of 2 is priced above or below" in wide.words


def test_how_the_range_holds_as_time_goes_on_is_told(page: Path) -> None:
    text = page.read_text()
    assert f"It is {percent(0.07)} wider than older sales ask for" in text
    assert text.index(f">{percent(0.91)}</td>") < text.index(f">{percent(0.85)}</td>")
    timeless = sections(invented_facts(quarters=(), widened=1.0))
    ranged = next(one for one in timeless if one.title == "May I trust the range?")
    assert "wider" not in ranged.words
    assert "As time goes on" not in [table.caption for table in ranged.tables]


def test_a_page_is_whole_small_and_without_addresses(page: Path) -> None:
    text = page.read_text()
    assert not ADDRESS.findall(text)
    assert ADDRESS.findall('<img src="x.png">')
    assert ADDRESS.findall("see http://example.org")
    assert len(text.encode()) < 1_000_000
    pictures = re.findall(r'data-picture="(\w+)"', text)
    assert set(pictures) == {path.stem for path in (page.parent / "plots").glob("*.svg")}
    assert len(pictures) == 12
    assert len(re.findall(r'<svg class="picture" role="img" aria-label="\w', text)) == 12
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_names_from_data_are_text(page: Path) -> None:
    text = page.read_text()
    assert HOSTILE not in text
    assert "<script" not in text
    assert "$x$" in text


def test_a_picture_is_a_file_of_its_own(page: Path) -> None:
    for path in (page.parent / "plots").glob("*.svg"):
        picture = ET.fromstring(path.read_text())  # noqa: S314  # written by the test's own page
        assert picture.tag.endswith("svg")
        assert not ADDRESS.findall(path.read_text())
        assert "--first:" in path.read_text()


def test_what_does_not_apply_is_said_not_drawn(tmp_path: Path) -> None:
    whole = invented_facts()
    linear = vars(whole.inside) | {"curve": {}}
    bare = invented_facts(
        duel=None, segments=(), label_cap=None, inside=type(whole.inside)(**linear),
        errors=type(whole.errors)(**(vars(whole.errors) | {"grid": None, "cells": ()})),
    )  # fmt: skip
    page = write_page(report.report_page(bare), tmp_path / "bare")
    text = page.read_text()
    drawn = set(re.findall(r'data-picture="(\w+)"', text))
    assert not drawn & {"learning_curve", "error_map", "segments"}
    assert "A learning curve is drawn for boosted trees only" in text
    assert "No other model was champion" in text


SCREENS = {
    "laptop": (1366, 625, "rgb(255,255,255)", ()),
    "dark": (1366, 625, "rgb(18,23,29)", ("--blink-settings=preferredColorScheme=0",)),
    "phone": (390, 760, "rgb(255,255,255)", ()),
}


@needs_browser
@pytest.mark.parametrize("screen", SCREENS)
def test_every_picture_is_visible_and_the_answers_are_on_the_first_screen(page: Path, screen: str) -> None:
    width, height, ground, flags = SCREENS[screen]
    seen = look_at(page, width, height, *flags)
    assert len(seen.pictures) == 12
    assert not seen.hidden
    assert seen.ground == ground
    assert seen.blocked == []
    assert len(seen.answers) == 3
    assert max(seen.answers) <= height
    assert seen.width <= width


@needs_browser
def test_a_picture_that_does_not_show_is_found(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    start = text.index('data-picture="coverage"')
    broken = tmp_path / "broken.html"
    broken.write_text(text[:start] + text[start:].replace("<path", "<lost", 10_000))
    assert "coverage" in look_at(broken, 1366, 625).hidden
    linked = tmp_path / "linked.html"
    linked.write_text(text.replace("</main>", "<img src='http://example.org/x.png'></main>"))
    assert look_at(linked, 1366, 625).blocked == ["http://example.org/x.png"]


def test_studies_are_told_where_there_are_any() -> None:
    assert study_section(invented_facts()) is None
    section = study_section(invented_facts(studies=invented_studies()))
    assert [picture.name for picture in section.pictures] == ["rows_curve", "ablation"]
    gap = f"An honest RMSE in a new neighbourhood is {percent(0.23)} higher than on a random split"
    assert f"{gap} (95 % confidence: +{percent(0.11)} to +{percent(0.36)})." in section.words
    by_chance = f"for later sales is {percent(0.02)} lower than on a random split (95 % confidence: {percent(-0.08)} to"
    assert f"{by_chance} +{percent(0.04)}, so it may be chance)." in section.words
    assert [row[0] for row in section.tables[0].rows] == list(SCHEMES.values())
    assert [row[-1] for row in section.tables[0].rows] == ["", percent(-0.02), f"+{percent(0.23)}"]
    header, rows = study_table("ablation", invented_studies()["ablation"])
    assert header[-2] == "all features gain"
    assert rows[1][header.index("Moran's I")] == "0.12"
    assert rows[1][-1] == f"+{percent(0.11)} to +{percent(0.36)}"
    alone = {"ablation": invented_studies()["ablation"][:1]}
    assert study_section(invented_facts(studies=alone)).pictures == ()
