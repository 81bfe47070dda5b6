"""``dfsrt memory stream``: what a DRAM gives and takes for runs of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes

Dram = Annotated[
    str,
    typer.Option(
        "--dram",
        autocompletion=completed("dram"),
        help="A part by name (see 'dfsrt list drams') or .toml file, with options: "
        "NAME[:channels=2][:map=ORDER][:powers_down=yes].",
    ),
]
Map = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="ORDER",
        help="Fields of an address from its lowest bits up, like column-bankgroup-bank-channel-row "
        "(column2: two bits of it first); or drmap, romanet, bankgroups-first, next-row.",
    ),
]
RunBytes = Annotated[
    str | None,
    typer.Option("--run-bytes", show_default="a row", help="Bytes that follow each other."),
]
Visit = Annotated[
    str, typer.Option("--visit", help="Where the next run begins: next-bank or same-bank.")
]
Offered = Annotated[
    str, typer.Option("--offered", help="Load that is asked for, as a share of the peak.")
]
Reads = Annotated[str, typer.Option("--reads", help="Share of the runs that read; others write.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """What is said of a stream."""

    dram: Dram
    map: Map = None
    run_bytes: RunBytes = None
    visit: Visit = "next-bank"
    offered: Offered = "1.0"
    reads: Reads = "1.0"
    json: options.Json = None


@takes(StreamOptions)
def stream(said: StreamOptions) -> None:
    """Show bandwidth, energy a byte and row hits of equal runs, one after the other without end."""
    check_outputs(said.json)
    from dfsrt.base.names import parse_name_spec, unknown_name
    from dfsrt.base.units import parse_memory_bytes, parse_share
    from dfsrt.cost.dram import Visit, steady_stream
    from dfsrt.device.dram import load_dram
    from dfsrt.report.memory_stream import stream_report, stream_table
    from dfsrt.report.schema import to_json

    spec = parse_name_spec(said.dram, "dram")
    if said.map is not None and "map" in spec.options:
        raise InputError("the map is given twice, by --map and in --dram; give it once")
    chosen = f"{said.dram}:map={said.map}" if said.map is not None else said.dram
    dram = load_dram(chosen)
    if said.visit not in list(Visit):
        raise InputError(unknown_name("visit", said.visit, Visit))
    row_bytes = dram.organisation.row_bytes
    run_bytes = parse_memory_bytes(said.run_bytes, "run-bytes") if said.run_bytes else row_bytes
    visit, offered = Visit(said.visit), parse_share(said.offered, "offered")
    reads = parse_share(said.reads, "reads")
    steady = steady_stream(dram, run_bytes, visit, offered, reads)
    report = stream_report(dram, steady, run_bytes, visit, offered, reads)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        stream_table(report)
