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

WORKLOAD, MODEL = "resnet50", "llm:llama-3.2-1b"
STREAMS = ("azure-code", "azure-conversation")
RATE_HZ, DURATION, STREAM_DURATION = 30.0, "60s", "1 h"

Kind = Annotated[
    str,
    typer.Argument(help="periodic, poisson, bursty, day, azure-code or azure-conversation."),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="The new folder for the trace.")]
Workload = Annotated[
    str | None,
    typer.Option(
        "--workload",
        "-w",
        show_default=f"{WORKLOAD}; of a day, phone; of azure's kinds, {MODEL}",
        help="A network or a pipeline, with parameters, by name or by its file; for a day a file "
        "of uses with their hours.",
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        show_default=f"{RATE_HZ:g}; of azure's kinds, the trace's",
        help="Requests a second; when bursty, in a burst.",
    ),
]
Quiet = Annotated[float, typer.Option("--quiet-rate", help="Bursty: requests a second between.")]
Burst = Annotated[str, typer.Option("--burst", help="Bursty: mean length of a burst.")]
Pause = Annotated[str, typer.Option("--pause", help="Bursty: mean time between bursts.")]
Duration = Annotated[
    str | None,
    typer.Option(
        "--duration",
        show_default=f"{DURATION}; of azure's kinds, {STREAM_DURATION}",
        help="Time that the trace covers.",
    ),
]
Jitter = Annotated[str, typer.Option("--jitter", help="Periodic: how late a request may come.")]
Deadline = Annotated[str | None, typer.Option("--deadline", help="Time from arrival to finish.")]
Priority = Annotated[
    int, typer.Option("--priority", parser=parse_count, metavar="N", help="High is urgent.")
]
Lengths = Annotated[
    str | None,
    typer.Option(
        "--lengths",
        help="Tokens by a distribution: azure-code, azure-conversation, assistant, or a file.",
    ),
]

_ALWAYS = ("kind", "workload", "seed")
_STREAM = ("rate", "duration", "deadline", "priority")
_TOKENS = ("prompt", "tokens", "lengths")
TAKES = {
    "periodic": (*_ALWAYS, *_STREAM, *_TOKENS, "jitter"),
    "poisson": (*_ALWAYS, *_STREAM, *_TOKENS),
    "bursty": (*_ALWAYS, *_STREAM, *_TOKENS, "quiet_rate", "burst", "pause"),
    "day": _ALWAYS,
    **dict.fromkeys(STREAMS, (*_ALWAYS, *_STREAM)),
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
    rate: Rate = None
    quiet_rate: Quiet = 0.0
    burst: Burst = "2s"
    pause: Pause = "8s"
    duration: Duration = None
    jitter: Jitter = "0s"
    deadline: Deadline = None
    priority: Priority = 0
    prompt: options.Prompt = None
    tokens: options.Tokens = None
    lengths: Lengths = None
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
                kind = f"an {self.kind}" if self.kind in STREAMS else f"a {self.kind}"
                raise InputError(f"'{typed}' is not for {kind} trace; leave it out")

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

    from dfsrt.base.whole import check_seed
    from dfsrt.trace.day import DAY, day

    if said.kind == "day":
        trace = day(check_seed(said.seed), said.workload or DAY)
        return replace(trace, card=replace(trace.card, name=said.out.name))
    return _token_stream(said) if said.kind in STREAMS else _stream(said)


def _stream(said: Synthetic) -> Trace:
    """Requests of one workload, alike but for the tokens that they may have."""
    from dfsrt.trace.asked_tokens import asked_lengths
    from dfsrt.trace.generate import SOURCE, stream
    from dfsrt.trace.workload import check_workload

    workload, rate_hz = said.workload or WORKLOAD, RATE_HZ if said.rate is None else said.rate
    check_workload(workload)
    lasts_ns, due_ns = _times(said, DURATION)
    asked = asked_lengths(workload, said.prompt, said.tokens, said.lengths, f"trace {said.kind}")
    arrival = _arrivals(said, rate_hz, lasts_ns)
    tokens = None if asked is None else asked.draw(len(arrival), [said.seed])
    what = f"{said.kind} requests for {workload}, {rate_hz:g} a second"
    source = f"{SOURCE}; tokens {asked.source}" if asked and asked.source else SOURCE
    return stream(
        arrival,
        workload,
        lasts_ns,
        due_ns,
        said.priority,
        tokens=tokens,
        name=said.out.name,
        description=what,
        source=source,
    )


def _token_stream(said: Synthetic) -> Trace:
    """Requests for a language model with the statistics of a public trace."""
    from dfsrt.base.whole import check_seed
    from dfsrt.trace.token_trace import stream_trace
    from dfsrt.trace.workload import check_workload

    workload = said.workload or MODEL
    check_workload(workload)
    lasts_ns, due_ns = _times(said, STREAM_DURATION)
    return stream_trace(
        said.kind,
        workload,
        lasts_ns,
        check_seed(said.seed),
        rate_hz=said.rate,
        deadline_ns=due_ns,
        priority=said.priority,
        name=said.out.name,
    )


def _times(said: Synthetic, duration: str) -> tuple[int, int]:
    """How long the trace lasts and each request may take, in nanoseconds."""
    from dfsrt.base.units import parse_period_ns
    from dfsrt.trace.trace import NO_DEADLINE

    due_ns = NO_DEADLINE if said.deadline is None else parse_period_ns(said.deadline, "deadline")
    return parse_period_ns(said.duration or duration, "duration"), due_ns


def _arrivals(said: Synthetic, rate_hz: float, lasts_ns: int) -> Ints:
    """When requests come, ``(n_requests,)``."""
    from dfsrt.base.units import parse_period_ns, parse_time_ns
    from dfsrt.base.whole import check_seed
    from dfsrt.trace import generate as make

    seed = check_seed(said.seed)
    if said.kind == "periodic":
        return make.periodic(rate_hz, lasts_ns, parse_time_ns(said.jitter, "jitter"), seed)
    if said.kind == "poisson":
        return make.poisson(rate_hz, lasts_ns, seed)
    quiet_ns, busy_ns = (
        parse_period_ns(said.pause, "pause"),
        parse_period_ns(said.burst, "burst"),
    )
    return make.bursty(said.quiet_rate, rate_hz, quiet_ns, busy_ns, lasts_ns, seed)


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
