"""Power logs in CSV: of INA219, INA226 and INA3221 boards, of hwmon files, of loggers like them.

The first line names the columns with their units: ``timestamp,power1_input`` in the kernel's own
units, ``time_ms,bus_voltage_v,current_ma``, ``Time (s);Power (mW)``. Where a rail has a voltage and
a current and no power, their product is its power.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, DecimalException
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.collect import Collector
from dfsrt.recording.lines import BadLines, csv_rows, out_of_order, text_lines
from dfsrt.recording.power_columns import UNITS, PowerColumn, power_column
from dfsrt.recording.recording import Recording

TOOL = "a logger that names its units"
MAX_VALUE = 1e15
_EPOCHS = ((10**17, 1), (10**14, 10**3), (10**11, 10**6), (10**8, 10**9))
"""Least count of a time since 1970 in a unit, and that unit's nanoseconds: the years from 1973."""
_DELIMITERS = ";\t,"
_VALUE = re.compile(r"([-+.\d]{1,40}) ?([A-Za-z]{1,4})")
_FRACTION = re.compile(r"(?<=:\d\d)[.,](\d+)")


@dataclass(frozen=True, slots=True)
class _Header:
    """The columns, which are the time (or date and time), and pairs whose product is a power."""

    columns: tuple[PowerColumn, ...]
    times: tuple[int, ...]
    pairs: tuple[tuple[str, int, int], ...]
    delimiter: str


def looks_like(head: bytes, sure: bool) -> bool:
    """Whether a file that begins with ``head`` is such a log.

    ``sure``: it names a power's unit; else a time and the name of a power are enough.
    """
    first = head.decode("utf-8-sig", "replace").split("\n", 1)[0].rstrip("\r")
    try:
        columns = _columns(first)
    except csv.Error:
        return False
    units = {column.unit for column in columns}
    if "W" in units or {"V", "A"} <= units:
        return True
    if sure or "s" not in units:
        return False
    return bool({"V", "A", "J"} & units) or any(column.fault for column in columns)


def read(path: Path, interval_ns: int | None = None) -> Recording:
    """Return the log at ``path`` as counters in SI units, from the earliest row's time.

    ``interval_ns`` lies between two rows where no column is a time.

    Raises:
        InputError: no header with units, more rows that are broken than others, neither times nor
            an interval, or both.
    """
    lines = text_lines(path)
    header = _header(path, next(lines, (1, ""))[1])
    _check_interval(path, header, interval_ns)
    clock = header.columns[header.times[-1]] if header.times else None
    bad, collector = BadLines(path, TOOL), Collector()
    times: list[int] = []
    for row, (number, cells) in enumerate(csv_rows(lines, header.delimiter, bad)):
        try:
            if len(cells) != len(header.columns):
                raise ValueError(f"{len(cells)} values under {len(header.columns)} columns")
            stamp = " ".join(cells[n] for n in header.times)
            time_ns = _time_ns(clock, stamp) if clock else row * (interval_ns or 0)
        except ValueError as reason:
            bad.lost(number, reason, len(times))
            continue
        values = _values(header, cells, number, bad)
        times += [time_ns] if values else []
        for track, unit, value in values:
            collector.add_sample(track, unit, time_ns, value)
    bad.check(len(times))
    about = {"format": "power"} | bad.about() | out_of_order(times)
    if clock and clock.per == 0:
        about["times"] = f"'{clock.name}' names no unit; dates, since 1970, or else seconds"
    if unknown := [column.name for column in header.columns if column.fault]:
        about["columns left out, of no known unit"] = ", ".join(unknown)
    return collector.recording(about, min(times))


def _check_interval(path: Path, header: _Header, interval_ns: int | None) -> None:
    if header.times and interval_ns is not None:
        raise InputError(f"'{path}' has times of its own; leave --interval out")
    if not header.times and interval_ns is None:
        raise InputError(
            f"'{path}' has no column of times, like 'time_s'; add one, or give --interval '100 ms'"
        )


