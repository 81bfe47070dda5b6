"""``dfsrt battery``: how long a battery lasts, how hot it gets, where the energy goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from dfsrt.base.errors import InputError
from dfsrt.cli import options
from dfsrt.cli.output import (
    STDOUT,
    check_html_path,
    check_outputs,
    check_parquet_path,
    progress,
    write_bytes,
)

if TYPE_CHECKING:
    from dfsrt.run.scenario_front import Scenario


class ScenarioFirst(TyperGroup):
    """A group whose first word may be a scenario: ``dfsrt battery NAME`` runs it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``run`` before anything that is no command of the group."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=ScenarioFirst,
    help="Run a battery-life scenario: dfsrt battery SCENARIO. Or compare governors, draw samples, "
    "try both ends of what is assumed.",
    no_args_is_help=True,
)

Name = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO", help="A scenario by name (see 'dfsrt list scenarios') or a .toml file."
    ),
]
Governor = Annotated[
    str | None,
    typer.Option("--governor", "-g", help="A governor instead of the scenario's own."),
]
Until = Annotated[
    str | None,
    typer.Option("--until", help="Stop at 'empty', a time like '8 h', or '1000 requests'."),
]
Ambient = Annotated[str | None, typer.Option("--ambient", help="The air around, like '35 C'.")]
Samples = Annotated[
    int | None,
    typer.Option(
        "--samples",
        parser=options.parse_count,
        metavar="N",
        help="Draw N dies, airs, ages and activities; give distributions.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", parser=options.parse_count, metavar="N", help="Processes; else all cores."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed", parser=options.parse_count, metavar="N", help="Picks the plant's hidden activity."
    ),
]
Log = Annotated[
    Path | None,
    typer.Option("--log", help="Write charge, temperatures and power over time as Parquet."),
]


@app.command("run")
def run(
    scenario: Name,
    governor: Governor = None,
    cap: options.Cap = None,
    until: Until = None,
    ambient: Ambient = None,
    samples: Samples = None,
    workers: Workers = None,
    seed: Seed = None,
    step: options.Step = "auto",
    json: options.Json = None,
    log: Log = None,
    perfetto: options.Perfetto = None,
    html: options.Html = None,
) -> None:
    """Run a scenario until its battery is empty, or its own end; --samples for distributions."""
    check_outputs(json, log, perfetto, html)
    check_html_path(html)
    if log is not None:
        check_parquet_path(log, "log", "life.parquet")
    found = _scenario(scenario, governor, cap, until, ambient)
    if samples is not None:
        if perfetto is not None:
            raise InputError("samples have no timeline; leave --perfetto or --samples out")
        _sample(found, samples, 0 if seed is None else seed, workers, json, log, html)
        return
    from dataclasses import replace

    from dfsrt.report.life_table import life_table
    from dfsrt.report.series import save_series
    from dfsrt.run.life_front import BatteryJob

    if seed is not None:
        found = replace(found, seed=seed)
    job = BatteryJob(found, step=step)
    with _watch(job, [found.governor]) as on_time:
        done = job.run(on_time=lambda seconds: on_time(found.governor, seconds))
    if log is not None:
        save_series(done, log)
    if perfetto is not None:
        from dfsrt.report.life_recording import save_perfetto

        save_perfetto(done, perfetto)
    if html is not None:
        from dfsrt.report.life_page import life_page
        from dfsrt.report.page import write_page

        write_page(life_page(done), html)
    if json is not None:
        write_bytes(done.to_json(), json)
    if json != STDOUT:
        life_table(done.report)


def _sample(
    scenario: Scenario,
    count: int,
    seed: int,
    workers: int | None,
    json: Path | None,
    log: Path | None,
    html: Path | None,
) -> None:
    from dfsrt.report.life_table import samples_table
    from dfsrt.study.sampling import sample

    with progress(count, f"{scenario.name}, samples") as on_sample:
        done = sample(scenario, count, seed, workers, on_sample)
    if log is not None:
        done.save_rows(log)
    if html is not None:
        from dfsrt.report.life_page import samples_page
        from dfsrt.report.page import write_page

        write_page(samples_page(done), html)
    if json is not None:
        write_bytes(done.to_json(), json)
    if json != STDOUT:
        samples_table(done.report)


@app.command("compare")
def compare(
    scenario: Name,
    governors: options.Governors = "performance,app-dvfs,dfs,segment-dvfs",
    cap: options.Cap = None,
    until: Until = None,
    ambient: Ambient = None,
    json: options.Json = None,
    html: options.Html = None,
) -> None:
    """Run a scenario under several governors: hours, frames, joules a frame, heat, deadlines."""
    check_outputs(json, html)
    check_html_path(html)
    from dfsrt.report.life_compare import compare_governors
    from dfsrt.report.life_table import comparison_table
    from dfsrt.run.life_front import BatteryJob

    names = options.parse_names(governors)
    job = BatteryJob(_scenario(scenario, None, cap, until, ambient))
    with _watch(job, names) as on_time:
        done = compare_governors(job, names, on_time)
    if html is not None:
        from dfsrt.report.life_page import compared_page
        from dfsrt.report.page import write_page

        write_page(compared_page(done), html)
    if json is not None:
        write_bytes(done.to_json(), json)
    if json != STDOUT:
        comparison_table(done.report)


@app.command("ranges")
def ranges(
    scenario: Name,
    governor: Governor = None,
    cap: options.Cap = None,
    until: Until = None,
    ambient: Ambient = None,
    json: options.Json = None,
) -> None:
    """Run a scenario at both ends of each assumed number's range, the others as they are."""
    check_outputs(json)
    from dfsrt.report.life_table import ranges_table
    from dfsrt.report.schema import to_json
    from dfsrt.run.life_front import BatteryJob
    from dfsrt.study.ends import range_ends

    job = BatteryJob(_scenario(scenario, governor, cap, until, ambient))
    with progress(len(job.scenario.assumed()), scenario) as on_run:
        report = range_ends(job, on_run)
    if json is not None:
        write_bytes(to_json(report), json)
    if json != STDOUT:
        ranges_table(report)


def _scenario(
    name: str, governor: str | None, cap: str | None, until: str | None, ambient: str | None
) -> Scenario:
    """Return a scenario with what the options say instead of it."""
    from dataclasses import replace

    from dfsrt.base.ranged import Ranged
    from dfsrt.base.units import parse_temperature_c
    from dfsrt.run.scenario_front import load_scenario
    from dfsrt.run.scenario_load import parse_stop
    from dfsrt.world.parse import parse_limit_w

    found = load_scenario(name)
    if governor is not None:
        found = found.under(governor)
    if cap is not None:
        limit = replace(found.cap, first_w=parse_limit_w(cap, "cap"), changes=())
        found = replace(found, cap=limit)
    if until is not None:
        found = replace(found, stop=parse_stop(until))
    if ambient is not None:
        celsius = parse_temperature_c(ambient, "ambient")
        air = Ranged(celsius, celsius, celsius, "given with --ambient", "C")
        setting = replace(found.setting, ambient=air, ambient_changes=())
        found = replace(found, setting=setting)
    return found


@contextmanager
def _watch(job: Any, governors: list[str]) -> Iterator[Callable[[str, float], None]]:
    """Show a bar over simulated time, one governor after the other."""
    whole = job.horizon_ns * 1e-9
    with progress(round(whole * len(governors)), job.scenario.name) as on_second:
        yield lambda name, seconds: on_second(round(whole * governors.index(name) + seconds))
