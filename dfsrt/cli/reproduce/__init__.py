"""``dfsrt reproduce``: published experiments, and how far they come out the same."""

from __future__ import annotations

import typer

from dfsrt.cli.reproduce import deep_compression, etri, romanet, zheng

app = typer.Typer(no_args_is_help=True)
app.command("etri")(etri.etri)
app.command("romanet")(romanet.romanet)
app.command("zheng")(zheng.zheng)
app.command("deep-compression")(deep_compression.deep_compression)


__all__ = ["app"]
