"""Figures of the campaigns: a row for each reader in ``docs/fuzzing.md``, the others left alone."""

from __future__ import annotations

import platform
import re
from datetime import UTC, datetime

from tests.fuzz.campaign import REPOSITORY, Tally
from tests.fuzz.readers import READERS
from tests.fuzz.trial import LOADED, REFUSED

PAGE = REPOSITORY / "docs" / "fuzzing.md"
BEGIN, END = "<!-- begin: figures -->", "<!-- end: figures -->"
HEAD = (
    "| reader | inputs | seed | loaded | refused | failed | date | machine |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


def write_figures(tally: Tally) -> None:
    """Put the row of a reader in place of its last one."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_row(page, tally), encoding="utf-8")


def with_row(page: str, tally: Tally) -> str:
    """Return the page with the reader's row."""
    before, _, rest = page.partition(BEGIN)
    table, _, after = rest.partition(END)
    rows = {m[1]: m[0] for m in re.finditer(r"^\| ([a-z0-9-]+) \|.*\d.*\|$", table, re.MULTILINE)}
    rows[tally.reader] = _row(tally)
    ordered = "\n".join(rows[name] for name in READERS if name in rows)
    return f"{before}{BEGIN}\n{HEAD}{ordered}\n{END}{after}"


def _row(tally: Tally) -> str:
    words, today = tally.words, datetime.now(UTC).date().isoformat()
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    cells = (tally.reader, f"{tally.inputs:,}", tally.seed, f"{words[LOADED]:,}",
             f"{words[REFUSED]:,}", f"{tally.failed:,}", today, machine)  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"
