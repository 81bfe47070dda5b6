"""The CSV that OpenVINO's ``benchmark_app -report_type detailed_counters`` writes.

Source: files of OpenVINO 2019 to 2025: a table for each request, all in one file, with the
columns ``layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)`` and a last row
``Total``. Some builds have microseconds, a column more, or a comma for the semicolon;
``average_counters`` has one table, the mean of them all.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.layer_times.layer_time import LayerTime
from dfsrt.recording.layer_times.rows import (
    BadRowError,
    Profile,
    decoded,
    time_of,
    units_a_second,
)

TOOL = "benchmark_app -report_type detailed_counters"
NAME, STATUS, OP, KERNEL, TIME = "layerName", "execStatus", "layerType", "execType", "realTime"
_HEADER = re.compile(rf'"?{NAME}"?\s*([;,\t])')
_TIDY = 1e-9
"""Seconds that a total may be off for each row: times are rounded to a thousandth of a unit."""

_Row = dict[str, str]
_Key = tuple[str, int]


@dataclass(slots=True)
class _Request:
    """One table: the rows' times by name, and which of that name, and the stated total."""

    heads: tuple[str, ...]
    time: str
    per: float
    rows: dict[_Key, tuple[_Row, float]] = field(default_factory=dict)
    total_s: float | None = None

    def add(self, cells: list[str], names: Counter[str]) -> None:
        """Take a row's cells; ``names`` counts those of its name before it."""
        row = _row(self.heads, cells)
        time_s = time_of(row[self.time], self.per, self.time)
        if row[NAME] == "Total":
            self.total_s = time_s
        else:
            self.rows[row[NAME], names[row[NAME]]] = (row, time_s)
            names[row[NAME]] += 1


def profile(path: Path, data: bytes) -> Profile:
    """Return the layers that ran, each with its mean real time over the requests.

    Raises:
        InputError: no such table, an unknown unit, bad rows, requests of different layers, or a
            table without its total.
    """
    text, out = decoded(path, data, TOOL), Profile(path)
    requests = [request for request in _requests(text, out) if request.rows]
    if not requests and not out.bad:
        raise InputError(f"'{path}' holds no table of layers; give the CSV file of {TOOL}")
    for request in requests:
        if not out.bad and request.rows.keys() != requests[0].rows.keys():
            raise InputError(f"'{path}' has requests of different layers; give one network's file")
    out.rows += _means(requests)
    idle = len(requests[0].rows) - len(out.rows) if requests else 0
    out.about["requests"] = str(len(requests))
    if idle:
        out.notes.append(f"{idle} layers did not run, and are left out")
    out.finish(TOOL)
    for request in requests:
        _check_total(request, out, text.endswith("\n"))
    return out


def _requests(text: str, out: Profile) -> Iterator[_Request]:
    """Yield each table, read to its end; rows that are bad are left out and counted."""
    request: _Request | None = None
    for number, cells in _lines(text, out.path):
        if cells[0] == NAME:
            if request is not None:
                yield _whole(request, out)
            request, names = _table(tuple(cells), out.path), Counter[str]()
            continue
        if request is None:
            continue
        if request.total_s is not None:
            raise InputError(
                f"'{out.path}', line {number}: another table begins without its columns; the file "
                f"is cut short: give all that {TOOL} writes"
            )
        try:
            request.add(cells, names)
        except BadRowError as reason:
            out.leave_out(f"line {number}", reason)
    if request is not None:
        yield _whole(request, out)


def _lines(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    match = _HEADER.search(text)
    if match is None:
        raise InputError(
            f"'{path}' has no line of columns that begins '{NAME};{STATUS};...'; give the CSV file "
            f"of {TOOL}"
        )
    try:
        for number, line in enumerate(csv.reader(text.splitlines(), delimiter=match[1]), start=1):
            cells = [cell.strip() for cell in line]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield number, cells
    except csv.Error as error:
        raise InputError(f"'{path}' is no CSV file of {TOOL} ({error})") from error


def _table(heads: tuple[str, ...], path: Path) -> _Request:
    time = next((head for head in heads if head.startswith(TIME)), None)
    if time is None:
        raise InputError(
            f"'{path}' is of an unknown version: its table has no column {TIME}; those of "
            "OpenVINO 2019 to 2025 are read"
        )
    return _Request(heads, time, units_a_second(time, path))


def _row(heads: tuple[str, ...], cells: list[str]) -> _Row:
    """A row by column. A surplus of cells is of the name, the first, in which one was cut."""
    surplus = len(cells) - len(heads)
    if surplus > 0:
        cells = [";".join(cells[: surplus + 1]), *cells[surplus + 1 :]]
    if surplus < 0:
        raise BadRowError(f"{len(cells)} values under {len(heads)} columns")
    return dict(zip(heads, cells, strict=True))


def _whole(request: _Request, out: Profile) -> _Request:
    if request.total_s is None:
        raise InputError(
            f"'{out.path}' has a table without its last row, Total: it is cut short"
            f"{' (' + out.bad[-1] + ')' if out.bad else ''}; give all that {TOOL} writes"
        )
    return request


def _means(requests: list[_Request]) -> Iterator[LayerTime]:
    """Yield the layers of the first request that ran in any, with their mean times."""
    for key, (row, _) in requests[0].rows.items() if requests else ():
        times = [request.rows[key][1] for request in requests if key in request.rows]
        if any(times) or row.get(STATUS, "EXECUTED") == "EXECUTED":
            mean_s = math.fsum(times) / len(times)
            dtype = row.get(KERNEL, "").rpartition("_")[2].lower()
            yield LayerTime(row[NAME], row.get(OP, ""), mean_s, dtype=dtype)


def _check_total(request: _Request, out: Profile, ended: bool) -> None:
    layers_s = math.fsum(time_s for _, time_s in request.rows.values())
    total_s = request.total_s or 0.0
    if abs(layers_s - total_s) > len(request.rows) * _TIDY + 1e-6 and not out.notes[1:]:
        share = layers_s / total_s if total_s else math.inf
        out.check_whole(share, "their total", TOOL, ended)
