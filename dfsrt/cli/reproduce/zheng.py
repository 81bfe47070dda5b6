"""``dfsrt reproduce zheng``: what schedules across layers save, by size of the buffer."""

from __future__ import annotations

from typing import Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.names import completed
from dfsrt.cli.output import check_outputs
from dfsrt.cli.reproduce.memory_papers import Networks, each_network
from dfsrt.cli.reproduce.publish import publish

Buffers = Annotated[
    str,
    typer.Option(
        "--buffer",
        metavar="SIZES",
        help="Sizes of the buffer: a list, or a range like 64KiB..2MiB.",
    ),
]
Dram = Annotated[
    str,
    typer.Option(
        "--dram",
        autocompletion=completed("dram"),
        metavar="PART",
        help="The DRAM, as NAME[:channels=N][:map=ORDER][:layout=LAYOUT] (see 'dfsrt list drams').",
    ),
]


def zheng(
    network: Networks = None,
    buffer: Buffers = "256KiB,1MiB",
    dram: Dram = "ddr3-1600:layout=tiled",
    json: options.Json = None,
) -> None:
    """Maps that stay on chip from layer to layer: Zheng et al., IEEE TCAS-II 69(4), 2022."""
    check_outputs(json)
    from dfsrt.cost.buffer_size import parse_buffers
    from dfsrt.device.dram import load_dram
    from dfsrt.reproduce import zheng as study

    sizes, part = parse_buffers(buffer), load_dram(dram)
    report = study.reproduce(each_network(network, "zheng"), sizes, part)
    publish(study.ZhengOutcome(report), json)
