"""``dfsrt memory``: what crosses to DRAM and back, and what it costs."""

from __future__ import annotations

from typing import ClassVar

import typer

from dfsrt.cli import memory_compare, memory_network, memory_stream
from dfsrt.cli.default_command import WithDefault


class NetworkFirst(WithDefault):
    """A group whose first word may be a network: ``dfsrt memory NETWORK`` shows its memory."""

    default: ClassVar[str] = "network"


app = typer.Typer(
    cls=NetworkFirst,
    no_args_is_help=True,
)
app.command("network")(memory_network.memory_of_network)
app.command("compare")(memory_compare.compare_buffers)
app.command("stream")(memory_stream.stream)
