"""``dfsrt optimize MODEL``: a network made smaller, step by step, on a device and on data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dfsrt.base import defaults
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.load_job import check_kind
from dfsrt.cli.memory_options import MemoryOptions
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs
from dfsrt.cli.parse import parse_count
from dfsrt.cli.progress import progress_of
from dfsrt.cli.report_files import check_files, write_files
from dfsrt.cli.said import said_fields

if TYPE_CHECKING:
    from dfsrt.run.fields import AsGivenRunFields

Steps = Annotated[
    str,
    typer.Option(
        "--steps",
        "-s",
        autocompletion=completed("transform"),
        metavar="STEP,...",
        help="What is done, in order, like int8,prune:nm=2of4:refit (see 'dfsrt list transforms'), "
        "or FILE.py:CLASS.",
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FOLDER|FILE.npz|random",
        show_default="those that belong to the network, else random",
        help="Inputs to calibrate and judge on; a file may have classes under 'labels'.",
    ),
]
Samples = Annotated[
    int | None,
    typer.Option("--samples", parser=parse_count, metavar="N", help="Use the first N samples."),
]
Governor = Annotated[
    str | None,
    typer.Option(
        "--governor",
        "-g",
        autocompletion=completed("governor"),
        show_default=defaults.GOVERNOR,
        help="The governor, with parameters: NAME[:key=value] or FILE.py:CLASS[:key=value].",
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="Write what the last step leaves: an .onnx file.")
]
PerLayer = Annotated[
    bool, typer.Option("--per-layer", help="Show layers before and after, the worst first.")
]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write a row for each step as CSV.")]
Figure = Annotated[
    Path | None,
    typer.Option("--figure", help="Draw bytes, energy and answers over steps: .svg or .png."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizeOptions(MemoryOptions):
    """What is said of a network that is made smaller."""

    network: options.Network
    steps: Steps
    data: Data = None
    samples: Samples = None
    out: Out = None
    device: options.Device = None
    cap: options.Cap = None
    governor: Governor = None
    cap_domain: options.CapDomain = None
    power_model: options.PowerModel = None
    precision: options.Precision = None
    no_fuse: options.NoFuse = False
    seed: options.AnySeed = None
    per_layer: PerLayer = False
    json: options.Json = None
    csv: Csv = None
    html: options.Html = None
    figure: Figure = None


@takes(OptimizeOptions)
def optimize_model(said: OptimizeOptions) -> None:
    """Make a network smaller step by step: bytes, time, energy, watts and answers after each.

    And what the device makes of each step: speed, energy only, bytes only, no effect.
    """
    check_files(said)
    check_outputs(said.out, said.json, said.csv, said.html, said.figure)
    from dfsrt.report.optimize import optimize
    from dfsrt.report.optimize.table import optimize_table
    from dfsrt.report.tables import make_console

    check_kind(said.network, "network")
    with progress_of("optimizing") as on_step:
        done = optimize(
            said.network,
            said.steps,
            said.data,
            samples=said.samples,
            per_layer=said.per_layer,
            on_step=on_step,
            out=said.out,
            **_fields(said),
        )
    write_files(done, said)
    if STDOUT not in (said.json, said.csv):
        optimize_table(make_console(), done.report)


def _fields(said: OptimizeOptions) -> AsGivenRunFields:
    """What is said of the runs; steps are the chain's own."""
    fields = {name: value for name, value in said_fields(said).items() if name != "steps"}
    governed = fields if said.governor is None else {**fields, "governor": said.governor}
    return cast("AsGivenRunFields", governed)
