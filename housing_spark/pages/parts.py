"""What a page is made of, as plain values."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.axes import Axes

from housing_spark.pages.theme import HEIGHT, draw


@dataclass(frozen=True)
class Answer:
    """A reader's question and what was measured; ``tone`` is good, fair, poor or plain."""

    question: str
    figure: str
    words: str
    tone: str


@dataclass(frozen=True)
class FactTable:
    """A table of the page; ``is_folded`` shows it only when it is asked for."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_folded: bool = False


@dataclass(frozen=True)
class Picture:
    """A drawn picture: its name is that of its file."""

    name: str
    svg: str
    title: str
    caption: str

    @classmethod
    def drawn(
        cls, name: str, title: str, caption: str, paint: Callable[[Axes], None], height: float = HEIGHT
    ) -> "Picture":
        """A picture of what ``paint`` draws on empty axes."""
        return cls(name, draw(name, f"{title}. {caption}", paint, height=height), title, caption)


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    anchor: str
    title: str
    words: str
    pictures: tuple[Picture, ...] = ()
    tables: tuple[FactTable, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page: what it is about, the first screen's answers, and its sections in order."""

    title: str
    headline: str
    answers: tuple[Answer, ...]
    about: str
    sections: tuple[Section, ...]
    made: str
