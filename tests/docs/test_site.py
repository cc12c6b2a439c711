"""The documentation as a site: it builds strictly, and a browser that opens it asks for nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("use", "href")}
"""What a browser fetches without being asked; `link` also names other pages, see `loads`."""


class Loads(HTMLParser):
    """Gather what a page makes a browser load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "link" and named.get("rel") in {"canonical", "next", "prev"}:
            return
        self.found += [value for name, value in attrs if (tag, name) in LOADED and value]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="the extra `docs` is not installed: make setup")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def pages(site: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(site.rglob("*.html")):
        yield path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")


def test_every_page_is_built_and_found_from_the_first_one(site: Path) -> None:
    # mkdocs itself refuses pages outside of the navigation and links that lead nowhere
    made = {name for name, _ in pages(site)} - {"404.html"}
    written = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in ROOT.glob("docs/**/*.md")}
    assert made == written
    first = (site / "index.html").read_text(encoding="utf-8")
    assert [name for name in sorted(made) if f'href="{name}"' not in first and name != "index.html"] == []


def test_a_browser_loads_nothing_from_elsewhere(site: Path) -> None:
    foreign = []
    for name, text in pages(site):
        loads = Loads()
        loads.feed(text)
        foreign += [(name, one) for one in loads.found if re.match(r"(https?:)?//", one)]
    styles = [path for path in site.rglob("*.css") if re.search(r"url\(['\"]?(https?:)?//", path.read_text("utf-8"))]
    assert foreign == []
    assert styles == []


def test_every_picture_is_described(site: Path) -> None:
    bare = [name for name, text in pages(site) for tag in re.findall(r"<img [^>]*>", text) if 'alt="' not in tag]
    assert bare == []
