"""``dfsrt tune``: search a governor's parameters, and what it runs on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.notice import notice
from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_html_path, check_outputs, name_files_in, write_bytes
from dfsrt.cli.parse import parse_idle
from dfsrt.cli.progress import progress

if TYPE_CHECKING:
    from dfsrt.study.schema import Timing

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="What to search, and over.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Folder for journal and results; else the study's file name."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON instead of a table.")]


def tune(
    study: StudyFile,
    out: Out = None,
    workers: options.Workers = None,
    dask: options.Dask = None,
    json: Json = False,
    html: options.Html = None,
    idle: options.Idle = None,
    idle_rail: options.IdleRail = None,
) -> None:
    """Tune a governor: best point, Pareto set, figure, and a file that --governor takes.

    A study that was cut off goes on where it stopped; the result is the same.
    """
    from dfsrt.base.extras import need

    need("tune")
    check_outputs(html)
    check_html_path(html)
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console, show_grids
    from dfsrt.study import read_study
    from dfsrt.study import tune as run_study
    from dfsrt.study.outputs import FILES, TIMING

    folder = out or Path(study.stem)
    name_files_in(folder, FILES)
    read = read_study(study).sleeping(None if not idle else parse_idle(idle), idle_rail)
    try:
        with progress(read.trials, f"tuning {read.name}") as on_done:
            done = run_study(read, folder, workers, dask, on_done)
    except KeyboardInterrupt:
        notice(f"trials are kept in '{folder}'; the same command goes on")
        raise
    write_bytes(to_json(done.timing), folder / TIMING)
    if html is not None:
        from dfsrt.report.page import write_page
        from dfsrt.study.page import tune_page

        write_page(tune_page(done.result, done.report), html)
    if json:
        write_bytes(to_json(done.report), STDOUT)
        return
    show_grids(make_console(), done.grids())
    _say_time(done.timing, done.resumed, folder)


def _say_time(timing: Timing, resumed: int, folder: Path) -> None:
    from dfsrt.report.tables import make_console, say

    earlier = f"; {resumed} of them in earlier sessions" if resumed else ""
    say(
        make_console(),
        f"{timing.trials + resumed} trials{earlier}; this session {timing.wall_s:.1f} s: engine "
        f"{timing.engine_s:.1f} s on {timing.workers} workers, layer tables {timing.tables_s:.1f} "
        f"s, sampler {timing.ask_s + timing.tell_s:.1f} s",
        f"results in {folder}; the tuned governor: --governor {folder / 'governor.toml'}",
    )
