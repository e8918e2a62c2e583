"""A look at a page in headless Chromium: which pictures show, what fits, and what its policy kept it from loading."""

import html
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=4000", "--window-size=1500,1000",
)  # fmt: skip
_POLICY = "style-src 'unsafe-inline'"
_LOOK = """
<script>
const color = (text) => text.replaceAll(' ', '');
function isSeen(mark, box, ground) {
  const at = mark.getBoundingClientRect(), style = getComputedStyle(mark);
  const isInside = at.left >= box.left - 1 && at.right <= box.right + 1 && at.top >= box.top - 1 && at.bottom <= box.bottom + 1;
  const colors = [style.fill, style.stroke].map(color).filter((one) => one !== 'none' && one !== ground);
  return at.width + at.height > 0 && isInside && style.visibility === 'visible' && colors.length > 0;
}
const blocked = [];
addEventListener('securitypolicyviolation', (event) => blocked.push(event.blockedURI));
addEventListener('load', () => {
  const ground = color(getComputedStyle(document.body).backgroundColor);
  const pictures = Object.fromEntries([...document.querySelectorAll('figure')].map((figure) => {
    const svg = figure.querySelector('svg'), box = svg ? svg.getBoundingClientRect() : {width: 0, height: 0};
    const marks = svg ? [...svg.querySelectorAll('path,use')].filter((mark) => isSeen(mark, box, ground)).length : 0;
    const words = svg ? [...svg.querySelectorAll('text')].filter((mark) => isSeen(mark, box, ground)).length : 0;
    return [figure.dataset.picture, {width: box.width, height: box.height, marks, words}];
  }));
  parent.postMessage({
    pictures, ground, blocked,
    answers: [...document.querySelectorAll('.answer')].map((one) => one.getBoundingClientRect().bottom),
    width: document.documentElement.scrollWidth,
  }, '*');
});
</script>
"""  # noqa: E501  # a line of JavaScript


@dataclass(frozen=True)
class Seen:
    """What a reader sees."""

    pictures: dict[str, dict[str, float]]
    ground: str
    blocked: list[str]
    answers: list[float]
    width: float

    @property
    def hidden(self) -> list[str]:
        """Pictures that are too small to read, or that show no marks or no words."""
        return [
            name
            for name, one in self.pictures.items()
            if one["width"] < 250 or one["height"] < 120 or one["marks"] < 3 or one["words"] < 3
        ]


def look_at(page: Path, width: int, height: int, *flags: str) -> Seen:
    """Load a page from its file, in a frame of this size, with no way to any network."""
    with tempfile.TemporaryDirectory() as folder:
        text = page.read_text()
        assert _POLICY in text
        watched = text.replace(_POLICY, f"{_POLICY}; script-src 'unsafe-inline'").replace("<title>", f"{_LOOK}<title>")
        (Path(folder) / "page.html").write_text(watched)
        frame = (
            "<body><pre id=seen></pre><script>onmessage = (m) => seen.append(JSON.stringify(m.data));</script>"
            f"<iframe src=page.html style='border:0;width:{width}px;height:{height}px'></iframe>"
        )
        (Path(folder) / "frame.html").write_text(frame)
        command = [str(CHROMIUM), *_FLAGS, *flags, f"--user-data-dir={folder}/profile", "--dump-dom"]
        done = subprocess.run(
            [*command, f"file://{folder}/frame.html"], capture_output=True, text=True, timeout=120, check=True
        )
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, flags=re.DOTALL)
    assert found
    assert found[1], "the page's script did not run"
    return Seen(**json.loads(html.unescape(found[1])))
