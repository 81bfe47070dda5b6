"""Trace folders of what was recorded: requests, measured layers and a card."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.capture.capture import Capture
from dfsrt.device.tomltext import toml_text
from dfsrt.files import write_folder
from dfsrt.recording.recording import Ints

TRACE, LAYERS, CARD = "trace.csv", "layers.parquet", "card.toml"
COLUMNS = ("arrival_ns", "workload", "deadline_ns", "priority", "session")


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests of one workload, one session, at recorded times; ``more`` is a table of the card."""

    workload: str
    arrival_ns: Ints
    duration_ns: int
    description: str
    source: str
    more: Mapping[str, Any] = field(default_factory=dict)


def write_capture(done: Capture, folder: Path) -> None:
    """Write a capture as the trace folder ``folder``: one request a run, at its measured start.

    Raises:
        OutputError: the folder is there already, or cannot be written.
    """
    write_requests(_requests(done, folder), folder, {LAYERS: lambda p: _write_layers(done, p)})


def write_requests(
    requests: Requests,
    folder: Path,
    files: Mapping[str, Callable[[Path], object]] | None = None,
) -> None:
    """Write recorded requests as a trace folder, with further ``files`` by name.

    Raises:
        OutputError: the folder is there already, or cannot be written.
    """
    name = folder.resolve().name

    def fill(place: Path) -> None:
        for file, write in (files or {}).items():
            write(place / file)
        _write_trace(requests, place / TRACE)
        (place / CARD).write_text(_card(requests, name), encoding="utf-8")

    write_folder(folder, fill)


def _requests(done: Capture, folder: Path) -> Requests:
    model, settings = done.model, done.settings
    last = done.runs[-1]
    return Requests(
        workload=model.name if model.shipped else _path_from(folder, model.path),
        arrival_ns=np.array([run.start_ns for run in done.runs], dtype=np.int64),
        duration_ns=last.start_ns + last.duration_ns,
        description=f"{model.name} run {len(done.runs)} times, one after another, each node timed",
        source=(
            f"dfsrt capture: onnxruntime {done.version} on {done.cpu}, {settings.threads} "
            f"thread{'s' if settings.threads != 1 else ''}, optimisation {settings.optimize}"
        ),
        more={
            "model": model.name,
            "model_sha256": model.digest,
            "onnxruntime": done.version,
            "cpu": done.cpu,
            "threads": settings.threads,
            "optimize": settings.optimize,
            "runs": settings.runs,
            "warmup": settings.warmup,
            "seed": settings.seed,
            "mapped_share": round(done.mapped_share, 6),
        },
    )


def _path_from(folder: Path, model: Path) -> str:
    """Return the model's path as seen from the trace's folder."""
    return Path(os.path.relpath(model.resolve(), folder.resolve())).as_posix()


def _write_trace(requests: Requests, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for arrival in requests.arrival_ns.tolist():
            writer.writerow((arrival, requests.workload, "", 0, 0))


def _card(requests: Requests, name: str) -> str:
    """The card; its duration is whole nanoseconds, so that no arrival lies after its end."""
    card: dict[str, Any] = {
        "name": name,
        "kind": "recorded",
        "description": requests.description,
        "source": requests.source,
        "duration": f"{_seconds(requests.duration_ns)} s",
    }
    if requests.more:
        card["capture"] = dict(requests.more)
    return toml_text(card)


def _seconds(time_ns: int) -> str:
    """Nanoseconds as seconds in plain decimals, without loss."""
    whole, rest = divmod(time_ns, 10**9)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _write_layers(done: Capture, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.dictionary(pa.int32(), pa.string())
    layers: Sequence[Any] = done.layers
    table = pa.table(
        {
            "run": pa.array([a.run for a in layers], pa.int32()),
            "node": pa.array([a.node for a in layers], pa.string()).cast(text),
            "op": pa.array([a.op for a in layers], pa.string()).cast(text),
            "start_ns": pa.array([a.start_ns for a in layers], pa.int64()),
            "duration_ns": pa.array([a.duration_ns for a in layers], pa.int64()),
            "nodes": pa.array([list(a.nodes) for a in layers], pa.list_(pa.string())),
        }
    )
    pq.write_table(table, path, compression="zstd")
