"""``dfsrt trace generate``: synthetic traces, of one workload or of a day."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.parse import parse_count
from dfsrt.cli.reading_options import ReadingOptions, reading_fields

if TYPE_CHECKING:
    from dfsrt.base.arrays import Ints
    from dfsrt.base.tomltext import TomlValue
    from dfsrt.trace import Trace

WORKLOAD = "resnet50"

Kind = Annotated[str, typer.Argument(help="periodic, poisson, bursty or day.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="The new folder for the trace.")]
Workload = Annotated[
    str | None,
    typer.Option(
        "--workload",
        "-w",
        show_default=f"{WORKLOAD}; of a day, phone",
        help="A network or a pipeline, with parameters, by name or by its file; for a day a file "
        "of uses with their hours.",
    ),
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

_ALWAYS = ("kind", "workload", "seed")
_STREAM = ("rate", "duration", "deadline", "priority")
TAKES = {
    "periodic": (*_ALWAYS, *_STREAM, "jitter"),
    "poisson": (*_ALWAYS, *_STREAM),
    "bursty": (*_ALWAYS, *_STREAM, "quiet_rate", "burst", "pause"),
    "day": _ALWAYS,
}
"""What of a trace's options each kind has a use for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic(ReadingOptions):
    """What is said of a trace to be made, and of how an own network in it is read.

    Raises:
        InputError: an unknown kind, or an option that such a trace has no use for.
    """

    kind: Kind
    out: Out
    workload: Workload = None
    rate: Rate = 30.0
    quiet_rate: Quiet = 0.0
    burst: Burst = "2s"
    pause: Pause = "8s"
    duration: Duration = "60s"
    jitter: Jitter = "0s"
    deadline: Deadline = None
    priority: Priority = 0
    seed: options.Seed = 0

    def __post_init__(self) -> None:
        from dfsrt.base.names import unknown_name

        if self.kind not in TAKES:
            raise InputError(unknown_name("kind of trace", self.kind, TAKES))
        shared = {option.name for option in fields(ReadingOptions)}
        for option in fields(self):
            value, usable = getattr(self, option.name), {*TAKES[self.kind], *shared, "out"}
            if option.name not in usable and value != option.default:
                typed = f"--{option.name.replace('_', '-')}"
                raise InputError(f"'{typed}' is not for a {self.kind} trace; leave it out")

    def generator(self) -> dict[str, TomlValue]:
        """Return what a trace's card says of how it was made."""
        said = {name: getattr(self, name) for name in TAKES[self.kind]}
        return {name: value for name, value in said.items() if value is not None}


@takes(Synthetic)
def generate(said: Synthetic) -> None:
    """Make a seeded synthetic trace of one workload, or of a day of several."""
    from dfsrt.base.files import check_new_folder
    from dfsrt.report.own_workloads import with_own_files
    from dfsrt.trace.write import write_trace

    check_new_folder(said.out)
    trace = with_own_files(make_trace(said), **reading_fields(said))
    write_trace(trace, said.out, generator=said.generator())
    say_written(said.out, trace)


def make_trace(said: Synthetic) -> Trace:
    """Return the trace of these options, called like the folder that it is for.

    Raises:
        InputError: an option that cannot be used.
    """
    from dataclasses import replace

    from dfsrt.base.units import parse_period_ns
    from dfsrt.run.checks import check_seed
    from dfsrt.trace import generate as make
    from dfsrt.trace.day import DAY, day
    from dfsrt.trace.trace import NO_DEADLINE
    from dfsrt.trace.workload import check_workload

    seed, workload = check_seed(said.seed), said.workload or WORKLOAD
    if said.kind == "day":
        trace = day(seed, said.workload or DAY)
        return replace(trace, card=replace(trace.card, name=said.out.name))
    check_workload(workload)
    lasts_ns = parse_period_ns(said.duration, "duration")
    arrival = _arrivals(said, lasts_ns, seed)
    due_ns = NO_DEADLINE if said.deadline is None else parse_period_ns(said.deadline, "deadline")
    what = f"{said.kind} requests for {workload}, {said.rate:g} a second"
    about = {"name": said.out.name, "description": what}
    return make.stream(arrival, workload, lasts_ns, due_ns, said.priority, **about)


def _arrivals(said: Synthetic, lasts_ns: int, seed: int) -> Ints:
    """When requests come, ``(n_requests,)``."""
    from dfsrt.base.units import parse_period_ns, parse_time_ns
    from dfsrt.trace import generate as make

    if said.kind == "periodic":
        return make.periodic(said.rate, lasts_ns, parse_time_ns(said.jitter, "jitter"), seed)
    if said.kind == "poisson":
        return make.poisson(said.rate, lasts_ns, seed)
    quiet_ns, busy_ns = (
        parse_period_ns(said.pause, "pause"),
        parse_period_ns(said.burst, "burst"),
    )
    return make.bursty(said.quiet_rate, said.rate, quiet_ns, busy_ns, lasts_ns, seed)


def say_written(out: Path, trace: Trace) -> None:
    """Say where a trace is, how its own networks are read, and the command that replays it."""
    from dfsrt.report.network_read import options_of
    from dfsrt.report.tables import make_console, say

    read = ((name, options_of(how)) for name, how in trace.card.readings.items())
    say(
        make_console(),
        *(f"note: {name} is read with {' '.join(options)}" for name, options in read if options),
        f"{out}: {len(trace):,} requests; replay them with: dfsrt replay {quote(str(out))}",
    )
