"""Measurements of devlib and Workload Automation: CSV with a header of ``<site>_<kind>``."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.collect import Collector
from dfsrt.recording.lines import BadLines, csv_rows, out_of_order, text_lines
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import printable

TOOL = "devlib"
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
    """Return the measurements at ``path`` as counters, sorted, from the earliest row's time.

    Columns of no known kind are counters without a unit; an empty cell is no sample. Rows and
    cells that are broken are left out and counted.

    Raises:
        InputError: no header of ``<site>_<kind>``, no or two time columns, or more rows that are
            broken than others.
    """
    lines = text_lines(path)
    columns = columns_of(next(lines, (1, ""))[1])
    when, collector, bad = _time_column(path, columns), Collector(), BadLines(path, TOOL)
    times: list[int] = []
    for number, row in csv_rows(lines, ",", bad):
        try:
            if len(row) != len(columns):
                raise ValueError(f"{len(row)} values under {len(columns)} columns")
            time_ns = _time_ns(columns[when], row[when])
        except ValueError as reason:
            bad.lost(number, reason, len(times))
            continue
        before = len(collector)
        for column, cell in zip(columns, row, strict=True):
            if column is columns[when] or not cell.strip():
                continue
            try:
                value = _number(column, cell)
            except ValueError as reason:
                bad.on(number, reason)
            else:
                collector.add_sample(column.name, column.unit, time_ns, value)
        if len(collector) > before:
            times.append(time_ns)
    if not times and not bad.count:
        raise InputError(f"'{path}' has a header but no measurement under it; record it again")
    bad.check(len(times))
    about = {"format": "devlib", "time column": columns[when].name, **bad.about()}
    return collector.recording(about | out_of_order(times), min(times))


def _time_column(path: Path, columns: tuple[Column, ...]) -> int:
    times = [i for i, column in enumerate(columns) if column.kind in TIME_KINDS]
    if len(times) != 1:
        names = ", ".join(f"'{printable(column.name)}'" for column in columns[:5]) or "no columns"
        raise InputError(
            f"'{path}' has {len(times)} time columns among {names}; its first line must name one "
            f"ending in {', '.join(TIME_KINDS)}, and values like 'npu_power'"
        )
    return times[0]


def _time_ns(column: Column, cell: str) -> int:
    """Whole nanoseconds, exactly: a float is too coarse for times since 1970."""
    try:
        time_ns = Decimal(cell.strip()) * TIME_KINDS[column.kind]
        if abs(time_ns) < MAX_TIME_NS:
            return round(time_ns)
    except DecimalException:
        pass
    raise ValueError(
        f"'{printable(cell)}' in column '{printable(column.name)}' is no time within "
        f"{MAX_TIME_NS // 10**9:,} seconds of zero"
    )


def _number(column: Column, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e18:
        raise ValueError(
            f"'{printable(cell)}' in column '{printable(column.name)}' is no finite number"
        )
    return value
