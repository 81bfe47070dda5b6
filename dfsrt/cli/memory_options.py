"""The options of smaller networks and of a device's memory, in every command that costs layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from dfsrt.cli.names import completed
from dfsrt.cli.reading_options import ReadingOptions

_PANEL = "How memory is used"
_OWN = "the device's own"

Steps = Annotated[
    str | None,
    typer.Option(
        "--steps",
        metavar="STEP,...",
        help="Make networks smaller, by their sizes: w4a8, int8,prune:nm=2of4 (see 'dfsrt list "
        "transforms'); 'dfsrt optimize' measures what is left of the answers.",
    ),
]
Mapper = Annotated[
    str | None,
    typer.Option(
        "--mapper",
        autocompletion=completed("mapper"),
        metavar="NAME",
        show_default=_OWN,
        help="Who tiles the layers (see 'dfsrt list mappers'), or FILE.py:CLASS.",
        rich_help_panel=_PANEL,
    ),
]
Schedule = Annotated[
    str | None,
    typer.Option(
        "--schedule",
        autocompletion=completed("schedule"),
        metavar="NAME",
        show_default=_OWN,
        help="Which maps stay on chip (see 'dfsrt list schedules'), or FILE.py:CLASS.",
        rich_help_panel=_PANEL,
    ),
]
Dram = Annotated[
    str | None,
    typer.Option(
        "--dram",
        autocompletion=completed("dram"),
        metavar="PART",
        show_default=f"{_OWN}, or its flat numbers",
        help="The DRAM, as NAME[:channels=N][:map=ORDER][:layout=LAYOUT] (see 'dfsrt list drams').",
        rich_help_panel=_PANEL,
    ),
]

Prefetch = Annotated[
    str | None,
    typer.Option(
        "--prefetch",
        metavar="WHAT",
        show_default=_OWN,
        help="What is fetched for the next layer while one runs: none, weights or all.",
        rich_help_panel=_PANEL,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryOptions(ReadingOptions):
    """What is said of sizes and memory; options of a command that costs layers extend it."""

    steps: Steps = None
    mapper: Mapper = None
    schedule: Schedule = None
    dram: Dram = None
    prefetch: Prefetch = None
