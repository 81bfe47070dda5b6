"""Samples on disk: one Parquet file, one row a sample."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.power.measure.sample import Idle, Sample, from_row, to_row

if TYPE_CHECKING:
    import pyarrow as pa

IDLE = b"dfsrt.idle"
"""Key of the file's metadata that holds readings at rest."""
_NO_SAMPLE = (
    *(KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError),
    msgspec.MsgspecError,
)
"""What is raised where a row's cells are not of a sample."""


def write_samples(samples: Sequence[Sample], path: Path, idle: Sequence[Idle] = ()) -> None:
    """Write ``samples`` to ``path``, with readings at rest in the file's metadata.

    Raises:
        InputError: nothing to write.
        OutputError: the place cannot be written.
    """
    data = encode_samples(samples, idle)
    write_atomically(path, lambda beside: beside.write_bytes(data))


def encode_samples(samples: Sequence[Sample], idle: Sequence[Idle] = ()) -> bytes:
    """Return what ``write_samples`` writes.

    Raises:
        InputError: nothing to write.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not samples:
        raise InputError("no layer could be measured, so there is nothing to write")
    table = pa.Table.from_pylist([to_row(s) for s in samples], schema=_schema())
    table = table.replace_schema_metadata({IDLE: msgspec.json.encode(list(idle))})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def read_samples(path: Path) -> list[Sample]:
    """Return the samples in ``path``.

    Raises:
        InputError: no such file, no Parquet, or not the columns of samples.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.is_dir():
        raise InputError(f"'{path}' is a folder; give a file that 'dfsrt measure' wrote")
    try:
        rows = pq.read_table(path).to_pylist()
    except FileNotFoundError as error:
        raise InputError(f"there is no file '{path}'; make one with 'dfsrt measure'") from error
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise InputError(
            f"'{path}' cannot be read as Parquet ({_in_a_line(error)}); "
            "give a file that 'dfsrt measure' wrote"
        ) from error
    try:
        return [from_row(row) for row in rows]
    except _NO_SAMPLE as error:
        raise InputError(
            f"'{path}' does not hold samples ({_in_a_line(error)}); "
            "give a file that 'dfsrt measure' wrote"
        ) from error


def read_idle(path: Path) -> list[Idle]:
    """Return the readings at rest that ``path`` holds beside its samples.

    Raises:
        InputError: they are damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = (pq.read_schema(path).metadata or {}).get(IDLE, b"[]")
        return msgspec.json.decode(found, type=list[Idle])
    except (pa.ArrowException, OSError, *_NO_SAMPLE) as error:
        raise InputError(
            f"'{path}' holds no readings at rest ({_in_a_line(error)}); "
            "give a file that 'dfsrt measure' wrote"
        ) from error


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _schema() -> pa.Schema:
    import pyarrow as pa

    text, whole, real = pa.string(), pa.int64(), pa.float64()
    label = pa.dictionary(pa.int32(), text)
    shapes = pa.list_(pa.list_(whole))
    return pa.schema(
        {
            "key": text,
            "source": label,
            "group": label,
            "op": label,
            "dtype": label,
            "input_shapes": shapes,
            "output_shapes": shapes,
            "attributes": text,
            "operands": pa.list_(text),
            "layer": text,
            "freq_hz": whole,
            "rail_uv": whole,
            "repeat": whole,
            "layout": label,
            "memory_hz": whole,
            "power_w": real,
            "latency_s": real,
            "clock_hz": real,
            "temp_c": real,
            "limit_w": real,
            "held_share": real,
            "hot_share": real,
            "gaps": whole,
            "window_s": real,
            "runs": whole,
            "at": text,
            "meter": label,
            "device": label,
            "unit": label,
            "digest": label,
            "driver": label,
            "seed": whole,
        }.items()
    )
