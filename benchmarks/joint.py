"""How long the optimum of core and memory together takes, on a board with points of both."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.measure import call_cpu_s
from dfsrt.governor.optimum import Tradeoff
from dfsrt.governor.view import View
from dfsrt.report.api import Job
from dfsrt.run.outlook import first_view

DEVICE = "rk3588-npu"
LOADS = (
    ("resnet50", "npu", "1 W"),
    ("resnet50", "npu+dram", None),
    ("resnet50", "npu+dram", "1.2 W"),
    ("resnet50", "npu+dram", "1 W"),
    ("resnet50", "npu+dram", "0.8 W"),
    ("squeezenet", "npu+dram", "1 W"),
)
SLOWER = 1.1
"""Least energy is searched for in so much more than the least time."""


def joint_cost() -> dict[str, Any]:
    """Least time, and least energy in a tenth more, by network, domain and cap."""
    found = {}
    for network, domain, cap in LOADS:
        name = f"{network}, {domain}, {cap or 'own cap'}"
        found[name] = _cost(_view(network, domain, cap))
        print(name, found[name], flush=True)
    return {"target": "cpu_s < 1 for the least time of resnet50", **found}


def _view(network: str, domain: str, cap: str | None) -> View:
    job = Job(network, device=DEVICE, cap=cap, cap_domain=domain)
    return first_view(job.table, job.power_cap)


def _cost(view: View) -> dict[str, Any]:
    fast = Tradeoff(view, 5e-4)
    best = fast.least_time
    deadline_ns = best.time_ns * SLOWER
    slow = Tradeoff(view, 5e-4)
    thrifty = slow.least_energy(deadline_ns)
    return {
        "time": call_cpu_s(lambda: Tradeoff(view, 5e-4).least_time, runs=3),
        "time_counted_s": round(fast.budget.used_ns * 1e-9, 3),
        "time_gap": best.gap,
        "energy": call_cpu_s(lambda: Tradeoff(view, 5e-4).least_energy(deadline_ns), runs=1),
        "energy_counted_s": round(slow.budget.used_ns * 1e-9, 3),
        "energy_gap": thrifty.gap,
        "changes": _changes(thrifty.plan.memory),
    }


def _changes(memory: Any) -> int:
    """Changes of the memory's clock a frame."""
    return 0 if memory is None else int((memory != np.roll(memory, 1)).sum())


def main() -> None:
    """Measure this part alone and keep it."""
    from benchmarks.__main__ import keep_results

    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    keep_results("joint", {"joint": joint_cost()})


if __name__ == "__main__":
    main()