def _columns(line: str) -> tuple[PowerColumn, ...]:
    cells = next(csv.reader([line], delimiter=_delimiter(line)), [])
    return tuple(power_column(cell) for cell in cells)


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=lambda d: (line.count(d), d == ","))


def _header(path: Path, line: str) -> _Header:
    try:
        columns = _columns(line)
    except csv.Error as error:
        raise InputError(f"'{path}' begins with no CSV header ({error})") from error
    times = [n for n, column in enumerate(columns) if column.unit == "s"]
    pairs = tuple(_pairs(columns))
    if not (pairs or any(column.unit in ("W", "J") for column in columns)):
        fault = next((column.fault for column in columns if column.fault), "no such columns")
        raise InputError(
            f"'{path}' is no power log: its first line must name a time and a power, or a voltage "
            f"and a current, with units, like 'time_s,power_mw': {fault}"
        )
    if times and columns[times[0]].fault:
        raise InputError(f"'{path}' has {columns[times[0]].fault}")
    by_day = [columns[n].name.lower() for n in times[:2]] == ["date", "time"]
    return _Header(columns, tuple(times[: 2 if by_day else 1]), pairs, _delimiter(line))


def _pairs(columns: tuple[PowerColumn, ...]) -> Iterator[tuple[str, int, int]]:
    """Name, voltage and current of each rail without a power of its own."""
    powers = {column.stem for column in columns if column.unit == "W"}
    volts: dict[str, int] = {}
    for n, column in enumerate(columns):
        if column.unit == "V" and not column.is_shunt:
            volts.setdefault(column.stem, n)
    for n, column in enumerate(columns):
        if column.unit == "A" and column.stem not in powers and column.stem in volts:
            yield column.rail, volts[column.stem], n


def _values(
    header: _Header, cells: list[str], number: int, bad: BadLines
) -> list[tuple[str, str, float]]:
    """Track, unit and value of each cell that holds one, and of each product; count bad cells."""
    values: list[float | None] = []
    for column, cell in zip(header.columns, cells, strict=True):
        try:
            is_empty = column.unit in ("", "s") or not cell.strip()
            values.append(None if is_empty else _number(column, cell))
        except ValueError as reason:
            values.append(None)
            bad.on(number, reason)
    out = [
        (column.name, column.unit, value)
        for column, value in zip(header.columns, values, strict=True)
        if value is not None
    ]
    for name, volts, amperes in header.pairs:
        v, a = values[volts], values[amperes]
        if v is not None and a is not None:
            out.append((name, "W", v * a))
    return out


def _number(column: PowerColumn, cell: str) -> float:
    """A cell's value in SI units; nvidia-smi and others put the head's unit behind it, too."""
    match = _VALUE.fullmatch(cell.strip())
    if match is not None and UNITS.get(match[2].lower()) == (column.unit, column.per):
        cell = match[1]
    try:
        value = float(cell) / column.per
    except ValueError:
        value = math.nan
    if not abs(value) <= MAX_VALUE:
        raise ValueError(f"'{cell.strip()[:40]!s}' in column '{column.name}' is no finite number")
    return value


def _time_ns(column: PowerColumn, cell: str) -> int:
    """Whole nanoseconds from a number or a date; without a unit by its size, else seconds."""
    cell = cell.strip()
    try:
        number = Decimal(cell)
        per = column.per or next((ns for least, ns in _EPOCHS if abs(number) >= least), 10**9)
        time_ns = number * Decimal(int(per))
        if abs(time_ns) < 2**62:
            return round(time_ns)
    except (DecimalException, ValueError):
        if column.per == 0 and (when := _date(cell)) is not None:
            return when
    raise ValueError(f"'{cell[:40]}' in column '{column.name}' is no time")


def _date(cell: str) -> int | None:
    """Nanoseconds since 1970 of a date, with all digits of its fraction."""
    fraction = _FRACTION.search(cell)
    digits = fraction[1][:9] if fraction else ""
    try:
        when = datetime.fromisoformat(_FRACTION.sub("", cell).replace("/", "-"))
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 10**9 + int(digits.ljust(9, "0"))
