"""Samples on disk: one Parquet file, one row a sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.json import encode
from dfsrt.base.parquet import FORMAT_KEY, ParquetInput, open_parquet
from dfsrt.power.measure.sample import Idle, Sample, from_row, to_row

if TYPE_CHECKING:
    import pyarrow as pa

IDLE = b"dfsrt.idle"
"""Key of the file's metadata that holds readings at rest."""
FORMAT = 1
MOST_TEXTS = 512 << 20
"""Bytes of all texts of a file: a layer has some hundred."""
_ROWS_AT_ONCE = 1 << 12
_NO_SAMPLE = (
    *(LookupError, TypeError, AttributeError, ArithmeticError, ValueError, RecursionError),
    msgspec.MsgspecError,
)
"""What is raised where a row's cells are not of a sample."""
_ADVICE = "give a file that 'dfsrt measure' wrote"


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
    about = {FORMAT_KEY: str(FORMAT), IDLE: encode(list(idle))}
    table = table.replace_schema_metadata(about)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def read_samples(path: Path) -> list[Sample]:
    """Return the samples in ``path``.

    Raises:
        InputError: no such file, no Parquet, or not the columns of samples.
    """
    with _opened(path) as file:
        pieces = file.batches(_ROWS_AT_ONCE, most_bytes=MOST_TEXTS)
        return [_sample(row, path) for batch in pieces for row in batch.to_pylist()]


def read_idle(path: Path) -> list[Idle]:
    """Return the readings at rest that ``path`` holds beside its samples.

    Raises:
        InputError: no such file, no Parquet, or no readings where they should be.
    """
    with _opened(path) as file:
        try:
            return msgspec.json.decode(file.about.get(IDLE, b"[]"), type=list[Idle])
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise _no_samples(path, error) from error


@contextmanager
def _opened(path: Path) -> Iterator[ParquetInput]:
    try:
        with open_parquet(path, f"'{path}'", _ADVICE) as file:
            file.check_format(FORMAT, "file of samples", path)
            yield file
    except IsADirectoryError as error:
        raise InputError(f"'{path}' is a folder; {_ADVICE}") from error
    except FileNotFoundError as error:
        raise InputError(f"there is no file '{path}'; make one with 'dfsrt measure'") from error
    except OSError as error:
        raise InputError(f"'{path}' cannot be read ({error.strerror}); {_ADVICE}") from error


def _sample(row: Mapping[str, object], path: Path) -> Sample:
    try:
        return from_row(row)
    except (
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
        ValueError,
        RecursionError,
    ) as error:
        raise _no_samples(path, error) from error
    except msgspec.MsgspecError as error:
        raise _no_samples(path, error) from error


def _no_samples(path: Path, error: Exception) -> InputError:
    said = " ".join(str(error).split())[:200]
    return InputError(f"'{path}' does not hold samples ({said}); {_ADVICE}")


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
