"""Options of ``dfsrt live``, and what they name: a tree, its states, a board, a governor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.base.notice import notice
from dfsrt.base.units import parse_period_ns
from dfsrt.cli import options
from dfsrt.cli.reading_options import ReadingOptions

if TYPE_CHECKING:
    from dfsrt.live import Devfreq, States, Sysfs

ROOT = Path("/")
Root = Annotated[
    Path, typer.Option("--root", help="Folder in place of /: every path lies below it.")
]
State = Annotated[
    Path | None,
    typer.Option(
        "--state", show_default="ROOT/run/dfsrt/live", help="Folder for locks and old settings."
    ),
]
Board = Annotated[
    str | None,
    typer.Option(
        "--board",
        "-b",
        show_default="the only one, or the only NPU",
        help="A board as 'dfsrt live show' names it, like devfreq:fdab0000.npu.",
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        "--device",
        "-d",
        show_default="by the board's name",
        help="The board as dfsrt's device.",
    ),
]
Method = Annotated[
    str,
    typer.Option(
        "--method",
        help="How a clock is set: userspace (governor and set_freq), limits (max_freq and "
        "min_freq), or auto: the first where the board has it.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Write. Without it each write is only printed.")]
For = Annotated[
    str | None,
    typer.Option("--for", show_default="until Ctrl-C or SIGTERM", help="How long, like 10s."),
]


@dataclass(frozen=True, kw_only=True)  # no slots: some also are ReadingOptions
class TreeOptions:
    """Where boards are looked for."""

    root: Root = ROOT
    state: State = None


@dataclass(frozen=True, kw_only=True)  # no slots: as its base
class BoardOptions(TreeOptions):
    """Which board, and how it is set."""

    board: Board = None
    method: Method = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernOptions(ReadingOptions, BoardOptions):
    """Who chooses the clock, and from what."""

    network: Annotated[
        str | None,
        typer.Argument(
            metavar="NETWORK",
            show_default=False,
            help="What runs, by name or .onnx file: for governors that go by predicted power.",
        ),
    ] = None
    governor: Annotated[
        str | None,
        typer.Option(
            "--governor",
            "-g",
            show_default="app-dvfs with a network, else simple_ondemand",
            help="A governor, with parameters: NAME[:key=value] or FILE.py:CLASS[:key=value].",
        ),
    ] = None
    device: Device = None
    cap: options.Cap = None
    cap_domain: options.CapDomain = None
    load: Annotated[
        str | None,
        typer.Option(
            "--load",
            show_default="what the board shows",
            help="Busy share, like 60%, or a recording of 'dfsrt live watch'.",
        ),
    ] = None
    meter: Annotated[
        str | None,
        typer.Option(
            "--meter", help="Whose watts governors like pid go by, like hwmon:hwmon2/power1."
        ),
    ] = None
    period: Annotated[
        str, typer.Option("--period", help="Time from one look at the board to the next.")
    ] = "100ms"


def tree_of(said: TreeOptions) -> Sysfs:
    """Return the tree that is named.

    Raises:
        InputError: no such folder.
    """
    from dfsrt.live import Sysfs

    if not said.root.is_dir():
        raise InputError(
            f"--root '{said.root}' is no folder; give one that holds sys/class/devfreq"
        )
    return Sysfs(said.root)


def states_of(said: TreeOptions) -> States:
    """Return the states that are kept for the tree."""
    from dfsrt.live import States

    return States.below(said.root) if said.state is None else States(said.state, said.root)


def say_pending(states: States) -> None:
    """Say on standard error which boards are in somebody's hands, or were never restored."""
    for saved in states.pending():
        who = f"the live command of {saved.when} (process {saved.pid})"
        if states.is_held(saved.board):
            notice(f"{saved.board} is in the hands of {who}")
        else:
            notice(
                f"{saved.board} was not restored by {who}; its settings were {saved.settings}; "
                f"put them back: {states.way_back}"
            )


def board_of(said: BoardOptions) -> Devfreq:
    """Return the board that is named, or the only one.

    Raises:
        InputError: there is none, or several.
    """
    from dfsrt.base.names import unknown_name
    from dfsrt.live.boards import open_board
    from dfsrt.live.devfreq import METHODS

    if said.method not in METHODS:
        raise InputError(unknown_name("method", said.method, METHODS))
    return open_board(tree_of(said), said.board, said.method)


def period_ns_of(text: str) -> int:
    """Return the period of looks.

    Raises:
        InputError: a time below the least.
    """
    from dfsrt.live.ticks import LEAST_PERIOD_NS

    period_ns = parse_period_ns(text, "--period")
    if period_ns < LEAST_PERIOD_NS:
        raise InputError(
            f"--period '{text}' is below 10 ms, and a write takes effect after up to 8 ms; "
            "give a longer one, like 100ms"
        )
    return period_ns


def for_ns_of(text: str | None) -> int | None:
    """Return how long, None without end."""
    return None if text is None else parse_period_ns(text, "--for")
