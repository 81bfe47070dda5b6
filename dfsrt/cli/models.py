"""``dfsrt models``: the shelf of trained power models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_html_path, check_outputs, write_bytes
from dfsrt.cli.parse import parse_count
from dfsrt.cli.progress import progress_of
from dfsrt.cli.said_line import tell

if TYPE_CHECKING:
    from dfsrt.device import Npu
    from dfsrt.power.learn.train import Trained

app = typer.Typer(no_args_is_help=True)

Name = Annotated[
    str,
    typer.Argument(
        autocompletion=completed("model"), help="A model by name, or the folder of one."
    ),
]
Figure = Annotated[
    Path | None,
    typer.Option("--figure", help="Draw predicted against measured, as .svg or .png."),
]
Json = Annotated[
    Path | None, typer.Option("--json", help="Write the card as JSON; '-' is standard output.")
]
Quick = Annotated[
    bool, typer.Option("--quick", help="Digests, schema and golden rows only; no training.")
]
OneIn = Annotated[
    int,
    typer.Option(
        "--one-in",
        parser=parse_count,
        metavar="N",
        help="Errors of one network in N alone: a quicker look.",
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        "--device",
        "-d",
        autocompletion=completed("device"),
        help="The device, where the card's name is not a preset's.",
    ),
]


@app.command("list")
def list_models() -> None:
    """List the models on the shelf with their error and what they were trained on."""
    from dfsrt.power.models import model_names, open_model
    from dfsrt.report.tables import make_console, show

    rows = []
    for name in model_names():
        card = open_model(name).card
        error = card.targets["power_w"].overall
        rows.append(
            (name, card.device, card.meter, f"{card.samples:,}", str(card.networks),
             f"{error.mape:.1%}", card.measured)
        )  # fmt: skip
    heads = ("<name", "<device", "<meter", "samples", "networks", "power error", "<measured")
    show(make_console(), heads, rows)


@app.command("show")
def show_model(
    model: Name,
    figure: Figure = None,
    json: Json = None,
    html: options.Html = None,
    device: Device = None,
) -> None:
    """Show a model's card: errors on networks it has not seen, bounds, range, limits."""
    check_outputs(figure, json, html)
    check_html_path(html)
    from dfsrt.power.models import open_model
    from dfsrt.report.canvas import check_figure_path
    from dfsrt.report.model_card import card_summary
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    if figure is not None:
        check_figure_path(figure)
    card = open_model(model).card
    if figure is not None or html is not None:
        from dfsrt.power.learn.check import check_model

        with progress_of("predicting held-out networks") as on_done:
            trained = check_model(model, on_done, _npu(device))
        _draw(trained, figure, html)
    if json is not None:
        write_bytes(to_json(card), json)
    if json != STDOUT:
        card_summary(make_console(), card)


def _draw(trained: Trained, figure: Path | None, html: Path | None) -> None:
    from dfsrt.report.model_figure import write_model_figure
    from dfsrt.report.page import write_page
    from dfsrt.report.page.model import model_page

    if figure is not None:
        write_model_figure(trained, figure)
    if html is not None:
        write_page(model_page(trained), html)


@app.command("check")
def check(model: Name, quick: Quick = False, device: Device = None, one_in: OneIn = 1) -> None:
    """Check a model's files, then work out again from its samples all that its card claims."""
    if one_in < 1:
        raise InputError(f"--one-in {one_in} is out of range; allowed is 1, all networks, or more")
    from dfsrt.power.learn.check import check_files, check_model
    from dfsrt.power.models import open_model

    if quick:
        check_files(model)
        tell(f"{model}: digests, features and golden rows are right")
        return
    with progress_of("checking") as on_done:
        check_model(model, on_done, _npu(device), one_in)
    card = open_model(model).card
    claims = "every number of the card" if one_in == 1 else f"answers and 1 error in {one_in}"
    follow = "follows" if one_in == 1 else "follow"
    tell(f"{model}: files are right, and {claims} {follow} from its {card.samples:,} samples")


def _npu(device: str | None) -> Npu | None:
    from dfsrt.device import load_device

    return None if device is None else load_device(device)
