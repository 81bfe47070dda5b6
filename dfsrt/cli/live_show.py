"""``dfsrt live show``: boards and meters, as they stand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dfsrt.cli.command import takes
from dfsrt.cli.live_options import ROOT, TreeOptions, say_pending, states_of, tree_of
from dfsrt.cli.live_writing import mhz

if TYPE_CHECKING:
    from dfsrt.live import Backend, Tree

LOOK_S = 0.1
"""Between two looks at counters of energy."""


@takes(TreeOptions)
def show(said: TreeOptions) -> None:
    """Show the boards and meters of this machine: clocks, who sets them, limits, load, watts."""
    from dfsrt.report.tables import make_console, say
    from dfsrt.report.tables import show as show_table

    tree, console = tree_of(said), make_console()
    say_pending(states_of(said))
    opened = _opened(tree, said.root == ROOT)
    boards = [board for board in opened if _has_clock(board)]
    meters = [each for each in opened if not each.id.startswith("devfreq:")]
    for meter in meters:
        _watts(meter)
    time.sleep(LOOK_S if meters else 0)
    if boards:
        heads = ("<board", "clock", "<governor", "limits", "load", "<clocks")
        show_table(console, heads, [_board_row(board) for board in boards])
    if meters:
        rows = [(meter.id, _label(meter), _watts(meter)) for meter in meters]
        show_table(console, ("<meter", "<of", "<reads"), rows)
    if not opened:
        say(console, "no board and no meter: neither devfreq, powercap, hwmon nor NVML shows one")


def _opened(tree: Tree, is_machine: bool) -> list[Backend]:
    from dfsrt.live.boards import cards, ids, open_any

    opened = [open_any(tree, board) for board in ids(tree)]
    return [*opened, *cards()] if is_machine else opened


def _has_clock(board: Backend) -> bool:
    return board.id.startswith(("devfreq:", "nvml:"))


def _board_row(board: Backend) -> tuple[str, ...]:
    """What is shown of a board; a word in place of its governor where it cannot be read."""
    from dfsrt.live import BoardError

    try:
        now, points, set_by = board.read(), board.points(), _set_by(board)
    except BoardError as error:
        return (board.id, "", str(error), "", "", "")
    load = "" if now.load is None else f"{now.load:.0%}"
    return (board.id, mhz(now.freq_hz), *set_by, load, _clocks(points))


def _set_by(board: Backend) -> tuple[str, str]:
    """Who sets a board's clock, and within which limits."""
    from dfsrt.live import Devfreq

    if not isinstance(board, Devfreq):
        return "firmware", ""
    low_hz, high_hz = board.limits()
    return board.settings().governor, f"{low_hz / 1e6:g} to {high_hz / 1e6:g}"


def _clocks(points: tuple[int, ...]) -> str:
    """All clocks, or how many there are of too many."""
    shown = [f"{point / 1e6:g}" for point in points]
    if len(shown) > 16:
        return f"{len(shown)} from {shown[0]} to {shown[-1]} MHz"
    return " ".join(shown) + " MHz" if shown else "none listed"


def _label(meter: Backend) -> str:
    from dfsrt.live import BoardError

    try:
        return str(getattr(meter, "label", ""))
    except BoardError:
        return ""


def _watts(meter: Backend) -> str:
    from dfsrt.base.units import format_si
    from dfsrt.live import BoardError

    try:
        watts = meter.watts()
    except BoardError as error:
        return str(error)
    return "" if watts is None else format_si(watts, "W")
