"""The page of presets against measurements, and its figures: docs/truth.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dfsrt.report.device_check import DeviceCheck
from dfsrt.report.device_check_figure import write_check_figure
from dfsrt.report.device_check_table import check_grids, summary
from dfsrt.report.device_checks import HEADS, DeviceChecks, checks_rows
from dfsrt.report.prose import Notes
from dfsrt.report.tables import Grid

HEAD = """# Presets against silicon

Made by `make docs` as `dfsrt device check` does it: what each preset predicts beside what was
published of the real chip. Layers run one after the other, at the highest clock where nothing else
is said. A measurement is *fitted* where a number of the device was chosen by it, and *held out*
where none was: only those tell how far to trust the preset on a network of yours. An error is
predicted over measured, less one, and of the time where frames a second are told: above zero is
too slow or too hungry. Means are of its size.
"""


def truth_text(checks: DeviceChecks) -> str:
    """Return docs/truth.md."""
    table = Grid(HEADS, checks_rows(checks.checks))
    unmeasured = ", ".join(f"`{name}`" for name in checks.unmeasured)
    parts = [HEAD, *_table(table), "", f"Nobody has measured {unmeasured}."]
    for check in checks.checks:
        parts += _section(check)
    return "\n".join(parts) + "\n"


def write_figures(checks: DeviceChecks, folder: Path) -> None:
    """Draw each measured preset into ``folder``."""
    for check in checks.checks:
        write_check_figure(check, folder / figure_name(check))


def figure_name(check: DeviceCheck) -> str:
    """Return the file name of a preset's figure."""
    return f"truth_{check.device}.svg"


def _section(check: DeviceCheck) -> Iterator[str]:
    notes = Notes()
    yield f"\n## {check.device}\n\n{check.what}.\n"
    yield "".join(f"- {line}\n" for line in summary(check))
    yield f"![{check.device}: predicted against measured](figures/{figure_name(check)})"
    for grid in check_grids(check, notes):
        yield from ("", *(f"{text}:\n" for text in grid.lines))
        yield from _table(grid)
    yield ""
    yield from (f"{number}. {text}" for number, text in enumerate(notes.texts, 1))


def _table(grid: Grid) -> Iterator[str]:
    yield _row([head.lstrip("<") for head in grid.heads])
    yield _row(["---" if head.startswith("<") else "---:" for head in grid.heads])
    yield from map(_row, grid.rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
