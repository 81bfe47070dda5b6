"""``dfsrt reproduce romanet``: bytes by policy, rows by placement, and their product."""

from __future__ import annotations

from typing import Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.names import completed
from dfsrt.cli.output import check_outputs
from dfsrt.cli.reproduce.memory_papers import Networks, each_network
from dfsrt.cli.reproduce.publish import publish

Buffer = Annotated[
    str,
    typer.Option(
        "--buffer",
        metavar="SIZE",
        help="The buffer like 192KiB, or its parts for inputs, weights and results.",
    ),
]
Dram = Annotated[
    str,
    typer.Option(
        "--dram",
        autocompletion=completed("dram"),
        metavar="PART",
        help="The DRAM, as NAME[:channels=N] (see 'dfsrt list drams'); layout and map are varied.",
    ),
]


def romanet(
    network: Networks = None,
    buffer: Buffer = "64KiB+64KiB+64KiB",
    dram: Dram = "ddr3-1600",
    json: options.Json = None,
) -> None:
    """DRAM energy by tiles and by rows: ROMANet, Putra et al., IEEE TVLSI, 2021."""
    check_outputs(json)
    from dfsrt.cost.buffer_size import parse_buffer
    from dfsrt.reproduce import romanet as study

    size = parse_buffer(buffer)
    study.placed_drams(dram)
    report = study.reproduce(each_network(network, "romanet"), size, dram)
    publish(study.RomanetOutcome(report), json)
