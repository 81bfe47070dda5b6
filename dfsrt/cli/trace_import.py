"""``dfsrt trace import``: public logs of requests for language models, as traces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.base.places import own_name
from dfsrt.cli.command import takes
from dfsrt.cli.parse import parse_count
from dfsrt.cli.trace_generate import Out, say_written

if TYPE_CHECKING:
    from dfsrt.trace.requests import Choice

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A log of requests, packed by gzip or zstd or not.")
]
Workload = Annotated[
    str,
    typer.Option("--workload", "-w", help="The language model that is asked: llm:llama-3.2-1b."),
]
Format = Annotated[str, typer.Option("--format", help="auto, azure, burstgpt or mooncake.")]
Since = Annotated[
    str, typer.Option("--from", help="Take requests from this time after the log's first on.")
]
Until = Annotated[str | None, typer.Option("--until", help="Take requests before this time.")]
Most = Annotated[
    int | None,
    typer.Option("--most", parser=parse_count, metavar="N", help="Take the first N that fit."),
]
Context = Annotated[
    int | None,
    typer.Option(
        "--context",
        parser=parse_count,
        metavar="N",
        show_default="the model's",
        help="Most tokens of a request, prompt and output together.",
    ),
]
Over = Annotated[
    str, typer.Option("--over", help="Of requests with more: leave-out, or clip their prompts.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What is said of a log of requests, and of the trace that it becomes."""

    file: File
    workload: Workload
    out: Out
    format_: Format = "auto"
    since: Since = "0s"
    until: Until = None
    most: Most = None
    context: Context = None
    over: Over = "leave-out"

    def choice(self) -> Choice:
        """Return which of the log's requests are taken.

        Raises:
            InputError: a window, a number or a context that cannot be, or no language model.
        """
        from dfsrt.base.units import parse_time_ns
        from dfsrt.trace.requests import Choice

        until_ns = None if self.until is None else parse_time_ns(self.until, "--until")
        return Choice(
            since_ns=parse_time_ns(self.since, "--from"),
            until_ns=until_ns,
            most=self.most,
            context=_context(self.workload, self.context),
            over=self.over,
        )


@takes(Log)
def import_log(said: Log) -> None:
    """Make a trace of a public log of requests for language models: Azure, BurstGPT, Mooncake."""
    from dfsrt.base.files import check_new_folder
    from dfsrt.report.tables import make_console, say
    from dfsrt.trace.requests import imported_trace
    from dfsrt.trace.write import write_trace

    check_new_folder(said.out)
    choice, name = said.choice(), own_name(said.out)
    trace, about = imported_trace(said.file, said.workload, name, choice, said.format_)
    write_trace(trace, said.out, capture=about)
    say(make_console(), *(f"note: {key}: {text}" for key, text in about.items()))
    say_written(said.out, trace)


def _context(workload: str, given: int | None) -> int | None:
    """The most tokens of a request: as given, or what the model attends to."""
    from dfsrt.network.passes import is_language_model
    from dfsrt.trace.workload import check_workload, context_of

    if not is_language_model(workload):
        raise InputError(
            f"'{workload}' is no language model, so its requests have no tokens; give --workload "
            "one like llm:llama-3.2-1b"
        )
    check_workload(workload)
    model = context_of(workload)
    return model if given is None else min(given, model)
