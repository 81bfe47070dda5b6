"""Layer times of a capture: each kernel's mean over the runs that 'dfsrt capture' kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.base.shelf import find_entry
from dfsrt.base.tomlfile import read_toml
from dfsrt.cost.times.measured import MAX_TIME_NS, MeasuredTimes, TimedRow

if TYPE_CHECKING:
    import pyarrow as pa

LAYERS, CARD = "layers.parquet", "card.toml"
COLUMNS = ("run", "node", "op", "start_ns", "duration_ns", "nodes")
MAX_BYTES = 256 * 2**20
MAX_ROWS = 2_000_000
"""onnxruntime's profiler keeps a million events."""
_GIVE = f"the folder that 'dfsrt capture' wrote, or its {LAYERS}"
_APART = "\x1f"


class _About(msgspec.Struct, frozen=True):
    model: str = ""
    model_sha256: str = ""


class _Card(msgspec.Struct, frozen=True):
    source: str = ""
    capture: _About = _About()


def captured_times(name: str) -> MeasuredTimes:
    """Return the layer times of a capture's folder, of its table, or of a trace on the shelf.

    A kernel that ran several times in a run counts with their sum; where kernels lie in the first
    run is their order.

    Raises:
        InputError: no capture, one cut short or too large, or a time that is missing or negative.
    """
    path = _table_path(name)
    rows, sha256 = _rows(path)
    card = _card(path.parent / CARD)
    return MeasuredTimes(
        "capture",
        name,
        sha256,
        rows,
        card.source,
        model=card.capture.model,
        model_sha256=card.capture.model_sha256,
        own_nodes=True,
    )


def _table_path(name: str) -> Path:
    entry = find_entry("traces", name)
    path = Path(name) if entry is None else entry
    table = path / LAYERS if path.is_dir() else path
    if not table.is_file():
        what = f"has no {LAYERS}" if path.is_dir() else "does not exist"
        raise InputError(f"capture '{name}' {what}; give {_GIVE}")
    if table.suffix.lower() != ".parquet":
        raise InputError(f"capture '{name}' is no Parquet file; give {_GIVE}")
    return table


def _card(path: Path) -> _Card:
    return read_toml(path, _Card, "card", give=_GIVE) if path.is_file() else _Card()


def _rows(path: Path) -> tuple[tuple[TimedRow, ...], str]:
    import pyarrow as pa

    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"capture '{path}' has more than {MAX_BYTES:,} bytes; give {_GIVE}")
        data = path.read_bytes()
        rows = _means(_table(data, path), path)
    except (pa.ArrowException, OSError, KeyError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"capture '{path}' cannot be read ({why}); give {_GIVE}") from error
    return rows, hashlib.sha256(data).hexdigest()


def _table(data: bytes, path: Path) -> pa.Table:
    """The columns, in the order in which kernels ran."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(data))
    missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
    if missing:
        raise InputError(f"capture '{path}' lacks the column {missing[0]}; give {_GIVE}")
    if not 0 < file.metadata.num_rows <= MAX_ROWS:
        rows = file.metadata.num_rows
        raise InputError(f"capture '{path}' has {rows:,} rows; allowed is 1 to {MAX_ROWS:,}")
    return file.read(columns=list(COLUMNS)).sort_by(
        [("run", "ascending"), ("start_ns", "ascending")]
    )


def _means(table: pa.Table, path: Path) -> tuple[TimedRow, ...]:
    """A row for each kernel, by all of its names: what it takes in a run, on average."""
    import pyarrow as pa
    import pyarrow.compute as pc

    durations = _durations(table, path)
    text = table["nodes"].cast(pa.list_(pa.string()))
    nodes = pc.fill_null(pc.binary_join(text, _APART), "")
    names = [pc.fill_null(table[c].cast(pa.string()), "") for c in ("node", "op")]
    keys = pc.binary_join_element_wise(*names, nodes, f"{_APART}{_APART}")
    keys = keys.combine_chunks().dictionary_encode()
    runs = len(pc.unique(table["run"]))
    sums = np.bincount(keys.indices.to_numpy(), durations, len(keys.dictionary)) / runs
    means: list[float] = sums.tolist()
    return tuple(
        _row(key, mean) for key, mean in zip(keys.dictionary.to_pylist(), means, strict=True)
    )


def _durations(table: pa.Table, path: Path) -> Floats:
    """Return checked nanoseconds, ``(n_rows,)``."""
    import pyarrow as pa

    durations: Floats = table["duration_ns"].cast(pa.float64(), safe=False).to_numpy()
    bad = np.flatnonzero(~((durations >= 0) & (durations <= MAX_TIME_NS)))
    if len(bad):
        row = table.slice(int(bad[0]), 1).to_pylist()[0]
        given = "no time" if row["duration_ns"] is None else f"a time of {row['duration_ns']} ns"
        raise InputError(
            f"capture '{path}': node '{row['node']}' of run {row['run']} has {given}; allowed is "
            f"0 to 10^15 ns: capture it again"
        )
    return durations


def _row(key: str, mean_ns: float) -> TimedRow:
    node, op, *names = key.split(_APART * 2)
    nodes = tuple(names[0].split(_APART)) if names and names[0] else ()
    return TimedRow(nodes, mean_ns, op=op) if nodes else TimedRow((), mean_ns, op=op or node)
