"""A scenario as a recording: charge, voltage, temperatures and watts on a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dfsrt.base.files import write_atomically
from dfsrt.recording.perfetto import PerfettoWriter
from dfsrt.recording.recording import Counters, Recording, Slices
from dfsrt.report.series import series

if TYPE_CHECKING:
    from dfsrt.run.life_job import BatteryRun


def recorded(run: BatteryRun) -> Recording:
    """Return the samples of a scenario as counters, in the units that Perfetto's forms want."""
    over = series(run)
    capacity_c = run.world.pack.capacity_c
    counters: dict[tuple[str, str], Any] = {
        ("battery charge", "C"): np.maximum(over["charge"], 0.0) * capacity_c,
        ("battery level", "%"): 100 * np.maximum(over["charge"], 0.0),
        ("battery voltage", "V"): over["voltage_v"],
        ("battery current", "A"): -over["current_a"],  # Android counts what flows in
        ("battery power", "W"): over["power_w"],
        ("NPU power", "W"): over["npu_w"],
        ("NPU limit", "W"): np.where(np.isfinite(over["limit_w"]), over["limit_w"], 0.0),
        ("frames", "requests"): over["frames"].astype(np.float64),
    }
    for node in run.job.scenario.setting.node_names:
        counters[(f"{node} temperature", "degC")] = over[f"{node}_c"]
    texts = tuple(dict.fromkeys(text for pair in counters for text in pair))
    place = {text: k for k, text in enumerate(texts)}
    time_ns = np.rint(over["time_s"] * 1e9).astype(np.int64)
    count = len(time_ns)
    columns = (
        np.repeat([place[name] for name, _ in counters], count),
        np.repeat([place[unit] for _, unit in counters], count),
        np.tile(time_ns, len(counters)),
        np.concatenate(list(counters.values())),
    )
    return Recording(
        texts, Slices(*(np.zeros(0, dtype=np.int64) for _ in range(5))), Counters(*columns)
    )


def save_perfetto(run: BatteryRun, path: Path) -> None:
    """Write the scenario over time as a Perfetto trace.

    Raises:
        OutputError: ``path`` cannot be written.
    """

    def write(beside: Path) -> None:
        with beside.open("wb") as file, PerfettoWriter(file) as writer:
            writer.write(recorded(run))

    write_atomically(path, write)
