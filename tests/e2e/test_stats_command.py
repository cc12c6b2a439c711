"""`foretype stats`: the ledger as tables, as JSON, as a page that needs nothing but a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.e2e.test_cli import assert_refused, foretype

from foretype.model.reason import Reason
from foretype.model.registry import Registry
from foretype.server.ledger import FILE_NAME, Fate, Ledger, Outcome

DAY = 86_400


@pytest.fixture
def ledger(registry: Registry) -> Path:
    """Return the data directory's ledger, with something of today and of ten days ago."""
    now = int(time.time())
    path = registry.root / FILE_NAME
    for when in (now - 10 * DAY, now):
        book = Ledger(path, lambda when=when: when)  # type: ignore[misc]  # bound at once
        for how in Fate:
            taken = 10 if how in (Fate.ACCEPTED, Fate.WORD, Fate.LINE) else 0
            token = book.record(Outcome(when, "python", 10, taken, max(taken - 1, 0), how, 0.6, right=taken > 0))
            book.retained(token, 30, 1.0)
        book.typed(50, "python")
        book.latency(12.0, "python")
        book.silence(Reason.BELOW_EAGERNESS, "python")
        book.close()
    return path


class _Page(HTMLParser):
    """Collect the elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_terminal_gets_plain_tables(ledger: Path) -> None:
    result = foretype("stats")
    assert result.returncode == 0, result.stderr
    assert ledger.exists()
    for title in ("Languages", "Days, the newest first", "What became of them", "Silences", "Confidence"):
        assert title in result.stdout
    row = r"^python +10 +60\.0% +100 +54 +33\.8% +100\.0% +- +1[12]\.\d +1[12]\.\d +1[12]\.\d$"
    assert re.search(row, result.stdout, re.MULTILINE)
    assert re.search(r"^below_eagerness +2$", result.stdout, re.MULTILINE)
    assert "\x1b" not in result.stdout


def test_json_is_one_object_and_nothing_else(ledger: Path) -> None:
    result = foretype("stats", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert set(report) == {"since", "empty", "total", "languages", "days"}
    assert report["total"]["fates"] == {fate.value: 2 for fate in Fate}
    assert report["total"] == report["languages"]["python"]
    assert sum(day["saved"] for day in report["days"].values()) == report["total"]["saved"] == 54
    assert report["total"]["calibration"][0]["observed"] == 0.6
    assert ledger.exists()


def test_days_limits_every_form_to_the_last_ones(ledger: Path) -> None:
    assert len(json.loads(foretype("stats", "--json").stdout)["days"]) == 2
    report = json.loads(foretype("stats", "--json", "--days", "3").stdout)
    assert len(report["days"]) == 1
    assert report["total"]["typed"] == 50
    assert ledger.exists()


def test_the_page_is_whole_and_reaches_for_nothing(ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "statistics.html"
    result = foretype("stats", "--html", file)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{file} written\n"
    text = file.read_text(encoding="utf-8")
    page = _Page(text)
    assert page.open == []
    assert page.tags.count("svg") == 5
    assert page.tags.count("table") == 5
    assert not {"script", "link", "img", "iframe", "image", "use"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "xlink:href")]
    assert "//" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert [path.name for path in file.parent.iterdir()] == ["statistics.html"]
    assert ledger.exists()


def test_a_page_and_json_can_be_had_at_once(ledger: Path, tmp_path: Path) -> None:
    result = foretype("stats", "--json", "--html", tmp_path / "page.html")
    assert json.loads(result.stdout)["total"]["shown"] == 10
    assert (tmp_path / "page.html").exists()
    assert ledger.exists()


def test_an_empty_ledger_says_so_in_one_line_in_every_form(registry: Registry, tmp_path: Path) -> None:
    plain = foretype("stats")
    assert (plain.returncode, plain.stdout.count("\n")) == (0, 1)
    assert "nothing is recorded" in plain.stdout
    report = foretype("stats", "--json")
    assert (report.returncode, report.stdout.count("\n")) == (0, 1)
    assert json.loads(report.stdout)["empty"] is True
    page = foretype("stats", "--html", tmp_path / "page.html")
    assert (page.returncode, page.stdout.count("\n")) == (0, 1)
    assert "nothing is recorded" in page.stdout
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "nothing is recorded" in text
    assert _Page(text).open == []
    assert not registry.root.exists()


def test_reset_forgets_everything(ledger: Path) -> None:
    result = foretype("stats", "--reset")
    assert (result.returncode, result.stdout) == (0, "the ledger is empty\n")
    assert json.loads(foretype("stats", "--json").stdout)["empty"] is True
    assert json.loads(foretype("stats", "--reset", "--json").stdout) == {"reset": True}
    assert ledger.exists()


def test_what_cannot_be_done_is_one_line(ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_refused(foretype("stats", "--html", tmp_path / "file" / "page.html"), "page.html", "could not be written")
    assert_refused(foretype("stats", "--reset", "--days", "3"), "--reset", "--days")
    assert_refused(foretype("stats", "--days", "0"), "--days")
    ledger.write_bytes(b"no database" * 1000)
    assert_refused(foretype("stats"), "ledger.sqlite", "foretype stats --reset")


def test_only_the_page_pays_for_the_library_that_draws(ledger: Path) -> None:
    program = """
import sys
from foretype.server.commands import stats
stats.command(["--json"], standalone_mode=False)
assert "leather" not in sys.modules and "foretype.server.statistics_charts" not in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0
    assert ledger.exists()


def test_a_server_does_not_load_sqlite_before_there_is_something_to_record() -> None:
    program = "import sys, foretype.server.ledger; assert 'sqlite3' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
