"""The energy bound: YDS alone, and what it adds to comparing governors on traces."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from dfsrt.governor.bound import yds
from dfsrt.report.api import Job
from dfsrt.report.bound import energy_bounds
from dfsrt.trace import Trace, TraceCard

GOVERNORS = ("app-dvfs", "dfs", "dvfs", "performance", "powersave")


def jobs(count: int) -> list[tuple[float, float, float]]:
    """So many jobs, each of which overlaps with a hundred others on average."""
    rng = np.random.default_rng(20)
    release = rng.uniform(0, count, count)
    window, work = rng.uniform(0.5, 200, count), rng.exponential(1, count)
    return list(zip(release, release + window, work, strict=True))


def crowded(count: int) -> Trace:
    """Requests of which about thirty are here at once, most of the time of two networks."""
    rng = np.random.default_rng(20)
    arrival = np.sort(rng.integers(0, count * 3_000_000, count))
    due, zero = rng.integers(10_000_000, 200_000_000, count), np.zeros(count, dtype=np.int64)
    card = TraceCard("crowded", "synthetic", "d", "s", int(arrival[-1]) + 200_000_000, ())
    kinds = rng.integers(0, 2, count)
    return Trace(card, ("squeezenet", "shufflenet"), arrival, kinds, due, zero, zero)


def bounding() -> dict[str, Any]:
    """CPU seconds of YDS by jobs, and of the bound of a comparison beside the comparison's own."""
    found: dict[str, Any] = {}
    for count in (300, 1_000, 3_000):
        begin = time.process_time()
        yds(jobs(count))
        found[f"yds of {count:,} jobs"] = {"cpu_s": round(time.process_time() - begin, 3)}
    for load in ("camera-detection", "zoom-30fps", crowded(5_000)):
        for idle in ("none", "teo"):
            name = load if isinstance(load, str) else "5,000 crowded requests"
            found[f"compare {name}, idle {idle}"] = comparing(load, idle)
    return found


def comparing(load: str | Trace, idle: str) -> dict[str, Any]:
    """A comparison of the usual governors, and what its bounds take, unasked and asked for."""
    begin = time.process_time()
    runs = [result.run for result in Job(load, idle=idle).compare(GOVERNORS).runs]
    whole = time.process_time()
    energy_bounds(runs)
    quick = time.process_time()
    energy_bounds(runs, asked=True)
    thorough = time.process_time()
    return {
        "compare_s": round(whole - begin, 2),
        "quick_s": round(quick - whole, 3),
        "asked_s": round(thorough - quick, 2),
    }


if __name__ == "__main__":
    for name, cost in bounding().items():
        print(name, cost, flush=True)
