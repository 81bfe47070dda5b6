"""Trace folders of what was recorded: requests, a card, and measured layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.files import write_folder
from dfsrt.base.places import own_name, path_from
from dfsrt.base.tomltext import TomlValue
from dfsrt.capture.capture import Capture
from dfsrt.trace import NO_DEADLINE, Trace, TraceCard
from dfsrt.trace.write import write_into

LAYERS = "layers.parquet"


def write_capture(done: Capture, folder: Path) -> None:
    """Write a capture as the trace folder ``folder``: one request a run, at its measured start.

    Raises:
        OutputError: the folder is there already, or cannot be written.
    """
    trace = capture_trace(done, folder)
    write_recorded(trace, folder, _about(done), {LAYERS: lambda p: _write_layers(done, p)})


def write_recorded(
    trace: Trace,
    folder: Path,
    about: Mapping[str, TomlValue],
    files: Mapping[str, Callable[[Path], object]] | None = None,
) -> None:
    """Write a recorded trace with ``about`` in its card, and further ``files`` by name.

    Raises:
        OutputError: the folder is there already, or cannot be written.
    """

    def fill(beside: Path) -> None:
        for file, write in (files or {}).items():
            write(beside / file)
        write_into(beside, trace, capture=dict(about))

    write_folder(folder, fill)


def capture_trace(done: Capture, folder: Path) -> Trace:
    """Return the runs as requests; a model's file is named as seen from ``folder``."""
    model, settings, last = done.model, done.settings, done.runs[-1]
    threads = f"{settings.threads} thread{'s' if settings.threads != 1 else ''}"
    card = TraceCard(
        name=own_name(folder),
        kind="recorded",
        description=f"{model.name} run {len(done.runs)} times in a row, each node timed",
        source=(
            f"dfsrt capture: onnxruntime {done.version} on {done.cpu}, {threads}, "
            f"optimisation {settings.optimize}"
        ),
        duration_ns=last.start_ns + last.duration_ns,
    )
    workload = _workload(done, folder)
    card = replace(card, readings={workload: model.reading})
    return requests_of(card, workload, np.array([r.start_ns for r in done.runs], np.int64))


def requests_of(card: TraceCard, workload: str, arrival_ns: Ints) -> Trace:
    """Return requests of one workload and one session, without deadlines.

    ``arrival_ns`` has shape ``(n_requests,)`` and does not fall.
    """
    none = np.zeros(len(arrival_ns), dtype=np.int64)
    return Trace(card, (workload,), arrival_ns, none, none + NO_DEADLINE, none, none)


def _about(done: Capture) -> dict[str, TomlValue]:
    settings = done.settings
    return {
        "model": done.model.name,
        "model_sha256": done.model.digest,
        "onnxruntime": done.version,
        "cpu": done.cpu,
        "threads": settings.threads,
        "optimize": settings.optimize,
        "runs": settings.runs,
        "warmup": settings.warmup,
        "seed": settings.seed,
        "mapped_share": round(done.mapped_share, 6),
    }


def _workload(done: Capture, folder: Path) -> str:
    """The name that anyone knows the model by, or its path from the trace's folder."""
    model = done.model
    if model.known_as is not None or model.path is None:
        return model.known_as or model.name
    return Path(path_from(folder, str(model.path))).as_posix()


def _write_layers(done: Capture, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    layers, text = done.layers, pa.dictionary(pa.int32(), pa.string())
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
