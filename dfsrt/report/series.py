"""A scenario over time: charge, voltage, temperatures, power and limits, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dfsrt.base.files import write_atomically
from dfsrt.world import world as w

if TYPE_CHECKING:
    from dfsrt.run.life_job import BatteryRun


def series(run: BatteryRun) -> Mapping[str, Any]:
    """Return the samples' columns by name, ``(n_samples,)`` each.

    ``limit_w`` is infinite where nothing limits the NPU; ``max_freq_hz`` is the fastest clock
    that heat leaves. At most 4,096 samples: longer runs keep every second one, again and again.
    """
    rows = run.world.samples[: int(run.world.clock[w.N_SAMPLES])]
    freqs = np.array(run.job.mix.table.npu.opps.freqs_hz)
    nodes = run.job.scenario.setting.node_names
    level = np.minimum(rows[:, w.S_LEVEL], len(freqs) - 1).astype(np.int64)
    temperatures = {
        f"{name}_c": rows[:, w.SAMPLE_COLUMNS + k].copy() for k, name in enumerate(nodes)
    }
    return {
        "time_s": rows[:, w.S_TIME].copy(),
        "charge": rows[:, w.S_SOC].copy(),
        "voltage_v": rows[:, w.S_VOLTAGE].copy(),
        "current_a": rows[:, w.S_CURRENT].copy(),
        "power_w": rows[:, w.S_POWER].copy(),
        "npu_w": rows[:, w.S_NPU].copy(),
        "limit_w": rows[:, w.S_LIMIT].copy(),
        "max_freq_hz": freqs[level],
        "frames": rows[:, w.S_DONE].astype(np.int64),
        **temperatures,
    }


def save_series(run: BatteryRun, path: str | Path) -> None:
    """Write the samples as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(series(run)))
    write_atomically(Path(path), lambda p: pq.write_table(table, p, compression="zstd"))
