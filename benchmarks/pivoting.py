"""The page of a sweep of 10,000 points: seconds to write, bytes, milliseconds until it is drawn.

    python -m benchmarks.pivoting

The last is from the start of loading in headless Chromium, the middle of five openings.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.report.pivot import Column, Points, write_pivot

OPENINGS = 5
METRICS = {
    "fps": ("FPS", "FPS", "high"),
    "fps_per_w": ("FPS per watt", "FPS/W", "high"),
    "npu_j": ("NPU energy per frame", "J", "low"),
    "dram_j": ("DRAM energy per frame", "J", "low"),
    "total_j": ("energy per frame", "J", "low"),
    "battery_j": ("battery energy per frame", "J", "low"),
    "latency_s": ("latency", "s", "low"),
    "tops_per_w": ("TOPS per watt", "TOPS/W", "high"),
    "life_s": ("battery life", "s", "high"),
    "skin_c": ("highest skin temperature", "°C", "low"),
    "clock_hz": ("mean clock", "Hz", ""),
    "over_cap": ("share of time over the cap", "", "low"),
}


def sweep_points(count: int) -> Points:
    """Points of five dimensions and twelve metrics, over which numbers lie at random."""
    sides = {
        "network": ["resnet50", "squeezenet", "mobilenet_v2", "yolov8n", "vgg19"],
        "device": [f"rk3588-npu:bin=L{k}" for k in range(5)],
        "cap": [f"{k / 10} W" for k in range(1, 21)],
        "governor": ["dfs", "dvfs", "segment-dvfs", "performance", "optimal"],
        "memory": ["528MHz", "1068MHz", "1560MHz", "2112MHz"],
    }
    rows = list(itertools.islice(itertools.cycle(itertools.product(*sides.values())), count))
    varied = dict(zip(sides, map(list, zip(*rows, strict=True)), strict=True))
    rng = np.random.default_rng(22)
    network = np.array([sides["network"].index(name) for name in varied["network"]])
    columns = {}
    for k, (key, about) in enumerate(METRICS.items()):
        values = rng.lognormal(0.0, 0.5, count) * 10.0 ** (k % 4 - 2) * (1 + network)
        columns[key] = Column(*about, values.tolist())
    return Points("A sweep", [f"{count:,} points"], varied, sides, columns)


def pivoting(count: int = 10_000) -> dict[str, Any]:
    """Return what a page of ``count`` points costs."""
    points = sweep_points(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sweep.html"
        start = time.process_time()
        write_pivot(points, path)
        cpu_s = time.process_time() - start
        size_mb = path.stat().st_size / 1e6
        return {"points": count, "cpu_s": cpu_s, "size_mb": size_mb, "drawn_ms": _drawn_ms(path)}


def _drawn_ms(path: Path) -> float | None:
    """Milliseconds until the page is drawn; None without Chromium."""
    from tests.helpers.browser import CHROMIUM, launched, opened

    if CHROMIUM is None:
        return None
    times = []
    with launched() as browser:
        for _ in range(OPENINGS):
            with opened(browser, path, viewport={"width": 1300, "height": 900}) as seen:
                times.append(float(seen.page.evaluate("window.dfsrtDrawn")))
    return statistics.median(times)


if __name__ == "__main__":
    json.dump(pivoting(), sys.stdout, indent=2)
