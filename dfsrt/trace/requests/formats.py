"""Which kind of log of requests a file is, and the reader for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.recording.source import read_head
from dfsrt.trace.requests import mooncake
from dfsrt.trace.requests.rows import RequestRows, Said
from dfsrt.trace.requests.table import AZURE, BURSTGPT, column_names, read_table

TABLES = {"azure": AZURE, "burstgpt": BURSTGPT}
FORMATS = {
    "azure": "Azure's LLM inference traces (Microsoft, CC-BY 4.0)",
    "burstgpt": "BurstGPT (CC-BY 4.0)",
    "mooncake": "Mooncake's traces (Apache-2.0)",
}
"""Formats, and the public logs that have them, with their licences."""


def format_of(path: Path) -> str:
    """Return the format that the beginning of the file at ``path`` shows.

    Raises:
        InputError: it is none that can be read.
    """
    head = read_head(path)
    if mooncake.looks_like(head):
        return "mooncake"
    names = column_names(head)
    for kind, table in TABLES.items():
        if table.fits(names):
            return kind
    raise InputError(
        f"'{path}' begins like none of: {', '.join(FORMATS)}; if it is one, name it with --format"
    )


def read_requests(path: Path, kind: str, said: Said) -> Iterator[RequestRows]:
    """Yield the requests of the log at ``path``, some at a time; ``said`` is told what it lacks.

    Raises:
        InputError: an unknown format, a file that cannot be read, or less that can be read in it
            than cannot.
    """
    if kind not in FORMATS:
        raise InputError(unknown_name("format", kind, ("auto", *FORMATS)))
    found = (
        mooncake.read(path, said) if kind == "mooncake" else read_table(path, TABLES[kind], said)
    )
    good = 0
    for rows in found:
        good += len(rows.time_ns)
        yield rows
    read = good + said.failed
    if said.damaged.count > read:
        raise InputError(
            f"'{path}', {said.damaged.first}; {said.damaged.count:,} of "
            f"{read + said.damaged.count:,} rows are so: that is no log of format {kind}"
        )
