"""The built site: every link of every page leads somewhere, and nothing comes from outside."""

from __future__ import annotations

import os
import re

import pytest

from tests.helpers.built_site import SITE, WHY, pages

if not SITE.exists() and os.environ.get("CI"):
    pytest.fail(WHY)
pytestmark = pytest.mark.skipif(not SITE.exists(), reason=WHY)
OUTSIDE = re.compile(r"(?:https?:)?//|mailto:")


def test_every_link_leads_to_a_page_and_to_a_place_on_it():
    dead = {
        (page.path.relative_to(SITE).as_posix(), link)
        for page in pages()
        for link in page.links
        if not OUTSIDE.match(link) and page.leads_nowhere(link)
    }
    assert len(pages()) > 150
    assert dead == set()


def test_all_that_pages_load_is_on_the_site():
    for page in pages():
        asked = [what for what in page.loaded if not what.startswith("data:")]
        assert asked
        assert not [what for what in asked if OUTSIDE.match(what)], page.path
        assert not [what for what in asked if page.leads_nowhere(what)], page.path


def test_no_python_and_no_folder_of_data_is_on_the_site():
    kinds = {path.suffix for path in SITE.rglob("*") if path.is_file()}
    assert not kinds & {".py", ".pyc", ".md", ".parquet"}


def test_no_markdown_is_left_over_in_what_people_read():
    for page in pages():
        prose = re.sub(r"<(code|pre|script|title|nav)\b.*?</\1>", "", page.text, flags=re.DOTALL)
        prose = re.sub(r"<[^>]*>", "", prose)
        left = re.findall(r"^#{1,6} .*|```.*|\]\([\w./#-]+\)|^\|.*\|$|^::: .*", prose, re.MULTILINE)
        assert not left, (page.path, left[:3])
