"""``dfsrt network``: networks as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.cli import network_check, options
from dfsrt.cli.output import check_outputs
from dfsrt.cli.parse import parse_dims
from dfsrt.cli.reading_options import Dim

app = typer.Typer(no_args_is_help=True)

Out = Annotated[Path, typer.Option("--out", "-o", help="The .onnx file to write.")]
Precision = Annotated[
    str | None,
    typer.Option(
        "--precision",
        help="fp32 or fp16, for networks that dfsrt builds: fp32, or for language models fp16.",
    ),
]


@app.callback()
def _root() -> None:
    pass


app.command("check")(network_check.check)


@app.command("show")
def show(network: options.Network) -> None:
    """Show what a network is and what can be set; of a language model, what a token asks for."""
    from dfsrt.report.network_show import HEADS, network_facts
    from dfsrt.report.tables import make_console
    from dfsrt.report.tables import show as show_table

    show_table(make_console(), HEADS, network_facts(network))


@app.command("export")
def export(
    network: options.Network,
    out: Out,
    dim: Dim = None,
    precision: Precision = None,
) -> None:
    """Write a network as an ONNX file; its weights have shapes, but no values of their own."""
    if out.suffix.lower() != ".onnx":
        raise InputError(f"'{out}' is no .onnx file; name it like 'network.onnx'")
    check_outputs(out)
    from dfsrt.base.names import parse_name_spec
    from dfsrt.network import built_names, from_onnx_model, is_built, read_network
    from dfsrt.report.tables import make_console, say

    if precision and not is_built(parse_name_spec(network, "network").name):
        raise InputError(
            f"'{network}' is a file; only networks that dfsrt builds come in {precision}: "
            + ", ".join(built_names())
        )
    dims = parse_dims(dim)
    name, model, left = read_network(network, dims, precision)
    if left:
        raise InputError(f"'{network}' is a file; its sizes are set where it runs, with --dim")
    found = from_onnx_model(model, name)
    data = model.SerializeToString()
    write_atomically(out, lambda beside: beside.write_bytes(data))
    say(
        make_console(),
        f"{out}: {name}, {len(data):,} bytes, {found.params:,} parameters, {found.macs:,} MACs",
    )
