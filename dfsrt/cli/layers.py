"""``dfsrt layers``: what a network asks for, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.load_job import check_kind
from dfsrt.cli.memory_options import MemoryOptions
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.said import said_fields

OptionalDevice = Annotated[
    str | None,
    typer.Option(
        "--device",
        "-d",
        autocompletion=completed("device"),
        help="Also show cycles and DRAM bytes on this device.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayersOptions(MemoryOptions):
    """What is said of a network whose layers are shown."""

    network: options.Network
    device: OptionalDevice = None
    precision: options.Precision = None
    no_fuse: options.NoFuse = False
    cycles: options.Cycles = None
    json: options.Json = None


@takes(LayersOptions)
def layers(said: LayersOptions) -> None:
    """Show the layers of a network: MACs, bytes and, on a device, cycles and DRAM traffic."""
    check_outputs(said.json)
    for name in ("cycles", "precision", "mapper", "schedule", "dram", "prefetch"):
        if said.device is None and getattr(said, name) is not None:
            raise InputError(
                f"--{name} needs --device: {name} is a device's; name one, like -d mdla"
            )
    from dfsrt.report.api import Job
    from dfsrt.report.layers import layers_table
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    check_kind(said.network, "network")
    job = Job(said.network, **said_fields(said))
    report = job.layers(on_device=said.device is not None)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        layers_table(make_console(), report)
