"""The list of decisions: each record by its number, its title and how it begins."""

from __future__ import annotations

import re
from pathlib import Path

from docs.site.markdown import plain, table

FOLDER = Path(__file__).parents[1] / "decisions"
_TITLE = re.compile(r"^# 0*\d+[ :.]*(.*)$", re.MULTILINE)


def title_of(path: Path) -> tuple[str, str]:
    """Return a record's number and title."""
    found = _TITLE.search(path.read_text("utf-8"))
    if found is None:
        raise SystemExit(f"{path} does not begin with a line like '# 0001 Title'; give it one")
    return path.name[:4], found[1].strip()


def decisions_text() -> str:
    """Return the page that lists all records, the latest first."""
    rows = []
    for path in sorted(FOLDER.glob("*.md"), reverse=True):
        number, title = title_of(path)
        rows.append((number, f"[{plain(title)}]({path.name})"))
    about = "Why things are as they are: a record for each decision, as it stood when it was made."
    return f"# Decisions\n\n{about}\n\n" + table(("record", "decision"), rows)
