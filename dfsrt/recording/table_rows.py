"""Tables of recordings row by row, where one of a CSV file is broken: it costs no other."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.collect import Collector
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.source import opened

_LARGEST = 2**62


def read_rows(path: Path, columns: Sequence[str], collector: Collector) -> LeftOut:
    """Add the rows of the table at ``path`` to ``collector``; return what was left out.

    Raises:
        InputError: the file cannot be read, or holds more than can be kept.
        ValueError: the first line lacks one of ``columns``.
    """
    left_out = LeftOut("rows")
    with opened(path) as file:
        lines = (line.decode("utf-8-sig", "surrogateescape") for line in file)
        reader = csv.reader(lines)
        heads = next(reader, [])
        missing = [column for column in columns if column not in heads]
        if missing:
            raise ValueError(f"it has no column '{missing[0]}'")
        places = [heads.index(column) for column in columns]
        for number, cells in _rows(reader, left_out):
            try:
                if len(cells) != len(heads):
                    raise ValueError(f"{len(cells)} values under {len(heads)} columns")
                _add([cells[place] for place in places], collector)
            except InputError:
                raise
            except ValueError as reason:
                left_out.add(f"line {number}", reason)
    return left_out


def _rows(reader: Iterator[list[str]], left_out: LeftOut) -> Iterator[tuple[int, list[str]]]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as reason:
            left_out.add(f"row {number}", reason)
            continue
        if cells:
            yield number, cells


def _add(cells: Sequence[str], collector: Collector) -> None:
    """Raises ValueError where a cell that is needed is empty or of another kind."""
    kind, track, what, name, start, lasts, value = cells
    "".join((track, what, name)).encode("utf-8")
    start_ns = _whole(start)
    if kind == "slice":
        if _whole(lasts) < 0:
            raise ValueError("a slice that ends before it begins")
        collector.add_slice(track, name, start_ns, _whole(lasts), what)
    elif kind == "counter":
        collector.add_sample(track, what, start_ns, float(value))
    else:
        raise ValueError(f"'{kind[:40]!s}' is neither slice nor counter")


def _whole(cell: str) -> int:
    number = int(cell) if len(cell) < 21 else _LARGEST
    if not -_LARGEST < number < _LARGEST:
        raise ValueError(f"'{cell[:40]}' is no time in ns")
    return number
