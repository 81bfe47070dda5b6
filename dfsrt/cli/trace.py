"""``dfsrt trace``: look at traces, make new ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.parse import parse_count

if TYPE_CHECKING:
    from dfsrt.base.arrays import Ints
    from dfsrt.base.tomltext import TomlValue
    from dfsrt.trace import Trace

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
    int, typer.Option("--priority", parser=parse_count, metavar="N", help="High is urgent.")
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


@dataclass(frozen=True, slots=True)
class Synthetic:
    """What is said of a trace to be made; the day takes only a seed."""

    kind: Kind
    out: Out
    workload: Workload = "resnet50"
    rate: Rate = 30.0
    quiet_rate: Quiet = 0.0
    burst: Burst = "2s"
    pause: Pause = "8s"
    duration: Duration = "60s"
    jitter: Jitter = "0s"
    deadline: Deadline = None
    priority: Priority = 0
    seed: options.Seed = 0

    def generator(self) -> dict[str, TomlValue]:
        """Return what a trace's card says of how it was made."""
        said = {name: value for name, value in asdict(self).items() if name != "out"}
        return {name: value for name, value in said.items() if value is not None}


@app.command("generate")
@takes(Synthetic)
def generate(said: Synthetic) -> None:
    """Make a seeded synthetic trace; the day takes only a seed."""
    from dfsrt.trace.write import write_trace

    trace = make_trace(said)
    write_trace(trace, said.out, generator=said.generator())
    _say(said.out, len(trace))


def make_trace(said: Synthetic) -> Trace:
    """Return the trace of these options, called like the folder that it is for.

    Raises:
        InputError: an option that cannot be used.
    """
    from dataclasses import replace

    from dfsrt.base.units import parse_period_ns
    from dfsrt.run.checks import check_seed
    from dfsrt.trace import generate as make
    from dfsrt.trace.day import day
    from dfsrt.trace.trace import NO_DEADLINE

    lasts_ns = parse_period_ns(said.duration, "duration")
    if said.kind == "day":
        trace = day(check_seed(said.seed))
        return replace(trace, card=replace(trace.card, name=said.out.name))
    arrival = _arrivals(said, lasts_ns, check_seed(said.seed))
    due_ns = NO_DEADLINE if said.deadline is None else parse_period_ns(said.deadline, "deadline")
    what = f"{said.kind} requests for {said.workload}, {said.rate:g} a second"
    about = {"name": said.out.name, "description": what}
    return make.stream(arrival, said.workload, lasts_ns, due_ns, said.priority, **about)


def _arrivals(said: Synthetic, lasts_ns: int, seed: int) -> Ints:
    """When requests come, ``(n_requests,)``."""
    from dfsrt.base.names import unknown_name
    from dfsrt.base.units import parse_period_ns, parse_time_ns
    from dfsrt.trace import generate as make

    if said.kind == "periodic":
        return make.periodic(said.rate, lasts_ns, parse_time_ns(said.jitter, "jitter"), seed)
    if said.kind == "poisson":
        return make.poisson(said.rate, lasts_ns, seed)
    if said.kind == "bursty":
        quiet_ns, busy_ns = (
            parse_period_ns(said.pause, "pause"),
            parse_period_ns(said.burst, "burst"),
        )
        return make.bursty(said.quiet_rate, said.rate, quiet_ns, busy_ns, lasts_ns, seed)
    known = ("periodic", "poisson", "bursty", "day")
    raise InputError(unknown_name("kind of trace", said.kind, known))


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
    made: list[TomlValue] = [generator_of(source) for source in traces]
    write_trace(trace, out, generator={"kind": "mix", "of": made} if all(made) else {})
    _say(out, len(trace))


def _say(out: Path, requests: int) -> None:
    from dfsrt.report.tables import make_console, say

    say(make_console(), f"{out}: {requests:,} requests; replay them with: dfsrt replay {out}")
