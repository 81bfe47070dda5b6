"""The options by which a network is read, the same in every command that reads one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dfsrt.cli.said import said_fields

if TYPE_CHECKING:
    from dfsrt.network.reading import ReadingFields

_PANEL = "How a network is read"

Dim = Annotated[
    list[str] | None,
    typer.Option(
        "--dim",
        metavar="NAME=SIZE",
        help="Set an open dimension, like batch=1.",
        rich_help_panel=_PANEL,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="INPUT=VALUE",
        help="Give an input its value, like sr=16000 or lengths=[20,20]: it is a constant then.",
        rich_help_panel=_PANEL,
    ),
]
Branch = Annotated[
    str | None,
    typer.Option(
        "--branch",
        metavar="then|else|larger",
        show_default="larger",
        help="The branch that every If takes whose condition depends on data.",
        rich_help_panel=_PANEL,
    ),
]
Trips = Annotated[
    list[str] | None,
    typer.Option(
        "--trips",
        metavar="NODE=N",
        help="Passes of a Loop whose count depends on data.",
        rich_help_panel=_PANEL,
    ),
]
UnknownOps = Annotated[
    str | None,
    typer.Option(
        "--unknown-ops",
        metavar="error|memory",
        show_default="error",
        help="Operators without a rule: error, or memory traffic only.",
        rich_help_panel=_PANEL,
    ),
]
KvCache = Annotated[
    str | None,
    typer.Option(
        "--kv-cache",
        metavar="append|copy",
        show_default="append",
        help="Keys and values of past steps: appended to in place, or copied as the file says.",
        rich_help_panel=_PANEL,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """What is said of how networks are read; options of a command that reads one extend it."""

    dim: Dim = None
    set: Set = None
    branch: Branch = None
    trips: Trips = None
    unknown_ops: UnknownOps = None
    kv_cache: KvCache = None


def reading_fields(said: ReadingOptions) -> ReadingFields:
    """Return what is said of reading, and nothing else, as keywords.

    Raises:
        InputError: a pair that is none.
    """
    from dfsrt.network.reading import ReadingFields

    names = ReadingFields.__annotations__
    return cast("ReadingFields", {n: v for n, v in said_fields(said).items() if n in names})
