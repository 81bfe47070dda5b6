"""``dfsrt sweep``: every combination of what is varied, in one table, three files and a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.base.notice import notice
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_html_path, check_outputs, name_files_in, write_bytes
from dfsrt.cli.parse import parse_count, parse_names
from dfsrt.cli.progress import progress_of

if TYPE_CHECKING:
    from dfsrt.study.sweep.schema import SweepTiming
    from dfsrt.study.sweep.study import Shared, SweepStudy, Written

_VARIED = "What is varied: several with commas between them, or the option again"


def _listed(help_: str, *names: str, kinds: Sequence[str] = ()) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        *names,
        metavar="A,B",
        help=help_,
        rich_help_panel=_VARIED,
        autocompletion=completed(*kinds),
    )
    return option


StudyFile = Annotated[
    Path | None,
    typer.Argument(metavar="STUDY.toml", help="A study; or say what to vary with options."),
]
Listed = list[str] | None
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Folder for journal and results; else the study's name."),
]
Sampler = Annotated[
    str,
    typer.Option("--sampler", help="grid, every combination; or sobol, --points of them."),
]
PointCount = Annotated[
    int | None, typer.Option("--points", parser=parse_count, metavar="N", help="Points of sobol.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOptions:
    """What is said of a sweep."""

    study: StudyFile = None
    network: Annotated[
        Listed,
        _listed(
            "Networks, pipelines, traces, scenarios.",
            "--network",
            kinds=("network", "pipeline", "trace", "scenario"),
        ),
    ] = None
    device: Annotated[Listed, _listed("Devices.", "--device", "-d", kinds=("device",))] = None
    cap: Annotated[Listed, _listed("Power caps, like 0.5W,1W.", "--cap", "-c")] = None
    governor: Annotated[Listed, _listed("Governors.", "--governor", "-g", kinds=("governor",))] = (
        None
    )
    memory: Annotated[
        Listed, _listed("Memory clocks, or who sets them.", "--memory", kinds=("memory",))
    ] = None
    idle: Annotated[Listed, _listed("Idle governors.", "--idle", kinds=("idle",))] = None
    precision: Annotated[Listed, _listed("Precisions.", "--precision")] = None
    steps: Annotated[
        list[str] | None,
        typer.Option(
            "--steps",
            metavar="STEP,...",
            autocompletion=completed("transform"),
            help="Smaller networks, a chain of steps; another by --steps again.",
            rich_help_panel=_VARIED,
        ),
    ] = None
    mapper: Annotated[Listed, _listed("Mappers.", "--mapper", kinds=("mapper",))] = None
    schedule: Annotated[Listed, _listed("Schedules.", "--schedule", kinds=("schedule",))] = None
    prefetch: Annotated[Listed, _listed("What is fetched ahead.", "--prefetch")] = None
    power_model: Annotated[Listed, _listed("Power models.", "--power-model", kinds=("model",))] = (
        None
    )
    confidence: Annotated[Listed, _listed("Confidences.", "--confidence")] = None
    cap_domain: Annotated[Listed, _listed("What the cap holds.", "--cap-domain")] = None
    ambient: Annotated[Listed, _listed("Airs around a scenario.", "--ambient")] = None
    seed: Annotated[Listed, _listed("Seeds of the hidden activity.", "--seed")] = None
    frames: options.AnyFrames = None
    period: options.Period = None
    deadline: options.Deadline = None
    until: options.Until = None
    sampler: Sampler = "grid"
    points: PointCount = None
    out: Out = None
    workers: options.Workers = None
    dask: options.Dask = None
    json: options.Json = None
    html: options.Html = None


VARIED = (
    *("network", "device", "cap", "governor", "memory", "idle", "precision", "steps", "mapper"),
    *("schedule", "prefetch", "power_model", "confidence", "cap_domain", "ambient", "seed"),
)
NAME = "sweep"
"""What a sweep of options is called, and its folder where none is given."""
SHARED = ("frames", "period", "deadline", "until")


@takes(SweepOptions)
def sweep(said: SweepOptions) -> None:
    """Run every combination of networks, devices, caps, governors and more; compare all of them.

    A sweep that was cut off goes on where it stopped; the result is the same.
    """
    check_outputs(said.json, said.html)
    check_html_path(said.html)
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console, show_grids
    from dfsrt.study.sweep import sweep as run_sweep
    from dfsrt.study.sweep.outputs import FILES, TIMING
    from dfsrt.study.sweep.table import sweep_grids

    out = said.out or Path(NAME if said.study is None else said.study.stem)
    name_files_in(out, FILES)
    study, folder = _study(said)
    try:
        with progress_of(f"sweeping {study.name}") as on_point:
            on_done = partial(on_point, "points")
            done = run_sweep(study, out, said.workers, said.dask, on_done, folder)
    except KeyboardInterrupt:
        notice(f"points are kept in '{out}'; the same command goes on")
        raise
    write_bytes(to_json(done.timing), out / TIMING)
    if said.html is not None:
        from dfsrt.report.pivot import write_pivot
        from dfsrt.study.sweep.outputs import pivot_points

        write_pivot(pivot_points(done.report), said.html)
    if said.json is not None:
        write_bytes(to_json(done.report), said.json)
    if said.json != STDOUT:
        show_grids(make_console(), sweep_grids(done.report))
        _say_time(done.timing, out)


def _study(said: SweepOptions) -> tuple[SweepStudy, Path | None]:
    """The study of a file with its folder, or the one that the options say."""
    from dfsrt.study.sweep.study import read_sweep

    if said.study is None:
        return _study_of_options(said), None
    for option in fields(said):
        if option.name in (*VARIED, *SHARED, "points") and getattr(said, option.name) is not None:
            typed = "--" + option.name.replace("_", "-")
            raise InputError(f"'{typed}' is said in the study's file; leave it out, or the file")
    if said.sampler != "grid":
        raise InputError("'--sampler' is said in the study's file; leave it out, or the file")
    return read_sweep(said.study), said.study.resolve().parent


def _study_of_options(said: SweepOptions) -> SweepStudy:
    from dfsrt.study.sweep.study import SweepStudy

    vary: dict[str, Written] = {}
    over: dict[str, Shared] = {}
    for name in VARIED:
        typed = getattr(said, name)
        if typed is None:
            continue
        texts = typed if name == "steps" else parse_names(typed)
        if not texts:
            raise InputError(f"--{name.replace('_', '-')} names nothing; name at least one")
        vary[name] = [parse_count(text) for text in texts] if name == "seed" else list(texts)
    if "network" not in vary:
        raise InputError("nothing to sweep; give a study file, or --network and what to vary")
    for name in SHARED:
        if getattr(said, name) is not None:
            over[name] = getattr(said, name)
    return SweepStudy(name=NAME, sampler=said.sampler, points=said.points, vary=vary, over=over)


def _say_time(timing: SweepTiming, out: Path) -> None:
    from dfsrt.report.counted import counted
    from dfsrt.report.tables import make_console, say

    earlier = f"; {timing.resumed:,} more in earlier sessions" if timing.resumed else ""
    say(
        make_console(),
        f"{counted(timing.points, 'point')}{earlier}; this session {timing.wall_s:.1f} s: engine "
        f"{timing.engine_s:.1f} s and layer tables {timing.tables_s:.1f} s{_on_workers(timing)}",
        f"results in {out}: result.json, points.csv, points.parquet",
    )


def _on_workers(timing: SweepTiming) -> str:
    if timing.workers is None or timing.overhead_s is None:
        return " on the scheduler's workers"
    return f" on {timing.workers} workers, overhead {timing.overhead_s:.1f} s"
