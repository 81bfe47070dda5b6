"""The page as a file: self-contained, escaped, its figures' numbers right."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from dfsrt.base.errors import InputError, OutputError
from dfsrt.report.page import Figure, Page, Section, Table, Tile, write_page
from dfsrt.report.page.envelope import BINS, DETAIL_ROWS, Envelope
from dfsrt.report.page.page import MOST_ROWS, page_html
from dfsrt.report.page.parts import energy_tree, transitions
from dfsrt.report.page.run import run_page
from dfsrt.report.schema import Transitions
from dfsrt.run.api import Job

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\"'"


class Links(HTMLParser):
    """Collects everything that a browser would fetch, and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.scripts = 0
        self.images = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.scripts += tag == "script"
        self.images += tag == "img"
        for key in ("src", "srcset", "data", "poster"):
            if found.get(key):
                self.fetched.append(str(found[key]))
        if tag == "link":
            self.fetched.append(str(found.get("href")))


def page_of(name: str = "all is well", **changes) -> Page:
    figure = Figure(
        "one", name, name, [{"type": "bar", "x": [name], "y": [np.float64(1.5)]}],
        table=Table(("<what", "n"), [(name, "1")]),
    )  # fmt: skip
    fields = {
        "title": name,
        "what": name,
        "tiles": [Tile(name, name, name)],
        "sections": [Section(name, name, [figure], [Table(("<a",), [(name,)], name)])],
    }
    return Page(**(fields | changes))


def seen(html: str) -> Links:
    links = Links()
    links.feed(html)
    return links


def plots(html: str) -> dict:
    text = re.search(r'<script type="application/json" id="plots">(.*?)</script>', html, re.S)
    assert text is not None
    return json.loads(text[1])


def test_a_page_asks_the_network_for_nothing() -> None:
    html = page_html(page_of())
    assert seen(html).fetched == ["data:,"]
    style = re.search(r"<style>(.*?)</style>", html, re.S)
    assert style is not None
    assert "@import" not in style[1]
    assert "url(" not in style[1]


def test_whatever_a_network_is_called_stays_text() -> None:
    found = seen(page_html(page_of(EVIL)))
    assert found.scripts == 3  # the data, the library and our own
    assert found.images == 0
    assert plots(page_html(page_of(EVIL)))["one"]["data"][0]["x"] == [EVIL]


def test_what_is_not_finite_is_null_for_the_browser() -> None:
    figure = Figure("one", "t", "s", [{"y": np.array([1.0, np.inf, np.nan])}])
    html = page_html(page_of(sections=[Section("s", "", [figure])]))
    assert plots(html)["one"]["data"][0]["y"] == [1.0, None, None]


def test_every_figure_has_words_and_every_table_heads() -> None:
    html = page_html(page_of("a name"))
    assert 'role="img" aria-label="a name. a name"' in html
    assert '<th scope="col" class="left">what</th>' in html
    assert '<html lang="en">' in html
    assert "<noscript>" in html


def test_a_long_table_says_what_it_leaves_out() -> None:
    table = Table(("n",), [(str(k),) for k in range(MOST_ROWS + 7)])
    html = page_html(page_of(sections=[Section("s", tables=[table])]))
    assert "7 more rows are not shown here" in html


def test_a_page_is_called_html_and_its_folder_is_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"name it like 'report\.html'"):
        write_page(page_of(), tmp_path / "report.pdf")
    with pytest.raises(OutputError):
        write_page(page_of(), tmp_path / "nowhere" / "report.html")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def done():
    return Job("squeezenet", frames=3, cap="0.8W").run("dfs")


def test_the_run_pages_clocks_are_the_logs(done) -> None:
    page = run_page(done.report, done.log)
    shown = plots(page_html(page))["clocks"]["data"][0]
    rows = done.log.last_frame
    np.testing.assert_allclose(shown["y"], done.log.freq_hz[rows] * 1e-6)
    assert len(shown["text"]) == len(rows)


def test_an_envelope_holds_all_energy_and_the_highest_layer(done) -> None:
    envelope, log = Envelope(), done.log
    envelope.add(log)
    assert envelope.energy_j.sum() == pytest.approx(log.domain_energy_j().sum(), rel=1e-9)
    assert envelope.peak_w.max() == pytest.approx(log.power_w.max())
    assert envelope.time_s[-1] == pytest.approx(log.until_ns * 1e-9)
    assert len(envelope.energy_j) <= BINS
    assert envelope.whole_in_detail == (len(log.times) < DETAIL_ROWS)
    np.testing.assert_allclose(envelope.detail.power_w, log.power_w[:DETAIL_ROWS])


def test_an_envelope_is_the_same_whatever_the_pieces(done) -> None:
    from dfsrt.run.kept import rows_of

    whole, parts_ = Envelope(), Envelope()
    whole.add(done.log)
    for first in range(0, len(done.log.times), 37):
        rows = np.arange(first, min(first + 37, len(done.log.times)))
        parts_.add(rows_of(done.log, rows))
    np.testing.assert_allclose(parts_.energy_j, whole.energy_j, rtol=1e-6, atol=1e-15)
    np.testing.assert_allclose(parts_.peak_w, whole.peak_w)


def test_an_energy_tree_shows_parts_that_add_up() -> None:
    figure = energy_tree("all", {"a": 3.0, "b": {"x": 1.0, "y": 2.0}, "none": 0.0})
    data = figure.data[0]
    assert data["ids"] == ["all", "a", "b", "b/x", "b/y"]
    assert sum(data["values"]) == 6.0
    assert figure.table is not None
    assert [row[2] for row in figure.table.rows] == ["50.0%", "50.0%"]


def test_clock_changes_leave_out_staying_and_there_is_no_figure_without_any() -> None:
    found = Transitions(3, 0, 1e-6, [[5, 2], [1, 7]])
    figure = transitions("dfs", found, (100_000_000, 200_000_000))
    assert figure is not None
    assert figure.table is not None
    assert [row[2] for row in figure.table.rows] == ["2", "1"]
    still = Transitions(0, 0, 0.0, [[5, 0], [0, 7]])
    assert transitions("performance", still, (1, 2)) is None
