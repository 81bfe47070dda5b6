"""An error as one line that any terminal can show."""

from __future__ import annotations

import re

import typer

from dfsrt.base.shown import shown

MOST_QUOTED = 200
"""Characters of what is quoted that a line shows; of more, both ends."""
MOST = 3000
_QUOTED = re.compile(rf"'([^']{{{MOST_QUOTED},}})'")


def said_line(text: str) -> str:
    """Return ``text`` as one line: long quotations cut, characters that steer terminals escaped."""
    line = " ".join(text.split())
    line = _QUOTED.sub(lambda match: f"'{_cut(match[1], MOST_QUOTED)}'", line)
    return _cut(shown(line), MOST)


def tell(text: str) -> None:
    """Print a line of text on standard output."""
    typer.echo(shown(text))


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}... {len(text) - 2 * half:,} characters ...{text[-half:]}"
