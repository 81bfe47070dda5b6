"""All pages of the reference, by their place on the site."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from docs.site import api, commands, decisions, exits, keys, plugins, reports

GROUPS: tuple[tuple[str, Callable[[], object], Callable[[str], str]], ...] = (
    ("commands", commands.command_names, commands.command_text),
    ("keys", lambda: keys.FILES, keys.keys_text),
    ("reports", lambda: reports.SCHEMAS, reports.report_text),
    ("plugins", lambda: plugins.SHELVES, plugins.plugins_text),
    ("api", lambda: api.MODULES, api.api_text),
)
"""Folders of the reference, the names of their pages, and what makes each."""
SINGLE: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands.index_text,
    "reference/files.md": keys.index_text,
    "reference/reports.md": reports.index_text,
    "reference/api/units.md": api.units_text,
    "reference/exit_codes.md": exits.exits_text,
    "decisions/index.md": decisions.decisions_text,
}


def made_pages() -> Iterator[tuple[str, str]]:
    """Yield each page that is made from the code, with its place."""
    for folder, names, text in GROUPS:
        for name in names():  # type: ignore[attr-defined]
            yield f"reference/{folder}/{name}.md", text(name)
    for place, single in SINGLE.items():
        yield place, single()
