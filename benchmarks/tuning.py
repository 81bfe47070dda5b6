"""A study of 1,000 trials: what of it is the engine's time and what the tuner's."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec

STUDY = """
name = "bench"
governor = "dfs"
trials = 1000
sampler = "{sampler}"
[over]
networks = ["resnet50"]
caps = ["0.18 W"]
[search]
guard = {{ low = 0.0, high = 0.2 }}
[search.parameters]
rail = "declared"
tie = "declared"
same = "declared"
"""


def tuning(workers: int = 2, sampler: str = "tpe") -> dict[str, Any]:
    """Tune ``dfs`` on resnet50; seconds of the whole and of its parts."""
    from dfsrt.study import tune
    from dfsrt.study.study import parse_study

    with tempfile.TemporaryDirectory() as folder:
        done = tune(parse_study(STUDY.format(sampler=sampler)), Path(folder), workers)
    best = done.report.best
    return {
        **msgspec.to_builtins(done.timing),
        "best": best.governor,
        "energy_of_baseline": best.metrics["energy_j"],
    }
