"""How pictures look: drawn by matplotlib without global state, as SVG whose colours the page's style sheet decides.

A colour is drawn as a stand-in and written as ``var(--name)``, so that one picture serves light and dark.
"""

import io
import re
from collections.abc import Callable
from html import escape
from importlib.resources import files
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_NAMES = ("ink", "muted", "line", "soft", "first", "second", "third", *(f"heat{step}" for step in range(1, 7)))
COLOR = {name: f"#0a00{place:02x}" for place, name in enumerate(_NAMES, 1)}
HEAT = tuple(COLOR[f"heat{step}"] for step in range(1, 7))
WIDTH, HEIGHT = 4.7, 3.1
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "housing",
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "font.size": 9,
    "text.color": COLOR["ink"],
    "axes.labelcolor": COLOR["muted"],
    "axes.edgecolor": COLOR["line"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": COLOR["line"],
    "grid.linewidth": 0.5,
    "xtick.color": COLOR["line"],
    "ytick.color": COLOR["line"],
    "xtick.labelcolor": COLOR["muted"],
    "ytick.labelcolor": COLOR["muted"],
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "path.simplify": True,
}


def draw(name: str, label: str, paint: Callable[[Axes], None], *, height: float = HEIGHT) -> str:
    """A picture as an ``<svg>`` element without addresses, with ids of its own and colours by name.

    Args:
        name: Names the picture; its ids begin with it.
        label: What it shows, for those who cannot see it.
        paint: Draws on empty axes.
        height: Inches; the width is the same for all.
    """
    text = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        paint(figure.subplots())
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(text, format="svg", transparent=True, metadata=nothing)
    return _as_part(text.getvalue(), name, label)


def standing_alone(svg: str) -> str:
    """A picture as a file of its own, which carries the style sheet."""
    return svg.replace(">", f"><style>{read_part('theme.css')}</style>", 1)


def read_part(name: str) -> str:
    """A file that lies beside this one, also in a wheel or a zip."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _as_part(document: str, name: str, label: str) -> str:
    svg = document[document.index("<svg") :]
    svg = re.sub(r' width="[^"]*" height="[^"]*"', "", svg, count=1)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\1{name}-", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: var(--font)", svg)
    svg = re.sub(r"#0a00([0-9a-f]{2})", lambda found: f"var(--{_NAMES[int(found[1], 16) - 1]})", svg)
    svg = re.sub(r"\s*\n\s*", " ", svg).strip()
    return svg.replace("<svg", f'<svg class="picture" role="img" aria-label="{escape(label)}"', 1)
