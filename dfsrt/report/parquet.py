"""The log as Parquet: one row per layer execution, or per request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.base.files import write_atomically
from dfsrt.power.table import LayerTable
from dfsrt.report.schema import SCHEMA_VERSION, RunReport
from dfsrt.run.log import COMPONENTS, HeldBy, RunLog


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


def request_columns(log: RunLog) -> dict[str, Any]:
    """Return the requests' columns by name, a row for each that has finished."""
    return {
        "request": np.arange(log.first_frame, log.first_frame + len(log.finish_ns)),
        "arrival_ns": log.arrival_ns,
        "start_ns": log.admit_ns,
        "finish_ns": log.finish_ns,
        "latency_ns": log.finish_ns - log.arrival_ns,
    }


class ParquetLog:
    """Writes a run's log piece by piece, a row each layer execution or each request."""

    def __init__(self, path: Path, about: Mapping[str, Any], detail: str = "layer") -> None:
        self._path = path
        self._columns = request_columns if detail == "request" else columns
        self._metadata = {
            "dfsrt_schema_version": str(SCHEMA_VERSION),
            "dfsrt_run": json.dumps(dict(about)),
        }
        self._writer: Any = None

    def add(self, log: RunLog) -> None:
        """Write the next piece of the log."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table(self._columns(log)).replace_schema_metadata(self._metadata)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)

    def __enter__(self) -> ParquetLog:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()


def about_run(log_table: LayerTable, governor: str, seed: int, domain: str) -> dict[str, Any]:
    """Return what a log's metadata says of its run."""
    return {
        "network": log_table.network,
        "device": log_table.npu.name,
        "governor": governor,
        "power_model": log_table.model,
        "seed": seed,
        "power_domain": domain,
    }


def write_log(log: RunLog, report: RunReport, path: Path) -> None:
    """Write a whole log to ``path``; what ran travels in the file's metadata.

    Raises:
        OutputError: ``path`` cannot be written.
    """
    about = about_run(log.table, report.governor, report.seed, report.cap.domain)

    def write(beside: Path) -> None:
        with ParquetLog(beside, about) as parquet:
            parquet.add(log)

    write_atomically(path, write)
