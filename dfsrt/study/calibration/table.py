"""A calibration as tables for people: numbers, measurements, and what the data do not decide."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.prose import prose_width, wrapped, write_lines
from dfsrt.report.tables import Grid, show_grids
from dfsrt.study.calibration.changes import MOVED, errors_lines, kept_lines, number_text
from dfsrt.study.calibration.result import CalibratedNumber, CalibratedRow, Calibration

SHOWN = 40
"""Measurements that a table lists; of more it has the worst predicted ones."""
_NUMBER_HEADS = ("<number", "base", "fitted", "95 % interval", "<note")
_ROW_HEADS = ("<measurement", "<precision", "cores", "clock", "measured", "base", "fitted",
              "left out")  # fmt: skip
_UNITS = {"time": "s", "energy": "J"}


def show_calibration(console: Console, report: Calibration) -> None:
    """Print how well left-out networks are predicted, the numbers, and the measurements."""
    width = prose_width(console)
    write_lines(console, [line for text in _head(report) for line in wrapped(text, width)])
    for grid in calibration_grids(report):
        console.print()
        show_grids(console, [grid])
    kept = list(kept_lines(report))
    if kept:
        write_lines(console, ["", *(line for text in kept for line in wrapped(text, width))])


def all_grids(report: Calibration) -> list[Grid]:
    """Return what ``show_calibration`` prints, prose in lines of any length."""
    head, kept = (Grid([], [], lines) for lines in (_head(report), list(kept_lines(report))))
    return [head, *calibration_grids(report), kept]


def _head(report: Calibration) -> list[str]:
    """What was calibrated, and how well left-out networks are predicted."""
    errors = [line for e in report.errors for line in errors_lines(e, report.left_out_by)]
    head = f"{report.device}: {report.base} calibrated on {', '.join(report.sources)}"
    return [head, *errors, *(f"note: {note}" for note in report.notes)]


def calibration_grids(report: Calibration) -> Iterator[Grid]:
    """Yield the tables of the fitted numbers and of the measurements of each quantity."""
    moved = [n for n in report.numbers if n.status in MOVED]
    if moved:
        yield Grid(_NUMBER_HEADS, [_number_row(n) for n in moved])
    for quantity in _UNITS:
        rows = [row for row in report.rows if row.quantity == quantity]
        if rows:
            worst = sorted(rows, key=lambda row: -abs(row.left_out / row.measured - 1))[:SHOWN]
            lines = [f"errors of {quantity}: + is too slow or too hungry"]
            if len(worst) < len(rows):
                lines.append(f"the {SHOWN} worst of {len(rows):,}; --json has all")
            listed = [row for row in rows if row in worst] if len(rows) > SHOWN else rows
            yield Grid(_ROW_HEADS, [_row(row) for row in listed], lines)


def _number_row(n: CalibratedNumber) -> tuple[str, ...]:
    ends = [None if end is None else number_text(end, n) for end in (n.low, n.high)]
    text = f"{ends[0]} to {ends[1]}" if None not in ends else "-"
    return (n.number, number_text(n.base, n), number_text(n.value, n), text, n.why)


def _row(row: CalibratedRow) -> tuple[str, ...]:
    errors = (f"{x / row.measured - 1:+.1%}" for x in (row.base, row.fitted, row.left_out))
    measured = format_si(row.measured, _UNITS[row.quantity])
    what = (row.network, row.precision, str(row.cores), format_si(row.freq_hz, "Hz"))
    return (*what, measured, *errors)
