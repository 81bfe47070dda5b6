"""``dfsrt levers``: which lever pays, from a baseline down: in order, alone, and all but one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_html_path, check_outputs, write_bytes
from dfsrt.cli.parse import parse_names
from dfsrt.cli.progress import progress_of
from dfsrt.cli.said import as_typed, said_fields

In = Annotated[
    str | None,
    typer.Option(
        "--in",
        metavar="SCENARIO",
        autocompletion=completed("scenario"),
        show_default="the scenario of this pipeline, where there is one",
        help="Put the load into a scenario's surroundings; 'none' for none: no battery, no heat.",
    ),
]
File = Annotated[
    Path | None,
    typer.Option("--levers", metavar="FILE", help="Levers of your own, as TOML: more, or others."),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        "-l",
        metavar="NAME,...",
        help="Pick levers, in this order; the others are tried on top of them.",
    ),
]
Dram = Annotated[
    str | None,
    typer.Option(
        "--dram",
        metavar="PART",
        autocompletion=completed("dram"),
        help="The DRAM, as of 'run': its mapping is a lever.",
    ),
]
Figure = Annotated[
    Path | None,
    typer.Option("--figure", help="Draw the waterfall of joules a frame: .svg or .png."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeversOptions:
    """What is said of a ladder."""

    load: options.Load
    device: options.Device = None
    cap: options.Cap = None
    cap_domain: options.CapDomain = None
    dram: Dram = None
    surroundings: In = None
    file: File = None
    names: Names = None
    frames: options.AnyFrames = None
    until: options.Until = None
    ambient: options.Ambient = None
    power_model: options.PowerModel = None
    seed: options.AnySeed = None
    workers: options.Workers = None
    json: options.Json = None
    figure: Figure = None
    html: options.Html = None


@takes(LeversOptions)
def levers(said: LeversOptions) -> None:
    """Pull levers one after the other: what each does to speed, joules a frame, hours and heat.

    From fp16, layer by layer, one clock, every frame: smaller numbers, zeros, schedules, clocks,
    sleep, fewer steps, a smaller picture, fewer frames, other components.
    """
    check_outputs(said.json, said.figure, said.html)
    check_html_path(said.html)
    if said.figure is not None:
        from dfsrt.report.canvas import check_figure_path

        check_figure_path(said.figure)
    from dfsrt.report.tables import make_console, show_grids
    from dfsrt.run.fit import check_fit
    from dfsrt.run.source import kind_of
    from dfsrt.study.levers import ladder_of, pull
    from dfsrt.study.levers.table import levers_grids

    names, fields = None if said.names is None else parse_names(said.names), said_fields(said)
    ladder = ladder_of(said.load, said.surroundings, said.file, names, **fields)
    check_fit(fields, kind_of(ladder.ground.spec.load), as_typed)
    with progress_of(said.load) as on_run:
        done = pull(ladder, said.workers, partial(on_run, "runs"))
    if said.figure is not None:
        done.save_figure(said.figure)
    if said.html is not None:
        done.save_page(said.html)
    if said.json is not None:
        write_bytes(done.to_json(), said.json)
    if said.json != STDOUT:
        show_grids(make_console(), levers_grids(done.report))
