"""Planted problems: figures by a formula whose optimum is known, in place of runs."""

from __future__ import annotations

from dfsrt.base.names import parse_name_spec
from dfsrt.study.cell import Outcome, Task
from dfsrt.study.study import Study, parse_study

BEST_SAME, BEST_GUARD = 0.31, 0.12

STUDY = """
name = "planted"
trials = {trials}
batch = {batch}
sampler = "{sampler}"
seed = {seed}
{more}
[over]
networks = ["one", "two"]
caps = ["0.2 W", "2 W"]
[search]
guard = {{ low = 0.0, high = 0.5 }}
[search.parameters]
same = "declared"
"""


def study_of(sampler="tpe", trials=48, batch=8, seed=0, more="") -> Study:
    return parse_study(
        STUDY.format(sampler=sampler, trials=trials, batch=batch, seed=seed, more=more)
    )


def drawn(task: Task) -> tuple[float, float]:
    options = parse_name_spec(task.point.governor, "governor").options
    return float(options.get("same", BEST_SAME)), float(options.get("guard", BEST_GUARD))


def bowl(task: Task) -> Outcome:
    """Energy is least, at 1 of the baseline's, where same = 0.31 and guard = 0.12.

    Latency falls as the guard falls; the cap is exceeded where the guard is below 0.05.
    """
    same, guard = drawn(task)
    away = (same - BEST_SAME) ** 2 + (guard - BEST_GUARD) ** 2
    cells = []
    for cell in task.cells:
        scale = 2.0 if cell.network == "two" else 1.0
        latency = scale * (1.0 + guard)
        cells.append(
            {
                "energy_j": scale * (1.0 + away),
                "latency_s": latency,
                "latency_p99_s": latency,
                "fps": 1.0 / latency,
                "edp_js": scale * (1.0 + away) * latency,
                "cap_excess": max(0.0, 0.05 - guard),
                "cap_excess_w": max(0.0, 0.05 - guard) * scale,
            }
        )
    return Outcome(task.trial, tuple(cells))


class Counting:
    """A planted problem that counts how often each trial's cell was worked out."""

    def __init__(self, of=bowl) -> None:
        self.of = of
        self.seen: list[tuple[int, int]] = []

    def __call__(self, task: Task) -> Outcome:
        self.seen.append((task.trial, len(task.cells)))
        return self.of(task)
