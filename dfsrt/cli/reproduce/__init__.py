"""``dfsrt reproduce``: published experiments, and how far they come out the same."""

from __future__ import annotations

import typer

from dfsrt.cli.reproduce import etri

app = typer.Typer(help="Run a published experiment again.", no_args_is_help=True)
app.command("etri")(etri.etri)


@app.callback()
def _group() -> None:
    """Keep one experiment a command of its own, too."""


__all__ = ["app"]
