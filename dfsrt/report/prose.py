"""Prose among tables: lines that end where a terminal does, and notes by number."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.console import Console

from dfsrt.base.shown import shown

PIPED = 100
"""Characters of a line of prose where no terminal tells its width."""
LEAST = 40
"""A terminal narrower than this cuts words elsewhere; prose goes on."""


def prose_width(console: Console) -> int:
    """Return how many characters a line of prose may take."""
    return max(console.width, LEAST) if console.is_terminal else PIPED


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Return ``text`` in lines of ``width`` characters at most; no word is cut.

    ``first`` leads the first line, ``rest`` all others: spaces as wide as it, where not given.
    """
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def write_lines(console: Console, lines: Sequence[str]) -> None:
    """Write lines as they are: no word is cut and nothing is read as markup."""
    for line in lines:
        console.print(shown(line), soft_wrap=True, markup=False)


class Notes:
    """Texts by number, from 1; a text that is said twice keeps its number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> str:
        """Return the number of ``text``, as a table's cell."""
        return str(self._numbers.setdefault(text, len(self._numbers) + 1))

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in the order of their numbers."""
        return tuple(self._numbers)

    def lines(self, width: int) -> list[str]:
        """Return the notes in lines of ``width``, each behind its number."""
        return [
            line
            for number, text in enumerate(self.texts, 1)
            for line in wrapped(text, width, f"{number:>3}  ")
        ]
