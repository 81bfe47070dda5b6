"""All pages of the reference, by their place on the site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from docs.site import api, commands, decisions, keys, plugins, reports

GROUPS: Mapping[str, tuple[Callable[[], Iterable[str]], Callable[[str], str]]] = {
    "commands": (commands.command_names, commands.command_text),
    "keys": (lambda: keys.FILES, keys.keys_text),
    "reports": (lambda: reports.SCHEMAS, reports.report_text),
    "plugins": (lambda: plugins.SHELVES, plugins.plugins_text),
    "api": (lambda: api.MODULES, api.api_text),
}
"""Folders of the reference: the names of their pages, and what makes each."""
SINGLE: Mapping[str, Callable[[], str]] = {
    "reference/commands.md": commands.index_text,
    "reference/files.md": keys.index_text,
    "reference/reports.md": reports.index_text,
    "reference/api/units.md": api.units_text,
    "decisions/index.md": decisions.decisions_text,
}


def made_pages() -> dict[str, Callable[[], str]]:
    """Return what makes each page that comes from the code, by its place."""
    grouped = {
        f"reference/{folder}/{name}.md": partial(text, name)
        for folder, (names, text) in GROUPS.items()
        for name in names()
    }
    return {**grouped, **SINGLE}
