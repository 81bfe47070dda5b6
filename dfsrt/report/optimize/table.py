"""A chain of steps for people: a row a step, in parts; and layers before and after."""

from __future__ import annotations

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.optimize.layer_table import layers_grid
from dfsrt.report.optimize.schema import OptimizeReport, OptimizeRow, StepFidelity
from dfsrt.report.optimize.words import (
    float_line,
    head_lines,
    legend,
    rate_text,
    summary,
    verdict_lines,
)
from dfsrt.report.prose import PIPED, prose_width, wrapped
from dfsrt.report.tables import Grid, say, show_grids

NONE = "-"
"""The cell of what does not exist."""
SIZES = ("<step", "file", "weights", "stored", "DRAM/frame", "MACs", "<precision")
SPEED = ("<step", "time", "FPS", "npu", "dram", "uncore", "energy", "FPS/W")
ANSWERS = ("<step", "W", "W at rate", "accuracy", "same", "cosine", "SQNR", "<verdict")


def optimize_table(console: Console, report: OptimizeReport) -> None:
    """Print the rows, what the device makes of each step, and the layers where they are there."""
    width = prose_width(console)
    show_grids(console, step_grids(report, width))
    said = [legend(report), *verdict_lines(report), summary(report), float_line(report)]
    say(console, "", *(part for line in said if line for part in wrapped(line, width, rest="  ")))
    if report.layers:
        console.print()
        show_grids(console, [layers_grid(report)])


def optimize_grids(report: OptimizeReport) -> list[Grid]:
    """Return all tables: the rows in parts, and layers where they are there."""
    return [*step_grids(report), *([layers_grid(report)] if report.layers else [])]


def step_grids(report: OptimizeReport, width: int = PIPED) -> list[Grid]:
    """Return the table in three parts that fit a page, each with a row for each step."""
    said = [part for line in head_lines(report) for part in wrapped(line, width, rest="  ")]
    return [
        Grid(SIZES, [_sizes(row) for row in report.rows], said),
        Grid(SPEED, [_speed(row) for row in report.rows]),
        Grid(ANSWERS, [_answers(row) for row in report.rows]),
    ]


def _sizes(row: OptimizeRow) -> tuple[str, ...]:
    file = NONE if row.file_bytes is None else format_si(row.file_bytes, "B")
    sizes = (row.weight_bytes, row.stored_bytes, row.dram_bytes)
    return (row.step, file, *(format_si(size, "B") for size in sizes), f"{row.macs:,}",
            row.precision)  # fmt: skip


def _speed(row: OptimizeRow) -> tuple[str, ...]:
    e = row.energy_j
    return (
        row.step,
        format_si(row.latency_s, "s"),
        rate_text(row.fps),
        *(format_si(joules, "J") for joules in (e.npu, e.dram, e.uncore, e.total)),
        NONE if row.fps_per_w is None else rate_text(row.fps_per_w),
    )


def _answers(row: OptimizeRow) -> tuple[str, ...]:
    rate, verdict = row.same_rate_power_w, row.verdict or ""
    watts = format_si(row.power_w.total, "W"), NONE if rate is None else format_si(rate.total, "W")
    return (row.step, *watts, *_left(row.fidelity), verdict)


def _left(left: StepFidelity | None) -> tuple[str, ...]:
    if left is None:
        return NONE, NONE, NONE, NONE
    return (
        NONE if left.accuracy is None else f"{left.accuracy:.2%}",
        NONE if left.same is None else f"{left.same:.1%}",
        f"{left.cosine:.4f}",
        NONE if left.sqnr_db is None else f"{left.sqnr_db:.1f} dB",
    )
