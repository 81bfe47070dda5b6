"""Measurements of devlib and Workload Automation: CSV with a header of ``<site>_<kind>``."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.collect import Collector
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import check_file, printable

MAX_LINE = 65_536
"""Longest line that is read, in characters."""
TIME_KINDS = {"time": 10**9, "time_ms": 10**6, "time_us": 10**3, "time_ns": 1}
"""Nanoseconds in one unit of each kind of time column."""
MAX_TIME_NS = 2**62
"""Latest time that is read, about 146 years: times of day since 1970 fit."""
UNITS = {
    "power": "W",
    "voltage": "V",
    "current": "A",
    "energy": "J",
    "temperature": "degC",
    "percent": "%",
    "count": "",
    "fps": "Hz",
    "frames": "",
    "tx": "B",
    "rx": "B",
    "tx/rx": "B",
}
"""Units of the kinds; all are SI as they stand."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and kind; ``kind`` is ``unknown`` where the header names none."""

    name: str
    kind: str

    @property
    def unit(self) -> str:
        """SI symbol, or nothing."""
        return UNITS.get(self.kind, "")


def columns_of(header: str) -> tuple[Column, ...]:
    """Return the columns that a header line names."""
    names = next(csv.reader([header]), [])
    return tuple(Column(name.strip(), _kind(name.strip())) for name in names)


def _kind(name: str) -> str:
    # The longer kind first: 'x_time_us' ends in no '_time', but 'tx/rx' ends in 'rx'.
    for kind in sorted((*TIME_KINDS, *UNITS), key=len, reverse=True):
        if name == kind or name.endswith(f"_{kind}"):
            return kind
    return "unknown"


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with ``head`` has such a header, time included."""
    header = head.split(b"\n", 1)[0].decode("utf-8", "replace").lstrip("\ufeff").rstrip("\r")
    try:
        kinds = [column.kind for column in columns_of(header)]
    except csv.Error:
        return False
    return any(k in TIME_KINDS for k in kinds) and any(k in UNITS for k in kinds)


def read(path: Path) -> Recording:
    """Return the measurements at ``path`` as counters, row by row, from the first row's time.

    Columns of no known kind are counters without a unit; an empty cell is no sample.

    Raises:
        InputError: no header of ``<site>_<kind>``, no or two time columns, a row of another
            width, a value that is no finite number, or time that runs backwards.
    """
    check_file(path)
    collector, lines = Collector(), _lines(path)
    columns = columns_of(next(lines, "").lstrip("\ufeff"))
    when = _time_column(path, columns)
    first_ns, last_ns = 0, -math.inf
    for number, row in enumerate(_rows(path, lines), start=2):
        if not row:
            continue
        if len(row) != len(columns):
            raise _bad(path, number, f"{len(row)} values under {len(columns)} columns")
        time_ns = _time_ns(path, number, columns[when], row[when])
        if time_ns < last_ns:
            raise _bad(path, number, "a time before that of the row above; sort the rows")
        first_ns = time_ns if last_ns == -math.inf else first_ns
        last_ns = time_ns
        for index, (column, cell) in enumerate(zip(columns, row, strict=True)):
            if index != when and cell.strip():
                value = _number(path, number, column, cell)
                collector.add_sample(column.name, column.unit, time_ns - first_ns, value)
    if not len(collector):
        raise InputError(f"'{path}' has a header but no measurement under it; record it again")
    return collector.recording({"format": "devlib", "time column": columns[when].name})


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            number = 0
            while line := file.readline(MAX_LINE):
                number += 1
                if len(line) == MAX_LINE:
                    raise _bad(path, number, f"more than {MAX_LINE:,} characters; give a CSV file")
                yield line
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; give a readable file") from error


def _rows(path: Path, lines: Iterator[str]) -> Iterator[list[str]]:
    reader = csv.reader(lines)
    try:
        yield from reader
    except csv.Error as error:
        raise _bad(path, reader.line_num + 1, f"{error}; give a CSV file") from error


def _time_column(path: Path, columns: tuple[Column, ...]) -> int:
    times = [i for i, column in enumerate(columns) if column.kind in TIME_KINDS]
    if len(times) != 1:
        names = ", ".join(f"'{printable(column.name)}'" for column in columns[:5]) or "no columns"
        raise InputError(
            f"'{path}' has {len(times)} time columns among {names}; its first line must name one "
            f"ending in {', '.join(TIME_KINDS)}, and values like 'npu_power'"
        )
    return times[0]


def _time_ns(path: Path, line: int, column: Column, cell: str) -> int:
    """Return whole nanoseconds, exactly: a float is too coarse for times since 1970."""
    try:
        time_ns = Decimal(cell.strip()) * TIME_KINDS[column.kind]
        if abs(time_ns) < MAX_TIME_NS:
            return round(time_ns)
    except DecimalException:
        pass
    raise _bad(
        path,
        line,
        f"'{printable(cell)}' in column '{printable(column.name)}' is no time within "
        f"{MAX_TIME_NS // 10**9:,} seconds of zero",
    )


def _number(path: Path, line: int, column: Column, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e18:
        raise _bad(
            path,
            line,
            f"'{printable(cell)}' in column '{printable(column.name)}' is no finite number",
        )
    return value


def _bad(path: Path, line: int, what: str) -> InputError:
    return InputError(f"'{path}', line {line}: {what}")
