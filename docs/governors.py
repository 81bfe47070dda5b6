"""The page on governors: ``python -m docs.governors`` (minutes), or with ``own`` for less.

Every governor that sees no queue, on every network, device and cap; and the example of one's own,
which is run.
"""

from __future__ import annotations

import csv
import math
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from dfsrt.governor import governor_names, make_governor
from dfsrt.governor.governor import sees_queue
from dfsrt.network import shelf_names
from dfsrt.report.devices import compare
from dfsrt.report.schema import Report
from docs.readme import called, trimmed

DOCS = Path(__file__).parent
CASES = {
    "rk3588-npu": ("0.14 W", "0.18 W", "0.22 W", "0.26 W", "0.3 W"),
    "mdla": ("0.2 W", "0.3 W", "0.4 W", "0.5 W", "0.6 W"),
    "tpu7nm": ("60 W", "80 W", "100 W", "120 W", "150 W"),
}
BASE = "app-dvfs"


@dataclass(frozen=True)
class Cell:
    """One governor on one network, device and cap; shares are fractions."""

    device: str
    cap: str
    network: str
    governor: str
    fps: float
    mj_per_inference: float
    time_regret: float
    energy_regret: float
    predicted_layers_over: float
    true_share_over: float
    true_excess_max_w: float


def cells(cases: dict[str, tuple[str, ...]], networks: Iterable[str]) -> Iterator[Cell]:
    """Run every governor on every case."""
    for device, caps in cases.items():
        for network in networks:
            for cap in caps:
                yield from _compared(device, network, cap)


def grid_names() -> list[str]:
    """Return the governors that the grid holds: those that go by no queue, for it has none."""
    return [name for name in governor_names() if not sees_queue(make_governor(name))]


def _compared(device: str, network: str, cap: str) -> Iterator[Cell]:
    for run in compare(network, grid_names(), device=device, cap=cap).report.runs:
        yield _cell(run, cap)


def _cell(run: Report, cap: str) -> Cell:
    if run.regret is None or run.energy_per_inference_j is None:
        raise SystemExit(f"{run.governor} on {run.network} has no regret")
    return Cell(
        run.device,
        cap,
        run.network,
        run.governor,
        round(run.fps, 4),
        round(run.energy_per_inference_j * 1e3, 6),
        round(run.regret.time, 7),
        round(run.regret.energy, 7),
        round(run.regret.layers_over, 3),
        round(run.cap.layers_over / run.cap.layer_runs, 5),
        round(run.cap.layer_excess_max_w, 6),
    )


def better_than_optimal(rows: Iterable[Cell]) -> list[Cell]:
    """Return the cells in which a governor that keeps the cap beats the optimum."""
    return [
        cell
        for cell in rows
        if not cell.predicted_layers_over and (cell.time_regret < 0 or cell.energy_regret < 0)
    ]


def tables(rows: list[Cell]) -> str:
    """Return a table a device: mean regrets by cap, and the true share of layers over it."""
    return "\n".join(_table(rows, device, caps) for device, caps in CASES.items())


def _table(rows: list[Cell], device: str, caps: tuple[str, ...]) -> str:
    heads = " | ".join(f"{cap}" for cap in caps)
    lines = [
        f"### {device}",
        "",
        f"| governor | {heads} | FPS | mJ | worst over cap |",
        "|---|" + "---|" * (len(caps) + 3),
    ]
    names = sorted({c.governor for c in rows}, key=lambda name: _order(rows, device, name))
    for name in names:
        regrets = [_regrets(rows, device, cap, name) for cap in caps]
        mine = [c for c in rows if c.device == device and c.governor == name]
        fps = _mean_change(rows, mine, "fps")
        energy = _mean_change(rows, mine, "mj_per_inference")
        over = max(c.true_excess_max_w for c in mine)
        tail = f"{fps:+.1%} | {energy:+.1%} | {over:.3g} W"
        lines.append(f"| {name} | {' | '.join(regrets)} | {tail} |")
    return "\n".join(lines) + "\n"


def _order(rows: list[Cell], device: str, name: str) -> float:
    return sum(abs(c.time_regret) for c in rows if c.device == device and c.governor == name)


def _regrets(rows: list[Cell], device: str, cap: str, name: str) -> str:
    """Mean regret in time and energy over the networks; how much of them breaks the cap."""
    here = [c for c in rows if (c.device, c.cap, c.governor) == (device, cap, name)]
    time = _geometric([1 + c.time_regret for c in here]) - 1
    energy = _geometric([1 + c.energy_regret for c in here]) - 1
    over = any(c.predicted_layers_over for c in here)
    return f"{time:.1%}, {energy:.1%}" + (" *" if over else "")


def _mean_change(rows: list[Cell], mine: list[Cell], figure: str) -> float:
    base = {(c.device, c.cap, c.network): getattr(c, figure) for c in rows if c.governor == BASE}
    ratios = [getattr(c, figure) / base[c.device, c.cap, c.network] for c in mine]
    return _geometric(ratios) - 1


def _geometric(values: list[float]) -> float:
    return math.exp(sum(math.log(v) for v in values) / len(values))


def write_csv(rows: list[Cell], path: Path) -> None:
    """Write every cell as a row."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f.name for f in fields(Cell)])
        writer.writerows(astuple(cell) for cell in rows)


def grid_text() -> str:
    """Run the grid, keep it under ``output/``, and return its tables; stop if any beats it."""
    rows = list(cells(CASES, shelf_names()))
    worse = better_than_optimal(rows)
    if worse:
        raise SystemExit(f"better than optimal: {worse}")
    write_csv(rows, DOCS / "output" / "governors.csv")
    return tables(rows)


def own_files(page: str) -> dict[str, str]:
    """Return the files of the page's example, by the name in the comment that begins each."""
    blocks = re.findall(r"```(?:python|toml)\n(# (\S+)\n.*?)```", page, re.DOTALL)
    return {name: text for text, name in blocks}


def own_commands(page: str) -> dict[str, str]:
    """Return what the page shows of each command's output."""
    return dict(re.findall(r"```console\n\$ (dfsrt [^\n]*)\n(.*?)```", page, re.DOTALL))


def own_output(page: str, command: str, folder: Path) -> str:
    """Return what ``command`` prints in ``folder`` with the example's files in it."""
    for name, text in own_files(page).items():
        (folder / name).write_text(text)
    done = called(command, folder)
    done.check_returncode()
    return trimmed(done.stdout)


def with_own_outputs(page: str) -> str:
    """Return ``page`` with the output of the example's commands as it is now."""
    for command, shown in own_commands(page).items():
        with tempfile.TemporaryDirectory() as folder:
            output = own_output(page, command, Path(folder))
        page = page.replace(f"$ {command}\n{shown}", f"$ {command}\n{output}")
    return page


def main() -> None:
    """Run the page's example, and fill in its tables unless it is ``own`` that is asked for."""
    from docs.generate import filled

    page = DOCS / "governors.md"
    text = with_own_outputs(page.read_text())
    if "own" not in sys.argv[1:]:
        text = filled(text, {"grid": grid_text()})
    page.write_text(text)


if __name__ == "__main__":
    main()
