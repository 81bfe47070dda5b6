"""``dfsrt layers``: what a network asks for, layer by layer."""

from __future__ import annotations

from typing import Annotated

import typer

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes

OptionalDevice = Annotated[
    str | None,
    typer.Option("--device", "-d", help="Also show cycles and DRAM bytes on this device."),
]


def layers(
    network: options.Network,
    device: OptionalDevice = None,
    precision: options.Precision = defaults.PRECISION,
    dim: options.Dim = None,
    no_fuse: options.NoFuse = False,
    unknown_ops: options.UnknownOps = "error",
    cycles: options.Cycles = None,
    json: options.Json = None,
) -> None:
    """Show the layers of a network: MACs, bytes and, on a device, cycles and DRAM traffic."""
    fields = options.job_fields({k: v for k, v in locals().items() if k != "device" or v})
    check_outputs(json)
    if cycles is not None and device is None:
        raise InputError("--cycles needs --device: cycles are a device's; name one, like -d mdla")
    from dfsrt.report import tables
    from dfsrt.report.schema import to_json
    from dfsrt.run.api import Job

    report = Job(network, **fields).layers(on_device=device is not None)
    if json is not None:
        write_bytes(to_json(report), json)
    if json != STDOUT:
        tables.layers_table(tables.make_console(), report)
