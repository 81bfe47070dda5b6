"""Logs line by line: lines that are no use are left out, counted and said."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from dfsrt.base.errors import InputError
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.source import as_text, opened

MAX_LINE = 65_536
"""Longest line that is read, in characters."""
MAX_LINES = 50_000_000
GIVE_UP_AFTER = 20_000
"""Lost lines after which a log is looked at: with fewer good ones it is not read to its end."""


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line of the file at ``path`` with its number, from 1 on.

    Raises:
        InputError: it cannot be read, has more than ``MAX_LINES``, or its first line is longer
            than ``MAX_LINE``; the end of a later one is left out.
    """
    with opened(path) as packed, as_text(packed, "") as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE and line[-1] not in "\r\n":
                _pass_over(file, path, number)
            if number > MAX_LINES:
                raise InputError(f"'{path}' has more than {MAX_LINES:,} lines; cut it")
            yield number, line.rstrip("\r\n")


def _pass_over(file: TextIO, path: Path, number: int) -> None:
    """Go to the end of a line that is too long: it is none of a log, but the next ones may be."""
    if number == 1:
        raise InputError(f"'{path}', line 1: more than {MAX_LINE:,} characters; give a log")
    while (piece := file.readline(MAX_LINE)) and piece[-1] not in "\r\n":
        pass


class BadLines(LeftOut):
    """Lines of a log of ``tool`` that were left out: how many, and the first of them."""

    def __init__(self, path: Path, tool: str) -> None:
        super().__init__("lines")
        self._path, self._tool, self._last = path, tool, 0

    def on(self, number: int, reason: object) -> None:
        """Count the line ``number``, which has or is ``reason``; a line counts once."""
        if number != self._last:
            self.add(f"line {number}", reason)
        self._last = number

    def lost(self, number: int, reason: object, good: int) -> None:
        """Count the line ``number``, of which nothing is read; ``good`` lines were.

        Raises:
            InputError: so many are lost that the log is none of this tool, or damaged beyond use.
        """
        self.on(number, reason)
        if self.count % GIVE_UP_AFTER == 0:
            self.check(good)

    def check(self, good: int) -> None:
        """Check that there are samples: a log with more bad lines than good ones is another tool's.

        Raises:
            InputError: no good line, or more bad ones.
        """
        if self.count > good:
            raise InputError(
                f"'{self._path}', {self.first}; {self.count} of {good + self.count} lines are so: "
                f"record it again with {self._tool}"
            )
        if not good:
            raise InputError(f"'{self._path}' holds no sample; record it again with {self._tool}")


def out_of_order(times: Sequence[int]) -> dict[str, str]:
    """Return what a recording tells of times before the one above; they are sorted."""
    count = sum(after < before for before, after in pairwise(times))
    return {"rows out of order": str(count)} if count else {}


def csv_rows(
    lines: Iterator[tuple[int, str]], delimiter: str, bad: BadLines
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of cells with the number of its line; empty ones and comments are none."""
    for number, line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        try:
            yield number, next(csv.reader([line], delimiter=delimiter))
        except csv.Error as reason:
            bad.on(number, reason)
