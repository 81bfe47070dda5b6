"""Finding the tables of layers in what rknn-toolkit2 and its runtime print, and their rows."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field

NOTHING = "\\"
"""What stands in a cell that holds nothing."""
_PREFIX = re.compile(r"^[\s|>]*(?:.{0,60}?\b[VDIWE] ?RKNN\w*\s*:\s*)?(?:\[[\d:. ]+\]\s*)?")
_HEADER = re.compile(r"ID\s+Op\s?Type\s")
_CSV_HEADER = re.compile(r'"?ID"?\s*,\s*"?Op\s?Type')
_CSV_ROW = re.compile(r'"?(?:ID|\d+)"?\s*,')
_HEAD = re.compile(
    r"(?:DDR|NPU|CPU|GPU|Total|Max) ?Cycles\b|Task (?:Number|Size)|Lut Number|Regcmd Size"
    r"|(?:Op|Data) Type|(?:Input|Output) Shape|Full Name|\S+"
)
_ROW = re.compile(r"\d+\s+[A-Za-z_]")
_TOTAL = re.compile(
    r"Total Operator Elapsed (?:Per Frame )?Time\s*(\([^()]*\))[\s\",:]*([^\s\",]*)"
)


@dataclass(slots=True)
class RknnTable:
    """Lines of one table, each row with the number of its first one, and its stated total.

    ``ended`` says whether the total's line has an end, ``is_csv`` whether commas were between.
    """

    heads: tuple[str, ...]
    rows: list[tuple[int, str]] = field(default_factory=list)
    total: tuple[str, str] | None = None
    ended: bool = True
    is_csv: bool = False

    def add(self, number: int, line: str) -> None:
        """Take a line: a row, or the rest of one."""
        if self.rows and self._lacks(line):
            first, text = self.rows[-1]
            self.rows[-1] = (first, f"{text} {line}")
        elif _ROW.match(line):
            self.rows.append((number, line))

    def _lacks(self, line: str) -> bool:
        """Whether ``line`` is what the last row lacks, or a part of it that begins no row."""
        lacking = len(self.heads) - len(cells_of(self.rows[-1][1], len(self.heads)))
        words = len(cells_of(line, len(self.heads)))
        return words == lacking or (1 < words < lacking and _ROW.match(line) is None)


def tables_in(text: str) -> list[RknnTable]:
    """Return the tables in a log, those without rows left out."""
    lines = [_PREFIX.sub("", line).strip() for line in (text + "\0").splitlines()]
    tables: list[RknnTable] = []
    is_open = False
    for number, line in enumerate(lines, start=1):
        is_csv = _CSV_HEADER.match(line) is not None
        if is_csv or (is_open and tables[-1].is_csv):
            line = _spaced(line)
        if _HEADER.match(line):
            heads = tuple(head.replace(" ", "") for head in _HEAD.findall(line))
            tables.append(RknnTable(heads, is_csv=is_csv))
            is_open = True
        elif is_open and (match := _TOTAL.search(line)):
            tables[-1].total = (match[1], match[2].rstrip("\0"))
            tables[-1].ended = "\0" not in line
            is_open = False
        elif is_open and re.search(r"\w", line):
            tables[-1].ended = "\0" not in line
            tables[-1].add(number, line.rstrip("\0"))
    return [table for table in tables if table.rows]


def _spaced(line: str) -> str:
    """A row of ``eval_perf.csv`` with spaces in place of the commas between its cells."""
    if not _CSV_ROW.match(line):
        return line
    try:
        cells = next(csv.reader([line]))
    except csv.Error:
        return line
    return " ".join("".join(cell.split()) or NOTHING for cell in cells)


def cells_of(text: str, columns: int) -> list[str]:
    """Return a row's cells, one word each; lists of shapes and loads with a share are mended."""
    if " - Up:" in text:
        text = text.replace(" - Up:", "-Up:")
    if ", " in text:
        text = re.sub(r",\s+(?=[\d(.])", ",", text)
    return text.split(None, columns - 1)
