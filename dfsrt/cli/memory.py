"""``dfsrt memory``: what crosses to DRAM and back, and what it costs."""

from __future__ import annotations

import typer

from dfsrt.cli import memory_stream

app = typer.Typer(
    help="Off-chip memory: what a DRAM gives and takes by how bytes are asked for.",
    no_args_is_help=True,
)


@app.callback()
def _root() -> None:
    pass


app.command("stream")(memory_stream.stream)
