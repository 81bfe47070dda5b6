"""``dfsrt tune``: search a governor's parameters, and what it runs on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.notice import notice
from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_html_path, check_outputs, name_files_in, write_bytes
from dfsrt.cli.parse import parse_idle
from dfsrt.cli.progress import progress

if TYPE_CHECKING:
    from dfsrt.study.schema import Timing, TunedPoint, TuneReport

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="What to search, and over.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Folder for journal and results; else the study's file name."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON instead of a table.")]


ALWAYS = ("energy_j", "latency_s", "cap_excess")
"""Metrics that the table shows whatever the study is about."""
MAX_ROWS = 20


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
    _show(done.report)
    _say_time(done.timing, done.resumed, folder)


def _show(report: TuneReport) -> None:
    from dfsrt.report.tables import make_console, say, show

    console = make_console()
    counts = report.trials
    caps = ", ".join("the device's own" if cap is None else str(cap) for cap in report.caps)
    limits = "".join(f", {name} limited to {limit:g}" for name, limit in report.limits.items())
    say(
        console,
        f"{report.study}: {', '.join(report.objectives)}{limits}",
        f"over {', '.join(report.networks)}; caps {caps}; seeds {_listed(report.seeds)}",
        f"trials: {counts.complete} complete ({counts.feasible} keep the limits), "
        f"{counts.pruned} pruned, {counts.failed} failed",
        *(f"note: {n} trials could not run: {why}" for why, n in report.failures.items()),
    )
    if not report.best.feasible:
        say(console, "note: no trial keeps the limits; the best is the one nearest to them")
    others = [p for p in report.pareto if p.trial != report.best.trial]
    rows = [("baseline", report.baseline), ("best", report.best)]
    rows += [("pareto", point) for point in others[:MAX_ROWS]]
    shown = list(dict.fromkeys([*report.objectives, *report.limits, *ALWAYS]))
    heads = ("<", "trial", *shown, "<governor")
    show(console, heads, (_row(what, point, shown) for what, point in rows))
    if len(others) > MAX_ROWS:
        say(console, f"{len(others) - MAX_ROWS} more of the Pareto set are in result.json")


def _row(what: str, point: TunedPoint, shown: Sequence[str]) -> tuple[str, ...]:
    trial = "" if point.trial < 0 else str(point.trial)
    idle = "" if point.idle is None else f", idle {point.idle}"
    values = (f"{point.metrics[name]:.4f}" for name in shown)
    bound = "" if point.confidence is None else f" at {point.confidence}"
    memory = "" if point.memory is None else f", memory {point.memory}"
    return (what, trial, *values, f"{point.governor} on {point.device}{bound}{idle}{memory}")


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values)


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
