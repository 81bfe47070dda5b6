"""Logs line by line: lines that are no use are counted and said, too many of them refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.source import check_file

MAX_LINE = 65_536
"""Longest line that is read, in characters."""
LINES_A_BAD_ONE = 100
"""A bad line among so many is left out, and one in a shorter log: its end may be cut off."""


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line of the file at ``path`` with its number, from 1 on.

    Raises:
        InputError: it cannot be read, or has a line longer than ``MAX_LINE``.
    """
    check_file(path)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            number = 0
            while line := file.readline(MAX_LINE):
                number += 1
                if len(line) == MAX_LINE:
                    raise InputError(
                        f"'{path}', line {number}: more than {MAX_LINE:,} characters; give a log"
                    )
                yield number, line.rstrip("\r\n")
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; give a readable file") from error


@dataclass(slots=True)
class BadLines:
    """Lines of a log of ``tool`` that were left out: how many, and the first of them."""

    path: Path
    tool: str
    count: int = 0
    first: str = ""

    def add(self, number: int, what: str) -> None:
        """Count the line ``number``, which has or is ``what``."""
        self.first = self.first or f"line {number}: {what}"
        self.count += 1

    def check(self, good: int) -> None:
        """Check that there are samples, and hardly a line without.

        Raises:
            InputError: none at all, or more bad ones than one among ``LINES_A_BAD_ONE``.
        """
        if self.count > max(1, good // LINES_A_BAD_ONE) or (self.count and not good):
            raise InputError(
                f"'{self.path}', {self.first}; {self.count} of {good + self.count} lines are so: "
                f"record it again with {self.tool}"
            )
        if not good:
            raise InputError(f"'{self.path}' holds no sample; record it again with {self.tool}")

    def about(self) -> dict[str, str]:
        """Return what a recording tells of its source: nothing where no line was left out."""
        return {"lines left out": f"{self.count} ({self.first})"} if self.count else {}
