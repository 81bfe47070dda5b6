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
from dfsrt.report.page.page import MOST_ROWS, page_html

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
