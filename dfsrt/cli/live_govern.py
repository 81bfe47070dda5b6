"""``dfsrt live dry-run`` and ``govern``: a governor's clock for a board, said or written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.cli.command import takes
from dfsrt.cli.live_job import governed_of, outlook_of, who_chooses
from dfsrt.cli.live_options import (
    For,
    GovernOptions,
    Yes,
    for_ns_of,
    period_ns_of,
    say_pending,
    states_of,
)
from dfsrt.cli.live_writing import NOTHING, mhz, rehearsal_of, session_of
from dfsrt.cli.output import check_outputs
from dfsrt.cli.said_line import tell

if TYPE_CHECKING:
    from dfsrt.live import Devfreq
    from dfsrt.live.govern import Decision, Governed


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunOptions(GovernOptions):
    """What is said of a dry run."""

    for_: Annotated[
        str | None,
        typer.Option(
            "--for", show_default="one look, or the recording's length", help="How long, like 10s."
        ),
    ] = None
    export: Annotated[
        Path | None,
        typer.Option("--export", help="Write the plan of each layer for firmware: .csv or .json."),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOptions(GovernOptions):
    """What is said of a governor that writes."""

    for_: For = None
    yes: Yes = False


@takes(DryRunOptions)
def dry_run(said: DryRunOptions) -> None:
    """Say what a governor would write to a board as it stands, and write nothing.

    Plans with a clock for each layer are for firmware: --export writes them as a table.
    """
    check_outputs(said.export)
    say_pending(states_of(said))
    if said.export is not None:
        _export(said, said.export)
    else:
        _rehearse(said, for_ns_of(said.for_))


@takes(FollowOptions)
def govern(said: FollowOptions) -> None:
    """Let a governor choose a board's clock for the whole network, again and again.

    Everything is put back at the end.
    """
    period_ns, for_ns = period_ns_of(said.period), for_ns_of(said.for_)
    if not said.yes:
        say_pending(states_of(said))
        _rehearse(said, for_ns)
        return
    from dfsrt.live.govern import govern as decisions
    from dfsrt.live.ticks import real_ticks

    with session_of(said) as session:
        governed = governed_of(said, session.board)
        ticks = real_ticks(period_ns, for_ns)
        _say_all(decisions(governed, session.write, ticks, session.beat))


def _export(said: DryRunOptions, path: Path) -> None:
    from dfsrt.live.plan_table import check_export_path, plan_table, write_plan

    check_export_path(path)
    board = rehearsal_of(said)
    table = plan_table(who_chooses(said), outlook_of(said, board), board.id)
    write_plan(table, path)
    clocks = sorted({layer.freq_hz for layer in table.layers})
    tell(
        f"{len(table.layers)} layers of {table.network} at {len(clocks)} clocks, "
        f"{mhz(clocks[0])} to {mhz(clocks[-1])}, in {path}"
    )


def _rehearse(said: GovernOptions, for_ns: int | None) -> None:
    from dfsrt.live.govern import govern as decisions

    writes: list[str] = []
    board = rehearsal_of(said, writes.append)
    board.remember()
    governed = governed_of(said, board)
    ticks = _ticks(governed, period_ns_of(said.period), for_ns)
    _say_all(decisions(governed, _write_to(board), ticks, assumes=True), writes)
    writes.append("and at the end:")
    board.restore()
    _say_lines(writes)
    tell(NOTHING.replace("--yes", "dfsrt live govern ... --yes"))


def _write_to(board: Devfreq) -> Callable[[int], int]:
    def write(freq_hz: int) -> int:
        board.write(freq_hz)
        return freq_hz

    return write


def _ticks(governed: Governed, period_ns: int, for_ns: int | None) -> Iterator[int]:
    """Ticks as they pass where the board's own load is looked at; else all at once."""
    from dfsrt.live.loads import Shown
    from dfsrt.live.ticks import real_ticks, rehearsed_ticks

    until_ns = for_ns or governed.load.span_ns or 1
    if isinstance(governed.load, Shown) and governed.chooser.samples:
        return real_ticks(period_ns, until_ns)
    return rehearsed_ticks(period_ns, until_ns)


def _say_all(decisions: Iterator[Decision], writes: list[str] | None = None) -> None:
    """Print a line for each clock that is chosen anew, and the ``writes`` that it would be."""
    for each in decisions:
        if not each.is_write:
            continue
        seen = [f"{each.time_ns * 1e-9:.1f} s", f"at {mhz(each.reading.freq_hz)}"]
        seen += [] if each.load is None else [f"load {each.load:.0%}"]
        seen += [] if each.watts is None else [f"{each.watts:.3g} W"]
        real = "" if each.real_hz == each.wish_hz else f", runs at {mhz(each.real_hz)}"
        tell(f"{', '.join(seen)}: chose {mhz(each.wish_hz)}{real}")
        _say_lines(writes or [])


def _say_lines(lines: list[str]) -> None:
    """Print lines, and let them go."""
    for line in lines:
        tell(line)
    lines.clear()
