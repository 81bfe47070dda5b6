"""Pipelines, replays and exports: what they cost, each in one call."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.network.built import build_network
from dfsrt.network.sd2 import RECIPES
from dfsrt.recording.perfetto import PerfettoWriter
from dfsrt.recording.recording import Counters, Recording, Slices
from dfsrt.run.job import make_job
from dfsrt.run.run import execute


def building() -> dict[str, Any]:
    """All graphs of Stable Diffusion v2 at 512 pixels, from nothing to models in memory."""
    begin = time.process_time()
    models = [build_network(name) for name in RECIPES]
    spent = time.process_time() - begin
    nodes = sum(len(model.graph.node) for model in models)
    return {"target": "cpu_s < 1", "cpu_s": round(spent, 3), "nodes": nodes}


def one_frame(governor: str) -> dict[str, Any]:
    """A frame of 50 steps at 512 pixels with guidance, once lowered: plan, run, books."""
    job = make_job("infinite-zoom:steps=50", frames=1, step="kernel")
    job.table  # noqa: B018 - worked out here, and not in what is timed
    spent_s, layer_runs = [], 0
    for _ in range(6):
        begin = time.process_time()
        layer_runs = execute(job, governor).book.layer_runs
        spent_s.append(time.process_time() - begin)
    return {"cpu_s": round(sorted(spent_s[1:])[2], 4), "layer_runs": layer_runs}


def day() -> dict[str, Any]:
    """The mixed day from the shelf: loading, lowering and replaying it."""
    begin = time.process_time()
    job = make_job("mixed-day", discipline="priority", drop="late")
    job.table  # noqa: B018 - worked out here, and not in what follows
    loaded = time.process_time()
    book = execute(job).book
    done = time.process_time()
    return {
        "target": "cpu_s < 10",
        "cpu_s": round(done - begin, 2),
        "of_it_replaying_s": round(done - loaded, 2),
        "requests": book.requests.whole.total,
        "layer_runs": book.layer_runs,
    }


def _piece(first: int, rows: int) -> Recording:
    """Slices of one track, with a counter's sample for each."""
    place = np.zeros(rows, dtype=np.int64)
    start = 1_000 * np.arange(first, first + rows)
    slices = Slices(place, place + 1, place + 2 + np.arange(rows) % 50, start, place + 900)
    counters = Counters(place + 52, place + 53, start, np.arange(rows) * 1e-3)
    texts = ("NPU", "matrix", *(f"layer {i}" for i in range(50)), "power", "W")
    return Recording(texts, slices, counters)


def peak_mb() -> float:
    """Peak memory of this program; getrusage would count the one that started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def perfetto_export(slices: int = 1_000_000, rows: int = 10_000) -> dict[str, Any]:
    """A million slices and as many samples through the writer, piece by piece."""
    before = peak_mb()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.pftrace"
        begin = time.process_time()
        with path.open("wb") as file, PerfettoWriter(file) as writer:
            for first in range(0, slices, rows):
                writer.write(_piece(first, rows))
        spent, size = time.process_time() - begin, path.stat().st_size
    peak = peak_mb()
    return {
        "target": "cpu_s < 20, peak_mb < 200",
        "cpu_s": round(spent, 2),
        "peak_mb": round(peak),
        "of_it_export_mb": round(peak - before),
        "file_mb": round(size / 1e6),
    }


def main() -> None:
    # The export first: its peak memory must not be another's.
    found = {"perfetto_export": perfetto_export(), "building": building()}
    frames = {name: one_frame(name) for name in ("dfs", "app-dvfs", "dvfs")}
    found["one_frame"] = {"target": "cpu_s < 0.050", **frames}
    found["day"] = day()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
