"""``dfsrt activity``: which share of each layer's inputs and weights is zero, in real runs."""

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

RANDOM = "random"

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", autocompletion=completed("network"), help="An .onnx file with its weights."
    ),
]
Inputs = Annotated[
    str,
    typer.Option(
        "--inputs",
        metavar="FOLDER|random",
        help="A folder of .npy files, or .npz by the names of inputs; or random: uniform from 0 to "
        "1, which no network was trained on.",
    ),
]
Out = Annotated[
    Path,
    typer.Option("--out", "-o", help="CSV file to write, for --activity; '-' is standard output."),
]
Samples = Annotated[
    int | None,
    typer.Option(
        "--samples",
        parser=parse_count,
        metavar="N",
        show_default="all files, or 4 random ones",
        help="How many to run.",
    ),
]
InputSeed = Annotated[
    int,
    typer.Option("--seed", parser=parse_count, metavar="N", help="Picks the random inputs."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityOptions(ReadingOptions):
    """What is said of a model whose zeros are counted."""

    model: Model
    inputs: Inputs
    out: Out
    samples: Samples = None
    seed: InputSeed = 0
    no_fuse: options.NoFuse = False


@takes(ActivityOptions)
def activity(said: ActivityOptions) -> None:
    """Run a model in onnxruntime and write each layer's share of zero inputs and weights."""
    check_outputs(said.out)
    from dfsrt.base.errors import InputError
    from dfsrt.capture import Inputs as Given
    from dfsrt.capture import measure_zeros, zeros_table
    from dfsrt.power.zeros_file import zeros_text
    from dfsrt.report.tables import make_console

    is_random = said.inputs == RANDOM
    if said.seed and not is_random:
        raise InputError("--seed picks random inputs, and these are files; leave it out")
    given = Given(None if is_random else Path(said.inputs), said.samples, said.seed)
    with progress(None, f"running {said.model}") as on_run:
        zeros = measure_zeros(
            said.model,
            given,
            on_run=on_run,
            **reading_fields(said),
        )
    write_bytes(zeros_text(zeros.shares).encode(), said.out)
    if said.out != STDOUT:
        zeros_table(make_console(), zeros)
