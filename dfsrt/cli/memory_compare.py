"""``dfsrt memory compare``: bytes over the size of the buffer, under every policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dfsrt.cli import memory_options, options
from dfsrt.cli.command import takes
from dfsrt.cli.load_job import check_kind
from dfsrt.cli.output import STDOUT
from dfsrt.cli.reading_options import ReadingOptions, reading_fields
from dfsrt.cli.report_files import check_files, write_files

Buffers = Annotated[
    str,
    typer.Option(
        "--buffer",
        metavar="SIZES",
        help="Sizes of the buffer: a range that doubles, or a list like 64KiB,256KiB,1MiB.",
    ),
]
Csv = Annotated[
    Path | None, typer.Option("--csv", help="Write a row for each policy in each buffer as CSV.")
]
Figure = Annotated[
    Path | None, typer.Option("--figure", help="Draw bytes over the buffer's size: .svg or .png.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCompareOptions(ReadingOptions):
    """What is said of a network whose memory is compared over sizes of the buffer."""

    network: options.Network
    device: options.Device = None
    buffer: Buffers = "64KiB..2MiB"
    mapper: memory_options.Mapper = None
    schedule: memory_options.Schedule = None
    steps: memory_options.Steps = None
    precision: options.Precision = None
    no_fuse: options.NoFuse = False
    json: options.Json = None
    csv: Csv = None
    html: options.Html = None
    figure: Figure = None


@takes(MemoryCompareOptions)
def compare_buffers(said: MemoryCompareOptions) -> None:
    """Show bytes over the size of the buffer: each mapper layer by layer, and each schedule.

    Schedules are tried with --mapper, else with the device's own.
    """
    check_files(said)
    from dfsrt.report.memory import compare_memory
    from dfsrt.report.memory.compare_table import comparison_table
    from dfsrt.report.tables import make_console

    check_kind(said.network, "network")
    done = compare_memory(
        said.network,
        said.buffer,
        said.device,
        mapper=said.mapper,
        schedule=said.schedule,
        precision=said.precision,
        steps=said.steps,
        **reading_fields(said),
    )
    write_files(done, said)
    if STDOUT not in (said.json, said.csv):
        comparison_table(make_console(), done.report)
