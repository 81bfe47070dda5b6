"""Recordings as CSV or Parquet: one table, a row for each slice and each sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.parquet import FORMAT_KEY, open_parquet
from dfsrt.recording.collect import MAX_PIECES, Collector
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import opened, read_all, read_head
from dfsrt.recording.table_arrow import recording_of, sound
from dfsrt.recording.table_rows import read_rows
from dfsrt.recording.unpacked import MAX_UNPACKED

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".csv", ".parquet")
COLUMNS = ("kind", "track", "category_or_unit", "name", "start_ns", "duration_ns", "value")
FORMAT = 1
"""Version of a table as Parquet; one without it is of the first. As CSV its columns tell."""
_PARQUET = b"PAR1"
_MOST_COLUMNS = 1000
MAX_PACKED = 256 << 20
"""Size of a Parquet file in a packed one: it is held as a whole."""


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
    about = {**recording.about, FORMAT_KEY: str(FORMAT)}
    return pa.table(columns).replace_schema_metadata(about)


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
    """Return the recording that ``write`` wrote to ``path``; rows that are none are left out.

    Raises:
        InputError: no such table, a Parquet file that is cut short, or more rows than are read.
    """
    import pyarrow as pa

    head = read_head(path)
    try:
        if head.startswith(_PARQUET):
            return sound(recording_of(_read_parquet(path)))
        _check_heads(head)
        try:
            return sound(recording_of(_read_csv(path)))
        except InputError:
            raise
        except (pa.ArrowException, KeyError, ValueError):
            return _by_rows(path)
    except InputError:
        raise
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"cannot read '{path}': {reason}; give a readable table") from error
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "unknown"
        raise InputError(f"'{path}' is no table of a recording: {reason}") from error


def _check_heads(head: bytes) -> None:
    """Raises ValueError where the first line of a CSV table lacks a column."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    if first.count(",") > _MOST_COLUMNS:
        raise ValueError(f"it has more than {_MOST_COLUMNS} columns")
    heads = {name.strip().strip('"') for name in first.split(",")}
    for column in COLUMNS:
        if column not in heads:
            raise ValueError(f"it has no column '{column}'")


def _by_rows(path: Path) -> Recording:
    """Raises ValueError where no row can be read, and some were left out."""
    collector = Collector()
    left_out = read_rows(path, COLUMNS, collector)
    if left_out.count and not len(collector):
        raise ValueError(left_out.first)
    return collector.recording(left_out.about())


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow as pa

    with opened(path) as file:
        packed = bool(file.packed_by)
    whole = read_all(path, MAX_PACKED, "unpack it first")[0] if packed else path
    with open_parquet(whole, f"'{path}'", "give a table that dfsrt wrote") as parquet:
        _check_rows(path, parquet.rows)
        missing = [column for column in COLUMNS if column not in parquet.names]
        if missing:
            raise ValueError(f"it has no column '{missing[0]}'")
        parquet.check_format(FORMAT, "recording", path)
        about = {k: said for k, said in parquet.about.items() if k != FORMAT_KEY.encode()}
        schema = _schema().with_metadata(about)
        pieces = parquet.batches(1 << 18, COLUMNS, MAX_UNPACKED)
        batches = [batch.select(COLUMNS).cast(schema) for batch in pieces]
    return pa.Table.from_batches(batches, schema)


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
    parse = csv.ParseOptions(newlines_in_values=True)
    batches, rows = [], 0
    with opened(path) as unpacked:
        with csv.open_csv(unpacked, parse_options=parse, convert_options=convert) as file:
            for batch in file:
                batches.append(batch)
                rows += batch.num_rows
                _check_rows(path, rows)
        return pa.Table.from_batches(batches, file.schema)


def _schema() -> pa.Schema:
    import pyarrow as pa

    types = dict.fromkeys(COLUMNS, pa.string())
    types |= {"start_ns": pa.int64(), "duration_ns": pa.int64(), "value": pa.float64()}
    return pa.schema(types)


def _check_rows(path: Path, rows: int) -> None:
    if rows > MAX_PIECES:
        raise InputError(
            f"'{path}' has more than {MAX_PIECES:,} rows, the most that is read; cut it"
        )
