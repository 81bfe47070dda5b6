"""``dfsrt capture``: a model run for real, each node timed, as a workload trace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.parse import parse_count
from dfsrt.cli.progress import progress
from dfsrt.cli.reading_options import ReadingOptions, reading_fields

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        autocompletion=completed("network"),
        help="An .onnx file, or a network by name.",
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Trace folder to write; must be new.")]
Runs = Annotated[
    int, typer.Option("--runs", "-n", parser=parse_count, metavar="N", help="Runs to keep.")
]
Warmup = Annotated[
    int,
    typer.Option("--warmup", parser=parse_count, metavar="N", help="Runs before, not kept."),
]
Threads = Annotated[
    int,
    typer.Option(
        "--threads", parser=parse_count, metavar="N", help="Threads that a kernel may use."
    ),
]
Optimize = Annotated[
    str,
    typer.Option(
        "--optimize", help="Graph optimisation of onnxruntime: disable, basic, extended or all."
    ),
]
InputSeed = Annotated[
    int,
    typer.Option("--seed", parser=parse_count, metavar="N", help="Picks the random inputs."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOptions(ReadingOptions):
    """What is said of a model that is run and timed."""

    model: Model
    out: Out
    runs: Runs = 10
    warmup: Warmup = 1
    threads: Threads = 1
    optimize: Optimize = "disable"
    seed: InputSeed = 0
    json: options.Json = None


@takes(CaptureOptions)
def capture(said: CaptureOptions) -> None:
    """Run a model in onnxruntime and record each node's time as a workload trace."""
    from dfsrt.base.files import check_new_folder

    check_outputs(said.json)
    check_new_folder(said.out)
    from dfsrt.capture import Settings, capture_model, capture_report, write_capture
    from dfsrt.capture.report import capture_tables
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    settings = Settings(said.runs, said.warmup, said.threads, said.optimize, said.seed)
    with progress(said.runs + said.warmup, f"running {said.model}") as on_run:
        done = capture_model(said.model, settings, on_run, **reading_fields(said))
    write_capture(done, said.out)
    report = capture_report(done)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        capture_tables(make_console(), report, done.model.reading)
