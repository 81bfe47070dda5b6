"""``dfsrt memory NETWORK``: what crosses between a network and DRAM, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.load_job import check_kind
from dfsrt.cli.memory_options import MemoryOptions
from dfsrt.cli.output import STDOUT
from dfsrt.cli.reading_options import reading_fields
from dfsrt.cli.report_files import check_files, write_files

Buffer = Annotated[
    str | None,
    typer.Option(
        "--buffer",
        metavar="SIZE",
        show_default="the device's own",
        help="The on-chip buffer: 108KiB for all operands, or 64KiB+64KiB+64KiB for inputs, "
        "weights and results.",
    ),
]
NoPolicies = Annotated[
    bool,
    typer.Option("--no-policies", help="Do not try what other mappers and schedules would move."),
]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write a row for each layer as CSV.")]
Figure = Annotated[
    Path | None,
    typer.Option("--figure", help="Draw bytes over layers and the lives of maps: .svg or .png."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNetworkOptions(MemoryOptions):
    """What is said of a network whose memory is shown."""

    network: options.Network
    device: options.Device = None
    buffer: Buffer = None
    precision: options.Precision = None
    no_fuse: options.NoFuse = False
    no_policies: NoPolicies = False
    json: options.Json = None
    csv: Csv = None
    html: options.Html = None
    figure: Figure = None


@takes(MemoryNetworkOptions)
def memory_of_network(said: MemoryNetworkOptions) -> None:
    """Show what crosses between each layer and DRAM: tile, order, bytes over the least, energy.

    And what every mapper and every schedule would move.
    """
    check_files(said)
    from dfsrt.report.memory import memory
    from dfsrt.report.memory.table import memory_table
    from dfsrt.report.tables import make_console

    check_kind(said.network, "network")
    done = memory(
        said.network,
        said.device,
        mapper=said.mapper,
        schedule=said.schedule,
        buffer=said.buffer,
        dram=said.dram,
        prefetch=said.prefetch,
        precision=said.precision,
        steps=said.steps,
        policies=not said.no_policies,
        **reading_fields(said),
    )
    write_files(done, said)
    if STDOUT not in (said.json, said.csv):
        memory_table(make_console(), done.report)
