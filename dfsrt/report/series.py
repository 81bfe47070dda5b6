"""A scenario over time: charge, voltage, temperatures, power and limits, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dfsrt.base.files import write_atomically

if TYPE_CHECKING:
    from dfsrt.run.life_job import BatteryRun


def series(run: BatteryRun) -> Mapping[str, Any]:
    """Return the samples' columns by name, ``(n_samples,)`` each.

    ``cap_w`` is in the cap's domain, ``npu_limit_w`` what thermal zones leave of the NPU's own
    watts, ``limit_w`` the lesser of the two; they are infinite where nothing limits the NPU.
    ``max_freq_hz`` is the fastest clock that trips leave. At most 4,096 samples: longer runs keep
    every second one, again and again.
    """
    count = int(run.world.state.n_samples)
    rows, temp_c = run.world.samples[:count], run.world.sample_temp_c[:count]
    freqs = np.array(run.job.mix.table.npu.opps.freqs_hz)
    nodes = run.job.scenario.setting.node_names
    return {
        "time_s": rows["time_s"].copy(),
        "charge": rows["charge"].copy(),
        "voltage_v": rows["voltage_v"].copy(),
        "current_a": rows["current_a"].copy(),
        "power_w": rows["power_w"].copy(),
        "npu_w": rows["npu_w"].copy(),
        "limit_w": np.minimum(rows["cap_w"], rows["npu_limit_w"]),
        "cap_w": rows["cap_w"].copy(),
        "npu_limit_w": rows["npu_limit_w"].copy(),
        "max_freq_hz": freqs[np.minimum(rows["max_level"], len(freqs) - 1)],
        "frames": rows["done"].copy(),
        **{f"{name}_c": temp_c[:, k].copy() for k, name in enumerate(nodes)},
    }


def save_series(run: BatteryRun, path: str | Path) -> None:
    """Write the samples as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(series(run)))
    write_atomically(Path(path), lambda p: pq.write_table(table, p, compression="zstd"))
