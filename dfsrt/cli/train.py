"""``dfsrt train``: samples in, a power model with its card out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os.path import realpath
from pathlib import Path
from typing import Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.names import completed
from dfsrt.cli.output import name_files_in
from dfsrt.cli.progress import progress_of

Samples = Annotated[list[Path], typer.Argument(help="Files that 'dfsrt measure' wrote.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the model, named like it.")]
Device = Annotated[
    str | None,
    typer.Option(
        "--device",
        "-d",
        autocompletion=completed("device"),
        help="The device, where the samples' name is not a preset's.",
    ),
]

Networks = Annotated[
    Path | None,
    typer.Option("--networks", help="What 'dfsrt measure --whole' wrote; kept apart."),
]

FIGURE = "figure.png"


def train(
    samples: Samples,
    out: Out,
    device: Device = None,
    seed: options.Seed = 0,
    networks: Networks = None,
) -> None:
    """Train a power model on samples, validate it on held-out networks and bound it."""
    from dfsrt.device import load_device
    from dfsrt.power.bundle import CARD, GOLDEN, MODEL
    from dfsrt.power.learn.train import train_files
    from dfsrt.report.model_card import card_summary
    from dfsrt.report.model_figure import write_model_figure
    from dfsrt.report.tables import make_console

    kept = (CARD, MODEL, GOLDEN, FIGURE, *_new_copies(samples, out, networks))
    name_files_in(out, kept)
    npu = None if device is None else load_device(device)
    with progress_of("training") as on_done:
        done = train_files(samples, out, seed, on_done, npu, networks)
    write_model_figure(done, out / FIGURE)
    card_summary(make_console(), done.card)


def _new_copies(samples: Sequence[Path], out: Path, networks: Path | None) -> Iterator[str]:
    """Yield the copies of what was measured that the folder gets and does not hold already.

    One file of samples in its place is written back as it is: a model may be trained anew there.
    """
    from dfsrt.power.bundle import NETWORKS, SAMPLES

    if len(samples) > 1 or realpath(samples[0]) != realpath(out / SAMPLES):
        yield SAMPLES
    if networks is not None and realpath(networks) != realpath(out / NETWORKS):
        yield NETWORKS
