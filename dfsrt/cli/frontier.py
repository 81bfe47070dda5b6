"""``dfsrt frontier``: the best a network can do in time and energy, and where governors lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.load_job import check_kind
from dfsrt.cli.memory_options import MemoryOptions
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.parse import parse_count, parse_names
from dfsrt.cli.said import said_fields

Governors = Annotated[
    list[str] | None,
    typer.Option(
        "--governors",
        "--governor",
        "-g",
        autocompletion=completed("governor"),
        help="Governors to place; else all there are.",
    ),
]
Between = Annotated[
    int,
    typer.Option(
        "--between",
        parser=parse_count,
        metavar="N",
        help="Points worked out beside the corners.",
    ),
]
Time = Annotated[
    str, typer.Option("--time", help="Work of the search, as time of the reference machine.")
]
SearchMemory = Annotated[
    str, typer.Option("--search-memory", help="Memory that the search's tables may take.")
]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write all points as a CSV file.")]
Figure = Annotated[
    Path | None, typer.Option("--figure", help="Draw energy over time: .svg or .png.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierOptions(MemoryOptions):
    """What is said of a frontier."""

    network: options.Network
    device: options.Device = None
    cap: options.Cap = None
    governors: Governors = None
    between: Between = 12
    time: Time = "10s"
    search_memory: SearchMemory = "500MB"
    period: options.Period = None
    idle: options.Idle = None
    idle_rail: options.IdleRail = None
    memory: options.MemoryClock = None
    cap_domain: options.CapDomain = None
    power_model: options.PowerModel = None
    confidence: options.Confidence = None
    precision: options.Precision = None
    no_fuse: options.NoFuse = False
    cycles: options.Cycles = None
    layer_times: options.LayerTimes = None
    layer_times_at: options.LayerTimesAt = None
    json: options.Json = None
    csv: Csv = None
    figure: Figure = None


@takes(FrontierOptions)
def frontier(said: FrontierOptions) -> None:
    """Draw the least energy of a frame for every time it may take, under a cap.

    With --period also the energy of a whole period at every clock and for these plans, idle time
    counted, and which is best: race and sleep, or pace.
    """
    check_outputs(said.json, said.csv, said.figure)
    from dfsrt.report.canvas import check_figure_path
    from dfsrt.report.frontier_figure import write_frontier
    from dfsrt.report.frontier_table import frontier_csv, frontier_grids
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console, show_grids
    from dfsrt.study.frontier import Frontier

    if said.figure is not None:
        check_figure_path(said.figure)
    check_kind(said.network, "network")
    names = None if said.governors is None else parse_names(said.governors)
    fields = said_fields(said)
    frontier = Frontier(said.network, names, said.between, fields, said.time, said.search_memory)
    report = frontier.report()
    if said.figure is not None:
        write_frontier(report, said.figure)
    if said.csv is not None:
        write_bytes(frontier_csv(report), said.csv)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if STDOUT not in (said.json, said.csv):
        show_grids(make_console(), frontier_grids(report))
