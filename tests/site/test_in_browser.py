"""The built site in a real, headless Chromium, from a file: quiet, searchable, light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.helpers.browser import CHROMIUM, launched, opened
from tests.helpers.built_site import SITE, WHY, pages

NO_CHROMIUM = "no chromium on the path; install Debian's package 'chromium'"
if os.environ.get("CI") and (CHROMIUM is None or not SITE.exists()):
    pytest.fail(NO_CHROMIUM if CHROMIUM is None else WHY)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
    pytest.mark.skipif(not SITE.exists(), reason=WHY),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.xdist_group("browser"),
]
pytest.importorskip("playwright", reason="playwright is not installed")

BODY = "article.md-content__inner"
SOME = ["truth", "reference/keys/device", "reference/api/dfsrt"]
WIDE, NARROW = {"width": 1300, "height": 1000}, {"width": 400, "height": 900}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with ExitStack() as stack:
        yield stack.enter_context(launched())


@pytest.fixture(scope="module")
def home(browser: Any) -> Iterator[Any]:
    light = {"viewport": WIDE, "color_scheme": "light"}
    with opened(browser, SITE / "index.html", BODY, **light) as seen:
        yield seen


def look(browser: Any, name: str, **surroundings: Any) -> None:
    with opened(browser, SITE / f"{name}.html", BODY, **surroundings) as seen:
        assert seen.errors == []
        assert all(url.startswith(("file:", "data:", "blob:")) for url in seen.requests)
        assert seen.page.evaluate(TOO_WIDE) <= 0, f"{name} is wider than the window"
        seen.shoot(f"site-{name.replace('/', '-')}-{surroundings['viewport']['width']}")


@pytest.mark.parametrize("name", SOME)
def test_a_page_opens_in_silence_asks_nobody_and_fits_a_phone(browser, name):
    look(browser, name, viewport=NARROW)


@pytest.mark.deep
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_page_opens_in_silence_asks_nobody_and_fits_the_window(browser, viewport):
    for page in pages():
        name = page.path.relative_to(SITE).with_suffix("").as_posix()
        look(browser, name, viewport=viewport)


WORDS = {
    "freq_switch_ns": "reference/keys/device.html",
    "schedutil": "reference/plugins/governors.html",
}


def test_search_finds_words_without_a_server(home):
    for word, place in WORDS.items():
        home.page.fill("input.md-search__input", "")
        home.page.type("input.md-search__input", word)
        home.page.wait_for_selector(f".md-search-result__link[href*='{place}']", state="attached")
    home.page.keyboard.press("Escape")
    assert home.errors == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in home.requests)


def ground(page: Any) -> int:
    """How bright the page's ground is, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in colour.strip("rgba()").split(",")[:3]) // 3


def test_a_reader_switches_to_dark(home):
    assert ground(home.page) > 200
    home.page.click("label[title='Switch to dark']")
    assert ground(home.page) < 60


def test_it_is_dark_where_the_reader_likes_it_dark(browser):
    dark = {"viewport": WIDE, "color_scheme": "dark"}
    with opened(browser, SITE / "security.html", BODY, **dark) as seen:
        assert ground(seen.page) < 60
