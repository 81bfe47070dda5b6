"""``dfsrt live watch``: a board's own clock, load and power, beside what is predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.notice import notice
from dfsrt.cli.command import takes
from dfsrt.cli.live_job import check_reads_nothing, device_of
from dfsrt.cli.live_options import (
    Board,
    Device,
    TreeOptions,
    for_ns_of,
    period_ns_of,
    say_pending,
    states_of,
    tree_of,
)
from dfsrt.cli.live_writing import mhz
from dfsrt.cli.output import check_outputs
from dfsrt.cli.reading_options import ReadingOptions, reading_fields

if TYPE_CHECKING:
    from dfsrt.live import Backend, Tree
    from dfsrt.live.compared import Compared
    from dfsrt.report.api import Job
    from dfsrt.run.fields import RunFields

DOMAINS = ("npu", "npu+dram", "system")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions(ReadingOptions, TreeOptions):
    """What is watched, where it is kept, and what it is compared with."""

    network: Annotated[
        str | None,
        typer.Argument(
            metavar="NETWORK",
            show_default=False,
            help="What runs on the board: its predicted power is shown beside the meters'.",
        ),
    ] = None
    board: Board = None
    meter: Annotated[
        list[str] | None,
        typer.Option(
            "--meter", show_default="all that can be read", help="A meter; may be given often."
        ),
    ] = None
    device: Device = None
    domain: Annotated[
        str, typer.Option("--domain", help="What the meters are of: npu, npu+dram or system.")
    ] = "npu"
    frame_period: Annotated[
        str | None,
        typer.Option(
            "--frame-period",
            show_default="back to back",
            help="Time from one frame on the board to the next.",
        ),
    ] = None
    period: Annotated[
        str, typer.Option("--period", help="Time from one look at the board to the next.")
    ] = "100ms"
    for_: Annotated[str, typer.Option("--for", help="How long.")] = "10s"
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Recording to write, .parquet or .csv."),
    ] = None


@takes(WatchOptions)
def watch(said: WatchOptions) -> None:
    """Record a board's clock, load and power, and compare them with what is predicted."""
    period_ns, for_ns = period_ns_of(said.period), for_ns_of(said.for_)
    _check(said)
    from dfsrt.live.compared import compare
    from dfsrt.live.ticks import real_ticks
    from dfsrt.live.watch import watch as watched

    tree = tree_of(said)
    say_pending(states_of(said))
    board = _board_of(said, tree)
    job = _job_of(said, board)
    recording = watched(board, _meters_of(said, tree, board), real_ticks(period_ns, for_ns))
    if said.out is not None:
        from dfsrt.recording import table

        table.write(recording, said.out)
    _show(compare(recording, job, said.domain))


def _check(said: WatchOptions) -> None:
    check_outputs(said.out)
    if said.out is not None:
        from dfsrt.recording import table

        table.check_path(said.out)
    if said.domain not in DOMAINS:
        raise InputError(f"--domain: {unknown_name('domain', said.domain, DOMAINS)}")


def _board_of(said: WatchOptions, tree: Tree) -> Backend:
    from dfsrt.live.boards import METERS, open_any, open_board

    if said.board is not None and said.board.startswith(METERS):
        return open_any(tree, said.board)
    return open_board(tree, said.board)


def _job_of(said: WatchOptions, board: Backend) -> Job | None:
    from dfsrt.report.api import Job

    if said.network is None:
        check_reads_nothing(said)
        return None
    device = device_of(said.device, board.id.partition(":")[2])
    fields = cast("RunFields", reading_fields(said))
    fields |= {"device": device, "cap": "none"}
    if said.frame_period is not None:
        fields["period"] = said.frame_period
    return Job(said.network, **fields)


def _meters_of(said: WatchOptions, tree: Tree, board: Backend) -> list[Backend]:
    """Meters that are named, which must be there; else all that can be read, others said."""
    from dfsrt.live import BoardError
    from dfsrt.live.boards import ids, open_any

    if said.meter:
        return [open_any(tree, meter) for meter in said.meter]
    meters = [board] if board.id.startswith("nvml:") else []
    for meter in (open_any(tree, each) for each in ids(tree) if not each.startswith("devfreq:")):
        try:
            meter.watts()
            meters.append(meter)
        except BoardError as error:
            notice(f"{meter.id} is left out: {error}")
    return meters


def _show(compared: Compared) -> None:
    from dfsrt.base.units import format_si
    from dfsrt.report.tables import make_console, say, show

    console, watts = make_console(), compared.predicted_w
    rows = [
        (
            mhz(each.freq_hz),
            f"{each.share:.1%}",
            "" if each.load is None else f"{each.load:.0%}",
            "" if each.busy is None else f"{each.busy:.0%}",
            "" if each.predicted_w is None else format_si(each.predicted_w, "W"),
        )
        for each in compared.clocks
    ]
    show(console, ("clock", "time", "load", "predicted", "predicted power"), rows)
    for meter, measured_w in compared.measured_w.items():
        beside = "" if watts is None else f", predicted {format_si(watts, 'W')}"
        beside += "" if not watts else f", {watts / measured_w - 1:+.1%}" if measured_w else ""
        say(console, f"{meter}: {format_si(measured_w, 'W')}{beside}")
