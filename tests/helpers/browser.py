"""A headless Chromium that opens a page from a file and sees what a reader would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCREENSHOTS = Path(__file__).parents[2] / "out" / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRAWN_MS = 20_000
DRAWN = "html[data-drawn=yes]"
"""What a report's page has once its figures are drawn."""


@dataclass
class Seen:
    """A page that is open, and what it complained about or asked the network for."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def shoot(self, name: str, **options: Any) -> None:
        """Keep a screenshot for people, where they ask for it with DFSRT_SCREENSHOTS=1."""
        if not os.environ.get("DFSRT_SCREENSHOTS"):
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", **options)


@contextmanager
def launched() -> Iterator[Any]:
    """A browser, for one page after the other."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Any, path: Path, until: str = DRAWN, **surroundings: Any) -> Iterator[Seen]:
    """Open the page at ``path`` as for a new reader and wait for what ``until`` selects."""
    context = browser.new_context(**surroundings)
    page = context.new_page()
    seen = Seen(page)
    page.on("console", lambda m: m.type in ("error", "warning") and seen.errors.append(m.text))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda r: seen.requests.append(r.url))
    try:
        page.goto(path.as_uri())
        page.wait_for_selector(until, timeout=DRAWN_MS, state="attached")
        yield seen
    finally:
        context.close()
