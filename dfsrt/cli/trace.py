"""``dfsrt trace``: look at traces, make new ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes

app = typer.Typer(help="Look at workload traces, and make new ones.", no_args_is_help=True)

Source = Annotated[
    str, typer.Argument(metavar="TRACE", help="A name on the shelf, a folder or a file.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="The new folder for the trace.")]
Kind = Annotated[str, typer.Argument(help="periodic, poisson, bursty or day.")]
Workload = Annotated[
    str, typer.Option("--workload", "-w", help="A network or a pipeline, with parameters.")
]
Rate = Annotated[float, typer.Option("--rate", help="Requests a second; when bursty, in a burst.")]
Quiet = Annotated[float, typer.Option("--quiet-rate", help="Bursty: requests a second between.")]
Burst = Annotated[str, typer.Option("--burst", help="Bursty: mean length of a burst.")]
Pause = Annotated[str, typer.Option("--pause", help="Bursty: mean time between bursts.")]
Duration = Annotated[str, typer.Option("--duration", help="Time that the trace covers.")]
Jitter = Annotated[str, typer.Option("--jitter", help="Periodic: how late a request may come.")]
Deadline = Annotated[str | None, typer.Option("--deadline", help="Time from arrival to finish.")]
Priority = Annotated[
    int, typer.Option("--priority", parser=options.parse_count, metavar="N", help="High is urgent.")
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


@app.command("generate")
def generate(
    kind: Kind,
    out: Out,
    workload: Workload = "resnet50",
    rate: Rate = 30.0,
    quiet_rate: Quiet = 0.0,
    burst: Burst = "2s",
    pause: Pause = "8s",
    duration: Duration = "60s",
    jitter: Jitter = "0s",
    deadline: Deadline = None,
    priority: Priority = 0,
    seed: options.Seed = 0,
) -> None:
    """Make a seeded synthetic trace; the day takes only a seed."""
    from dfsrt.run.api import check_seed
    from dfsrt.trace.write import write_trace

    given = {k: v for k, v in locals().items() if k not in ("out", "check_seed", "write_trace")}
    check_seed(seed)
    trace = make_trace(out.name, **given)
    write_trace(trace, out, generator={k: v for k, v in given.items() if v is not None})
    _say(out, len(trace))


def make_trace(
    name: str,
    kind: str,
    workload: str,
    rate: float,
    quiet_rate: float,
    burst: str,
    pause: str,
    duration: str,
    jitter: str,
    deadline: str | None,
    priority: int,
    seed: int,
) -> Any:
    """Return the trace of these options as typed, called ``name``.

    Raises:
        InputError: an option that cannot be used.
    """
    from dataclasses import replace

    from dfsrt.base.names import unknown_name
    from dfsrt.base.units import parse_period_ns, parse_time_ns
    from dfsrt.trace import generate as make
    from dfsrt.trace.day import day
    from dfsrt.trace.trace import NO_DEADLINE

    lasts_ns = parse_period_ns(duration, "duration")
    if kind == "day":
        found = day(seed)
        return replace(found, card=replace(found.card, name=name))
    if kind == "periodic":
        late_ns = parse_time_ns(jitter, "jitter")
        arrival = make.periodic(rate, lasts_ns, late_ns, seed)
    elif kind == "poisson":
        arrival = make.poisson(rate, lasts_ns, seed)
    elif kind == "bursty":
        quiet_ns, busy_ns = parse_period_ns(pause, "pause"), parse_period_ns(burst, "burst")
        arrival = make.bursty(quiet_rate, rate, quiet_ns, busy_ns, lasts_ns, seed)
    else:
        known = ("periodic", "poisson", "bursty", "day")
        raise InputError(unknown_name("kind of trace", kind, known))
    due_ns = NO_DEADLINE if deadline is None else parse_period_ns(deadline, "deadline")
    told = f"{kind} requests for {workload}, {rate:g} a second"
    return make.stream(arrival, workload, lasts_ns, due_ns, priority, name=name, description=told)


@app.command("mix")
def mix(
    traces: Annotated[list[str], typer.Argument(metavar="TRACE...", help="Traces to mix.")],
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
    made = [generator_of(source) for source in traces]
    write_trace(trace, out, generator={"kind": "mix", "of": made} if all(made) else {})
    _say(out, len(trace))


def _say(out: Path, requests: int) -> None:
    from dfsrt.report.tables import make_console, say

    say(make_console(), f"{out}: {requests:,} requests; replay them with: dfsrt replay {out}")
