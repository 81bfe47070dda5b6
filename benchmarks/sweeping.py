"""A sweep of 1,000 points: what of it is the engine's time, what layer tables, what the rest."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import msgspec

STUDY = """
name = "bench"
[vary]
device = ["rk3588-npu", "rk3588-npu-ivr"]
cap = { low = "0.14 W", high = "0.264 W", step = 0.001 }
governor = ["dfs", "dvfs", "app-dvfs", "schedutil"]
[over]
network = "resnet50"
"""


def sweeping(workers: int = 2) -> dict[str, Any]:
    """Sweep resnet50 over devices, caps and governors; seconds of the whole and of its parts."""
    from dfsrt.study.sweep import read_sweep, sweep

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.toml"
        path.write_text(STUDY)
        done = sweep(read_sweep(path), Path(folder) / "out", workers)
    counts = done.report.counts
    return {**msgspec.to_builtins(done.timing), "complete": counts.complete}


if __name__ == "__main__":
    print(json.dumps(sweeping(), indent=2))
