"""The options of a device's memory, the same in every command that costs layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from dfsrt.cli.reading_options import ReadingOptions

_PANEL = "How memory is used"
_OWN = "the device's own"

Mapper = Annotated[
    str | None,
    typer.Option(
        "--mapper",
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
        metavar="PART",
        show_default=f"{_OWN}, or its flat numbers",
        help="The DRAM, as NAME[:channels=N][:map=ORDER][:layout=LAYOUT] (see 'dfsrt list drams').",
        rich_help_panel=_PANEL,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryOptions(ReadingOptions):
    """What is said of memory; options of a command that costs layers extend it."""

    mapper: Mapper = None
    schedule: Schedule = None
    dram: Dram = None
