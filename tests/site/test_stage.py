"""What the site is built from: every page in one place, and links that lead somewhere."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

import pytest

from docs.site.markdown import anchor, plain, table
from docs.site.nav import nav_of
from docs.site.pages import made_pages
from docs.site.relink import ROOT, Staged, settled
from docs.site.stage import ranked, texts, written_pages

PAGE = ROOT / "docs" / "how_it_works.md"
STAGED = Staged(
    {
        ROOT / "README.md": "index.md",
        ROOT / "docs" / "battery.md": "battery.md",
        ROOT / "docs" / "figures" / "levers.svg": "figures/levers.svg",
    }.get
)
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"(?<!\\)\]\(([^()\s]+)\)")


@cache
def site() -> tuple[dict[str, str], dict[Path, str]]:
    linked: dict[Path, str] = {}
    return texts(linked), linked


def led_to(own: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(own), target.partition("#")[0]))


def pages_in(nav: list[object]) -> list[str]:
    found = []
    for entry in nav:
        for held in entry.values() if isinstance(entry, dict) else [entry]:
            found += pages_in(held) if isinstance(held, list) else [held]
    return found


def test_every_link_leads_to_a_page_or_a_file_of_the_site():
    pages, linked = site()
    there = {*pages, *linked.values()} | {
        p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs/schema").glob("*.json")
    }
    dead = [
        (own, target)
        for own, text in pages.items()
        for target in _TARGET.findall(_CODE.sub("", text))
        if not re.match(r"https?:|#", target) and led_to(own, target) not in there
    ]
    assert dead == []


def test_every_link_within_a_made_page_leads_to_a_heading_that_stands_there_once():
    pages, _ = site()
    for own in made_pages():
        text = _CODE.sub("", pages[own])
        headings = re.findall(r"^#+ .+ \{ #([\w-]+) \}$", text, re.MULTILINE)
        targets = {t[1:] for t in _TARGET.findall(text) if t.startswith("#")}
        assert targets <= set(headings), own
        assert all(headings.count(target) == 1 for target in targets), own


def test_every_page_of_docs_and_of_the_reference_stands_in_the_navigation_once():
    pages, _ = site()
    own = {p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").glob("*.md")}
    assert {*own, "index.md", "contributing.md", *made_pages()} <= set(pages)
    assert sorted(pages_in(nav_of(pages))) == sorted(pages)


def test_python_and_folders_stay_outside():
    pages, linked = site()
    assert {Path(place).suffix for place in linked.values()} <= {
        ".svg", ".png", ".json", ".csv", ".txt", ".toml", ".log"
    }  # fmt: skip
    assert {Path(place).suffix for place in pages} == {".md"}


def test_a_page_that_is_not_there_is_left_out_of_the_navigation():
    order = [{"Start": ["index.md", {"Five minutes": "start.md"}]}, {"Guides": ["battery.md"]}]
    assert nav_of(["index.md"], order) == [{"Start": ["index.md"]}]
    assert nav_of(["index.md", "start.md"], order) == [
        {"Start": ["index.md", {"Five minutes": "start.md"}]}
    ]


def test_a_page_that_nobody_has_put_anywhere_comes_last():
    order = [{"Reference": ["commands.md", "commands/*"]}]
    pages = ["new.md", "commands/run.md", "commands.md"]
    assert nav_of(pages, order) == [
        {"Reference": ["commands.md", "commands/run.md"]},
        {"More": ["new.md"]},
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[life](battery.md#life)", "[life](battery.md#life)"),
        ("[start](../README.md)", "[start](index.md)"),
        ("![levers](figures/levers.svg)", "[![levers](figures/levers.svg)](figures/levers.svg)"),
        ("[the loop](../dfsrt/run/advance.py)", "the loop (`dfsrt/run/advance.py`)"),
        ("`[x](nowhere.md)`", "`[x](nowhere.md)`"),
        ("```text\n[x](nowhere.md)\n```", "```text\n[x](nowhere.md)\n```"),
        ("[here](#there) and [out](https://x.org)", "[here](#there) and [out](https://x.org)"),
    ],
)
def test_links_of_the_checkout_become_links_of_the_site(written, shown):
    assert STAGED.relinked(written, PAGE, "how_it_works.md") == shown


def test_links_from_a_folder_lead_out_of_it():
    source = ROOT / "docs" / "decisions" / "0019-one-loop.md"
    assert (
        STAGED.relinked("[life](../battery.md)", source, "decisions/0019-one-loop.md")
        == "[life](../battery.md)"
    )


def test_a_link_to_nothing_ends_the_build_and_is_named():
    with pytest.raises(SystemExit, match=r"how_it_works.md links to nowhere.md"):
        STAGED.relinked("[x](nowhere.md)", PAGE, "how_it_works.md")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Text:\n- one\n- two\n", "Text:\n\n- one\n- two\n"),
        ("- one\n  more\n- two\n", "- one\n  more\n- two\n"),
        ("Text:\n| a |\n|---|\n", "Text:\n\n| a |\n|---|\n"),
        ("```toml points\na = 1\n```", "```toml\na = 1\n```"),
        ('```toml title="pen.toml"\na = 1\n```', '```toml title="pen.toml"\na = 1\n```'),
        ("```text\nText:\n- one\n```", "```text\nText:\n- one\n```"),
        ("<!-- made -->\n- one\n<!-- /made -->\n", "\n- one\n\n"),
        ("- [NEW] [a](b.md)\n", "- **NEW** [a](b.md)\n"),
    ],
)
def test_markdown_is_settled_for_the_sites_reader(written, shown):
    assert settled(written) == shown


def test_texts_that_are_no_markdown_are_shown_as_they_are():
    assert plain("a_b *c* <d> [e] ``f_g``") == r"a\_b \*c\* \<d\> \[e\] `f_g`"
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    assert anchor("cap_changes[]") == "cap_changes"


def test_written_pages_are_those_of_docs_and_those_beside_it():
    places = written_pages()
    assert places[ROOT / "README.md"] == "index.md"
    assert places[ROOT / "docs" / "decisions" / "0019-one-loop.md"].startswith("decisions/")


def test_a_search_lists_how_before_why():
    behind = "---\nsearch:\n  boost: 0.001\n---\n# Pruning\n"
    assert ranked("# Pruning\n", "optimize.md") == "# Pruning\n"
    assert ranked("# Pruning\n", "decisions/0064-pruning.md") == behind
    assert ranked("# Pruning\n", "changelog.md") == behind
