"""``dfsrt trace``: look at traces, make new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.cli import options, trace_generate, trace_import
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.trace_generate import Out, say_written

if TYPE_CHECKING:
    from dfsrt.base.tomltext import TomlValue

app = typer.Typer(no_args_is_help=True)

Source = Annotated[
    str,
    typer.Argument(
        metavar="TRACE",
        autocompletion=completed("trace"),
        help="A name on the shelf, a folder or a file.",
    ),
]
Traces = Annotated[
    list[str],
    typer.Argument(metavar="TRACE...", autocompletion=completed("trace"), help="Traces to mix."),
]


@app.command("show")
def show(trace: Source, json: options.Json = None) -> None:
    """Show a trace: its card, what is asked for, and how often."""
    check_outputs(json)
    from dfsrt.report.schema import to_json
    from dfsrt.report.trace_table import trace_report, trace_table
    from dfsrt.trace.load import load_trace

    report = trace_report(load_trace(trace))
    if json is not None:
        write_bytes(to_json(report), json)
    if json != STDOUT:
        trace_table(report)


@app.command("list")
def list_traces() -> None:
    """List the traces on the shelf."""
    from dfsrt.cli.listing import list_names

    list_names("traces")


app.command("generate")(trace_generate.generate)
app.command("import")(trace_import.import_log)


@app.command("mix")
def mix(
    traces: Traces,
    out: Out,
) -> None:
    """Put the requests of several traces into one; cap changes are those of the first."""
    from dataclasses import replace

    from dfsrt.trace.load import generator_of, load_trace
    from dfsrt.trace.transform import mixed
    from dfsrt.trace.write import write_trace

    loaded = [load_trace(trace) for trace in traces]
    kinds = {trace.card.kind for trace in loaded}
    card = replace(
        loaded[0].card,
        name=out.name,
        kind="recorded" if kinds == {"recorded"} else "synthetic",
        description="mix of " + ", ".join(trace.card.name for trace in loaded),
        source="; ".join(dict.fromkeys(trace.card.source for trace in loaded)),
        duration_ns=max(trace.card.duration_ns for trace in loaded),
    )
    trace = mixed(loaded, card)
    generators: list[TomlValue] = [generator_of(source) for source in traces]
    write_trace(trace, out, generator={"kind": "mix", "of": generators} if all(generators) else {})
    say_written(out, trace)
