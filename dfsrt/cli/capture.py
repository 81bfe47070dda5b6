"""``dfsrt capture``: a model run for real, each node timed, as a workload trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_outputs, progress, write_bytes
from dfsrt.cli.parse import parse_count, parse_dims

Model = Annotated[str, typer.Argument(metavar="MODEL", help="An .onnx file, or a network by name.")]
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


def capture(
    model: Model,
    out: Out,
    runs: Runs = 10,
    warmup: Warmup = 1,
    threads: Threads = 1,
    optimize: Optimize = "disable",
    dim: options.Dim = None,
    seed: InputSeed = 0,
    json: options.Json = None,
) -> None:
    """Run a model in onnxruntime and record each node's time as a workload trace."""
    from dfsrt.base.files import check_new_folder

    check_outputs(json)
    check_new_folder(out)
    from dfsrt.capture import Settings, capture_model, capture_report, write_capture
    from dfsrt.capture.report import capture_tables
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    settings = Settings(runs, warmup, threads, optimize, seed)
    with progress(runs + warmup, f"running {model}") as on_run:
        done = capture_model(model, settings, parse_dims(dim), on_run)
    write_capture(done, out)
    report = capture_report(done)
    if json is not None:
        write_bytes(to_json(report), json)
    if json != STDOUT:
        capture_tables(make_console(), report)
