"""The site as ``make site`` has left it: what its pages link to, and what stands on them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[2]
SITE = ROOT / "out" / "site"
WHY = "out/site is not there; build it with 'make site'"

_HREF = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')
_ID = re.compile(r'\b(?:id|name)="([^"]+)"')
_LOADED = re.compile(r'<(?:script|img|iframe|source)\b[^>]*?\bsrc="([^"]*)"')
_SHEET = re.compile(r'<link\b[^>]*?\bhref="([^"]*)"')


@dataclass(frozen=True)
class Page:
    """A page of the site, by its file."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def ids(self) -> set[str]:
        return set(_ID.findall(self.text))

    @property
    def links(self) -> list[str]:
        return _HREF.findall(self.text)

    @property
    def loaded(self) -> list[str]:
        """What a browser asks for when it opens the page."""
        return _LOADED.findall(self.text) + _SHEET.findall(self.text)

    def leads_nowhere(self, link: str) -> bool:
        """Whether a link within the site has no file, or no such place on its page."""
        path, _, place = link.partition("#")
        file = os.path.normpath(f"{self.path.parent}/{unquote(path)}") if path else str(self.path)
        if file not in files():
            return True
        wanted = bool(place) and file.endswith(".html")
        return wanted and unquote(place) not in page_at(Path(file)).ids


@cache
def files() -> set[str]:
    return {str(path) for path in SITE.rglob("*") if path.is_file()}


@cache
def page_at(path: Path) -> Page:
    return Page(path)


def pages() -> list[Page]:
    """All pages but the one that a server shows where there is none."""
    return [page_at(path) for path in sorted(SITE.rglob("*.html")) if path.name != "404.html"]
