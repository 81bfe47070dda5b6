"""``dfsrt live show``: boards and meters, as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.base.units import format_si
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.live_options import ROOT, TreeOptions, say_pending, states_of, tree_of
from dfsrt.cli.live_writing import mhz
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes

if TYPE_CHECKING:
    from dfsrt.live import Backend
    from dfsrt.live.survey import BoardNow, MeterNow, Survey
    from dfsrt.report.tables import Grid

BOARD = ("<board", "clock", "<governor", "limits", "load", "<clocks")
METER = ("<meter", "<of", "<reads")
MOST_CLOCKS = 16
"""Clocks of a board that are all listed; of more the ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOptions(TreeOptions):
    """What is said of a look at a machine."""

    json: options.Json = None


@takes(ShowOptions)
def show(said: ShowOptions) -> None:
    """Show the boards and meters of this machine: clocks, who sets them, limits, load, watts."""
    check_outputs(said.json)
    from dfsrt.live.survey import survey
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console, show_grids

    backends = _backends(said)
    say_pending(states_of(said))
    report = survey(backends)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        show_grids(make_console(), _grids(report))


def _backends(said: ShowOptions) -> list[Backend]:
    from dfsrt.live.boards import cards, ids, open_any

    tree = tree_of(said)
    opened = [open_any(tree, board) for board in ids(tree)]
    return [*opened, *cards()] if said.root == ROOT else opened


def _grids(report: Survey) -> Sequence[Grid]:
    from dfsrt.report.tables import Grid

    grids = []
    if report.boards:
        grids.append(Grid(BOARD, [_board_row(board) for board in report.boards]))
    if report.meters:
        grids.append(Grid(METER, [_meter_row(meter) for meter in report.meters]))
    none = "no board and no meter: neither devfreq, powercap, hwmon nor NVML shows one"
    return grids or [Grid((), (), [none])]


def _board_row(board: BoardNow) -> tuple[str, ...]:
    """What is shown of a board; why in place of its governor where it cannot be read."""
    if board.error is not None:
        return (board.board, "", board.error, "", "", "")
    ends = (board.lowest_hz, board.highest_hz)
    limits = " to ".join(f"{hz / 1e6:g}" for hz in ends if hz is not None)
    load = "" if board.load is None else f"{board.load:.0%}"
    clock, governor = mhz(board.freq_hz or 0), board.governor or ""
    return (board.board, clock, governor, limits, load, _clocks(board.points_hz))


def _clocks(points_hz: Sequence[int]) -> str:
    """All clocks, or how many there are of too many."""
    shown = [f"{point / 1e6:g}" for point in points_hz]
    if len(shown) > MOST_CLOCKS:
        return f"{len(shown)} from {shown[0]} to {shown[-1]} MHz"
    return " ".join(shown) + " MHz" if shown else "none listed"


def _meter_row(meter: MeterNow) -> tuple[str, ...]:
    watts = "" if meter.power_w is None else format_si(meter.power_w, "W")
    return (meter.meter, meter.of, meter.error or watts)
