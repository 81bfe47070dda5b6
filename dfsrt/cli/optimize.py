"""``dfsrt optimize``: smaller networks, and what they cost on a device."""

from __future__ import annotations

from typing import ClassVar

import typer

from dfsrt.cli import optimize_model, optimize_search
from dfsrt.cli.default_command import WithDefault


class ModelFirst(WithDefault):
    """A group whose first word may be a model: ``dfsrt optimize MODEL`` makes it smaller."""

    default: ClassVar[str] = "model"


app = typer.Typer(
    cls=ModelFirst,
    no_args_is_help=True,
)
app.command("model")(optimize_model.optimize_model)
app.command("search")(optimize_search.optimize_search)
