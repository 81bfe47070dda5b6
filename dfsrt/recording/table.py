"""Recordings as CSV or Parquet: one table, a row for each slice and each sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.recording.collect import MAX_PIECES
from dfsrt.recording.recording import Counters, Recording, Slices
from dfsrt.recording.source import check_file

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".csv", ".parquet")
COLUMNS = ("kind", "track", "category_or_unit", "name", "start_ns", "duration_ns", "value")
_PARQUET = b"PAR1"


def check_path(path: Path) -> None:
    """Check that ``path`` ends in a format that tables come in.

    Raises:
        InputError: another ending.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"'{path}' is neither .csv nor .parquet; name it like 'recording.parquet'")


def table_of(recording: Recording) -> pa.Table:
    """Return ``recording`` as an Arrow table with ``COLUMNS``, a row for each slice and sample."""
    import pyarrow as pa

    s, c, texts = recording.slices, recording.counters, pa.array([*recording.texts, ""])
    n, m = len(s), len(c)
    nothing = np.full(m, len(recording.texts))
    columns = {
        "kind": ["slice"] * n + ["counter"] * m,
        "track": texts.take(pa.array(np.concatenate([s.track, c.track]))),
        "category_or_unit": texts.take(pa.array(np.concatenate([s.category, c.unit]))),
        "name": texts.take(pa.array(np.concatenate([s.name, nothing]))),
        "start_ns": np.concatenate([s.start_ns, c.time_ns]),
        "duration_ns": pa.array(
            np.concatenate([s.duration_ns, nothing]), mask=np.arange(n + m) >= n
        ),
        "value": pa.array(np.concatenate([np.zeros(n), c.value]), mask=np.arange(n + m) < n),
    }
    return pa.table(columns).replace_schema_metadata(dict(recording.about))


def write(recording: Recording, path: Path) -> None:
    """Write ``recording`` to ``path``, which ends in ``.csv`` or ``.parquet``.

    Raises:
        InputError: another ending.
        OutputError: ``path`` cannot be written.
    """
    check_path(path)
    import pyarrow.csv
    import pyarrow.parquet

    table = table_of(recording)
    if path.suffix.lower() == ".csv":
        write_atomically(path, lambda p: pyarrow.csv.write_csv(table, p))
    else:
        write_atomically(path, lambda p: pyarrow.parquet.write_table(table, p, compression="zstd"))


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with ``head`` may be a table that ``write`` made."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").replace('"', "").strip()
    return head.startswith(_PARQUET) or first == ",".join(COLUMNS)


def read(path: Path) -> Recording:
    """Return the recording that ``write`` wrote to ``path``.

    Raises:
        InputError: no such table, one that is cut short, or more rows than are read.
    """
    check_file(path)
    import pyarrow as pa

    try:
        with path.open("rb") as file:
            parquet = file.read(len(_PARQUET)) == _PARQUET
        return _recording(_read_parquet(path) if parquet else _read_csv(path))
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"cannot read '{path}': {reason}; give a readable table") from error
    except (pa.ArrowException, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "unknown"
        raise InputError(f"'{path}' is no table of a recording: {reason}") from error


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        _check_rows(file.metadata.num_rows)
        table = file.read(columns=list(COLUMNS)).select(COLUMNS)
    return table.cast(_schema().with_metadata(table.schema.metadata))


def _read_csv(path: Path) -> pa.Table:
    """Read batch by batch, so that a file with too many rows is left in time."""
    import pyarrow as pa
    import pyarrow.csv as csv

    convert = csv.ConvertOptions(
        column_types=_schema(),
        include_columns=list(COLUMNS),
        null_values=[""],
        strings_can_be_null=False,
    )
    batches, rows = [], 0
    with csv.open_csv(
        path, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=convert
    ) as file:
        for batch in file:
            batches.append(batch)
            rows += batch.num_rows
            _check_rows(rows)
    return pa.Table.from_batches(batches, file.schema)


def _schema() -> pa.Schema:
    import pyarrow as pa

    types = dict.fromkeys(COLUMNS, pa.string())
    types |= {"start_ns": pa.int64(), "duration_ns": pa.int64(), "value": pa.float64()}
    return pa.schema(types)


def _check_rows(rows: int) -> None:
    if rows > MAX_PIECES:
        raise ValueError(f"more than {MAX_PIECES:,} rows, the most that is read; cut it")


def _recording(table: pa.Table) -> Recording:
    """Raises ValueError where a cell that is needed is empty."""
    import pyarrow as pa

    kind = table["kind"].to_numpy()
    is_slice = kind == "slice"
    if not (is_slice | (kind == "counter")).all():
        raise ValueError("a row is neither slice nor counter")
    start_ns: Ints = _cells(table, "start_ns", np.ones(len(kind), dtype=bool)).to_numpy()
    words = [table[name].combine_chunks() for name in ("track", "category_or_unit", "name")]
    if any(column.null_count for column in words):
        raise ValueError("a row has no text where one is needed")
    coded = pa.concat_arrays(words).dictionary_encode()
    track, what, name = coded.indices.to_numpy().astype(np.int64).reshape(3, -1)
    duration_ns: Ints = _cells(table, "duration_ns", is_slice).to_numpy()
    value: Floats = _cells(table, "value", ~is_slice).to_numpy()
    about = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
    return Recording(
        tuple(coded.dictionary.to_pylist()),
        Slices(track[is_slice], what[is_slice], name[is_slice], start_ns[is_slice], duration_ns),
        Counters(track[~is_slice], what[~is_slice], start_ns[~is_slice], value),
        about,
    )


def _cells(table: pa.Table, column: str, rows: Mask) -> pa.ChunkedArray:
    """Return the cells of some ``rows``, ``(n_rows,)``; none may be empty."""
    import pyarrow as pa

    cells = table[column].filter(pa.array(rows))
    if cells.null_count:
        raise ValueError(f"a row has no {column}")
    return cells
