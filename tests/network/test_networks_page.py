"""Every number of docs/networks.md is what the graphs say now."""

from __future__ import annotations

from docs import networks, real_networks
from docs.generate import DOCS, filled


def test_the_page_shows_what_the_graphs_say():
    text = (DOCS / "networks.md").read_text()
    assert filled(text, networks.parts()) == text


def test_the_page_of_real_networks_shows_what_the_table_holds():
    text = (DOCS / "real_networks.md").read_text()
    assert filled(text, real_networks.parts()) == text
