"""Every number of docs/networks.md is what the graphs say now."""

from __future__ import annotations

from docs import networks
from docs.generate import DOCS, filled


def test_the_page_shows_what_the_graphs_say():
    text = (DOCS / "networks.md").read_text()
    assert filled(text, networks.parts()) == text
