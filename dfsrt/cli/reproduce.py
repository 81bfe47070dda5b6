"""``dfsrt reproduce``: published experiments, and how far they come out the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_outputs, progress, write_bytes

if TYPE_CHECKING:
    from rich.console import Console

    from dfsrt.reproduce.etri import Outcome

app = typer.Typer(help="Run a published experiment again.", no_args_is_help=True)

Device = Annotated[str, typer.Option("--device", "-d", help="Device to run it on.")]


Cap = Annotated[
    str | None,
    typer.Option("--cap", "-c", help="Power cap of the NPU like '12 W'; else the device's own."),
]
MAX_FRAMES = 1_000


@app.callback()
def _group() -> None:
    """Keep `etri` a command of its own while it is the only one."""


@app.command("etri")
def etri(
    device: Device = "etri-like",
    cap: Cap = None,
    frames: options.Frames = 3,
    seed: options.Seed = 0,
    json: options.Json = None,
) -> None:
    """Layer-wise frequency scaling against DVFS: Chung et al., ETRI Journal 44(5), 2022."""
    check_outputs(json)
    from dfsrt.base.errors import InputError
    from dfsrt.base.units import parse_power_w
    from dfsrt.device import load_device
    from dfsrt.report.tables import make_console
    from dfsrt.reproduce import etri as study
    from dfsrt.run.checks import check_seed

    check_seed(seed)
    if not 1 <= frames <= MAX_FRAMES:
        raise InputError(f"frames {frames} is out of range; allowed is 1 to {MAX_FRAMES}")
    npu = load_device(device)
    cap_w = npu.default_cap_w if cap is None else parse_power_w(cap, "cap")
    networks = study.load_networks(npu)
    open_points = study.sensitivity(npu, cap_w)
    settings = [s for group in open_points.values() for s in group]
    with progress(1 + len(settings), "reproduce etri") as step:
        main = study.reproduce(study.Setting("as preset", npu, cap_w), networks, frames, seed)
        step(1)
        varied = {}
        for done, setting in enumerate(settings, start=2):
            varied[id(setting)] = study.reproduce(setting, networks, frames, seed)
            step(done)
    groups = {name: [varied[id(s)] for s in group] for name, group in open_points.items()}
    if json is not None:
        write_bytes(study.to_json(main, groups), json)
    if json != STDOUT:
        console = make_console()
        _show_networks(console, main)
        _show_sensitivity(console, groups)


def _show_networks(console: Console, main: Outcome) -> None:
    from dfsrt.report.tables import say, show
    from dfsrt.reproduce import etri as study

    npu = main.setting.npu
    say(
        console,
        f"dfs against DVFS on {npu.name}, cap {main.setting.cap_w:g} W on npu",
        "The paper's abstract does not define its DVFS; three readings of it:",
        *(f"  {name}: {text}" for name, text in study.READINGS.items()),
    )
    heads = ["<network", "dfs FPS", "dfs mJ"]
    for name in study.READINGS:
        heads += [f"FPS vs {name}", "energy"]
    heads += [f"{name} over cap" for name in ("dfs", *study.READINGS)]
    show(console, heads, [*_rows(main), _average(main), _paper()])


def _rows(main: Outcome) -> list[tuple[str, ...]]:
    from dfsrt.reproduce.etri import READINGS

    rows = []
    for name, point in main.dfs.items():
        row = [name, f"{point.fps:.1f}", f"{point.energy_j * 1e3:.2f}"]
        for reading in READINGS:
            row += _percent(main.fps_gain(reading, name), main.energy_change(reading, name))
        runs = [point, *(main.baselines[reading][name] for reading in READINGS)]
        rows.append((*row, *(f"{p.over_cap:.0%}" for p in runs)))
    return rows


def _average(outcome: Outcome) -> tuple[str, ...]:
    from dfsrt.reproduce.etri import READINGS

    over = (f"{outcome.over_cap(name):.0%}" for name in ("dfs", *READINGS))
    return ("average", "", "", *_averages(outcome), *over)


def _paper() -> tuple[str, ...]:
    from dfsrt.reproduce.etri import PAPER_ENERGY, PAPER_FPS, READINGS

    unknown = [""] * (1 + len(READINGS))
    return ("paper", "", "", *(_percent(PAPER_FPS, PAPER_ENERGY) * len(READINGS)), *unknown)


def _show_sensitivity(console: Console, groups: dict[str, list[Outcome]]) -> None:
    from dfsrt.report.tables import say, show
    from dfsrt.reproduce.etri import READINGS

    say(console, "", "What the paper leaves open, one at a time; averages over the eight networks:")
    heads = ["<left open", "<value", "leakage in energy"]
    for name in READINGS:
        heads += [f"FPS vs {name}", "energy"]
    heads.append("dfs over cap")
    rows = [
        (
            group if i == 0 else "",
            o.setting.name,
            f"{o.static_share():.0%}",
            *_averages(o),
            f"{o.over_cap('dfs'):.0%}",
        )
        for group, outcomes in groups.items()
        for i, o in enumerate(outcomes)
    ]
    show(console, heads, rows)


def _averages(outcome: Outcome) -> list[str]:
    from dfsrt.reproduce.etri import READINGS

    cells = []
    for reading in READINGS:
        cells += _percent(
            outcome.average(outcome.fps_gain, reading),
            outcome.average(outcome.energy_change, reading),
        )
    return cells


def _percent(*values: float) -> list[str]:
    return [f"{value:+.1%}" for value in values]
