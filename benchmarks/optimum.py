"""Commands that search the optimum, and how near the work that a search counts is to its time."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from benchmarks.chain import chain
from benchmarks.measure import process_cost
from dfsrt.governor.optimum import Tradeoff
from dfsrt.report.api import Job
from dfsrt.run.outlook import first_view

DFSRT = [sys.executable, "-m", "dfsrt"]
COMMANDS = {
    "run CHAIN -d IDEAL -g dfs": "what all of them need",
    "run CHAIN -d IDEAL -g optimal -c 0.8W": "cpu_s < 1",
    "run CHAIN -d IDEAL -g optimal": "cpu_s < 1",
    "compare CHAIN -d IDEAL": "cpu_s < 3",
    "frontier CHAIN -d IDEAL -c 0.8W": "cpu_s < 10",
    "frontier CHAIN -d IDEAL": "cpu_s < 10",
    "compare SHORT -d IDEAL --dim d0=1 --dim d1=1 -c 0.8W": "cpu_s < 2 and peak_mb < 300",
    "compare resnet50 -d SIXTEEN": "cpu_s < 5",
    "compare resnet50": "cpu_s < 1.2",
    "frontier resnet50": "cpu_s < 2",
    "run resnet50": "cpu_s < 0.5 and peak_mb < 90",
}
RUNS = 3
IDEAL = "rk3588-npu-ideal"
"""The device on which these searches were hard from the first: short layers beside long moves."""
SIXTEEN = """format = 1
base = "rk3588-npu-ideal"
name = "sixteen"
description = "16 levels on 16 voltages"
[opp]
points = [
POINTS]
source.points = "assumed: for a timing"
"""


def commands(short: Path | None) -> dict[str, Any]:
    """Each command's least CPU seconds and peak memory, all that can be kept in its cache."""
    with tempfile.TemporaryDirectory() as folder:
        network, device = Path(folder) / "chain1000.onnx", Path(folder) / "sixteen.toml"
        onnx.save(chain(1000), network)
        device.write_text(SIXTEEN.replace("POINTS", _points()))
        names = {"CHAIN": network, "SIXTEEN": device, "SHORT": short, "IDEAL": IDEAL}
        env = {**os.environ, "XDG_CACHE_HOME": folder}
        found = {}
        for command, target in COMMANDS.items():
            words = [str(names.get(word, word)) for word in command.split()]
            if "None" in words:
                continue
            process_cost([*DFSRT, *words], env)
            costs = [process_cost([*DFSRT, *words], env) for _ in range(RUNS)]
            cpu_s, peak_mb = min(costs)[0], max(cost[1] for cost in costs)
            found[command] = {"target": target, "cpu_s": round(cpu_s, 2), "peak_mb": round(peak_mb)}
            print(command, found[command], flush=True)
        return found


def _points() -> str:
    return "".join(
        f"  {{ freq_hz = {100_000_000 + 60_000_000 * i}, rail_uv = {600_000 + 25_000 * i} }},\n"
        for i in range(16)
    )


def effort() -> dict[str, Any]:
    """CPU seconds of searches, against the seconds of the reference machine that they count."""
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "chain1000.onnx"
        onnx.save(chain(1000), network)
        loads = [(str(network), "0.8 W"), (str(network), "1 W"), ("resnet50", "1 W")]
        loads += [("squeezenet", "1 W"), ("vgg19", "1 W")]
        return {f"{Path(load).stem} at {cap}": _effort(load, cap) for load, cap in loads}


def _effort(load: str, cap: str) -> dict[str, float]:
    job = Job(load, device=IDEAL, cap=cap)
    view = first_view(job.table, job.power_cap)
    spent = []
    for _ in range(RUNS):
        tradeoff, begin = Tradeoff(view, 1e-3), time.process_time()
        corners = tradeoff.corners(8)
        times = np.linspace(corners[0].time_ns, corners[-1].time_ns, 6)[1:-1]
        tradeoff.prepare(np.floor(times).tolist())
        spent.append(time.process_time() - begin)
    counted_s = tradeoff.budget.used_ns * 1e-9
    print(load, cap, counted_s, spent, flush=True)
    return {"counted_s": round(counted_s, 3), "cpu_s": round(min(spent), 3)}


def main() -> None:
    """Measure this part alone and keep it; a path names the network of short layers."""
    from benchmarks.__main__ import keep_results

    short = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    found = commands(short)  # first: a process begins with the peak memory of its parent
    keep_results("optimum", {"commands": found, "effort": effort()})


if __name__ == "__main__":
    main()
