"""The per-layer log as Parquet: one row per layer execution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.files import write_atomically
from dfsrt.report.schema import SCHEMA_VERSION, RunReport
from dfsrt.runtime.log import COMPONENTS, HeldBy, RunLog


def columns(log: RunLog) -> dict[str, Any]:
    """Return the log's columns by name, units in the names; idle rows have layer -1."""
    names = np.array([*log.table.load.names, "idle"])
    energies = {f"{name}_j": log.energy_j[:, i] for i, name in enumerate(COMPONENTS)}
    return {
        "frame": log.frame.astype(np.int32),
        "layer": log.layer.astype(np.int32),
        "name": names[log.layer],
        "start_ns": log.start_ns,
        "end_ns": log.end_ns,
        "stall_ns": log.stall_ns,
        "level": log.level.astype(np.int16),
        "freq_hz": log.freq_hz,
        "rail_uv": log.rail_uv.astype(np.int32),
        "cap_w": log.cap_w,
        "predicted_w": log.predicted_w,
        "power_w": log.power_w,
        "energy_j": log.domain_energy_j(),
        **energies,
        "held_by": np.array([h.name.lower() for h in HeldBy])[log.held_by],
        "cap_unreachable": log.cap_unreachable,
    }


def write_log(log: RunLog, report: RunReport, path: Path) -> None:
    """Write the log to ``path``; the report travels in the file's metadata.

    Raises:
        OutputError: ``path`` cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(columns(log)).replace_schema_metadata(
        {
            "dfsrt_schema_version": str(SCHEMA_VERSION),
            "dfsrt_run": json.dumps(
                {
                    "network": report.network,
                    "device": report.device,
                    "governor": report.governor,
                    "power_model": report.power_model,
                    "seed": report.seed,
                    "power_domain": report.cap.domain,
                }
            ),
        }
    )
    write_atomically(path, lambda beside: pq.write_table(table, beside, compression="zstd"))
