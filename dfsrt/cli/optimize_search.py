"""``dfsrt optimize search``: bits and zeros layer by layer, fidelity against energy a frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.load_job import check_kind
from dfsrt.cli.optimize_model import Data, Governor, Samples
from dfsrt.cli.output import STDOUT, check_outputs, name_files_in
from dfsrt.cli.parse import parse_count
from dfsrt.cli.progress import progress
from dfsrt.cli.reading_options import ReadingOptions
from dfsrt.cli.report_files import check_files, write_files
from dfsrt.cli.said import said_fields

if TYPE_CHECKING:
    from dfsrt.run.fields import RunFields
    from dfsrt.study.layers import LayerSearch

Trials = Annotated[
    int, typer.Option("--trials", "-n", parser=parse_count, metavar="N", help="Points to try.")
]
Fidelity = Annotated[
    str,
    typer.Option("--fidelity", help="What stands against energy: sqnr_db, accuracy, same, cosine."),
]
AtLeast = Annotated[
    float | None,
    typer.Option(
        "--at-least",
        help="Choose the point of least energy that keeps so much of it; else the nearest to both.",
    ),
]
Choices = Annotated[
    str | None,
    typer.Option(
        "--options",
        metavar="OPTION/...",
        show_default="8/4/8x2of4/4x2of4/8x0.5/4x0.5",
        help="What a layer's weights may become: bits, with zeros after an x.",
    ),
]
NoRefit = Annotated[
    bool, typer.Option("--no-refit", help="Do not fit what stays of a pruned layer to its outputs.")
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="Write the chosen point: an .onnx file.")
]
OutDir = Annotated[
    Path | None,
    typer.Option(
        "--out-dir",
        help="Folder for the journal, from which the same command goes on, and all files.",
    ),
]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write a row for each trial as CSV.")]
Figure = Annotated[
    Path | None, typer.Option("--figure", help="Draw fidelity over energy: .svg or .png.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions(ReadingOptions):
    """What is said of a search."""

    network: options.Network
    data: Data = None
    samples: Samples = None
    trials: Trials = 48
    fidelity: Fidelity = "sqnr_db"
    at_least: AtLeast = None
    choices: Choices = None
    no_refit: NoRefit = False
    out: Out = None
    out_dir: OutDir = None
    device: options.Device = None
    cap: options.Cap = None
    governor: Governor = None
    cap_domain: options.CapDomain = None
    power_model: options.PowerModel = None
    seed: options.AnySeed = None
    workers: options.Workers = None
    json: options.Json = None
    csv: Csv = None
    html: options.Html = None
    figure: Figure = None


@takes(SearchOptions)
def optimize_search(said: SearchOptions) -> None:
    """Search bits and zeros of each layer: the Pareto set of fidelity against energy a frame.

    Each layer alone first, then greedy points along what that says, then a sampler.
    """
    check_files(said)
    check_outputs(said.out, said.json, said.csv, said.html, said.figure)
    check_kind(said.network, "network")
    from dfsrt.report.tables import make_console, say, show_grids
    from dfsrt.study.layers import search_layers
    from dfsrt.study.layers.outputs import FILES, write_all
    from dfsrt.study.layers.words import head_lines, points_grid, sensitivity_grid

    if said.out_dir is not None:
        name_files_in(said.out_dir, FILES)
    search = _search(said)
    with progress(search.trials, f"searching {search.name}") as on_done:
        done = search_layers(
            search, said.out_dir, at_least=said.at_least, workers=said.workers, on_done=on_done
        )
    write_files(done, said)
    if said.out is not None:
        done.save(said.out)
    if said.out_dir is not None:
        write_all(done, said.out_dir)
    if STDOUT not in (said.json, said.csv):
        console = make_console()
        say(console, *head_lines(done.report))
        show_grids(console, [points_grid(done.report), sensitivity_grid(done.report)])
        say(console, "", f"the chosen point: --steps {done.report.chosen.steps}")


def _search(said: SearchOptions) -> LayerSearch:
    from dfsrt.study.layers import LayerSearch
    from dfsrt.study.layers.search import OPTIONS

    fields = dict(said_fields(said))
    if said.governor is not None:
        fields["governor"] = said.governor
    return LayerSearch(
        source=said.network,
        data=said.data,
        samples=said.samples,
        fidelity=said.fidelity,
        options=said.choices or OPTIONS,
        refit=not said.no_refit,
        trials=said.trials,
        seed=said.seed or 0,
        run=cast("RunFields", fields),
    )
