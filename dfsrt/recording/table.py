"""Recordings as CSV or Parquet: one table, a row for each slice and each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.errors import InputError
from dfsrt.files import write_atomically
from dfsrt.recording.recording import Recording

SUFFIXES = (".csv", ".parquet")


def check_path(path: Path) -> None:
    """Raise InputError unless ``path`` ends in a format that tables come in."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"'{path}' is neither .csv nor .parquet; name it like 'recording.parquet'")


def columns(recording: Recording) -> dict[str, Any]:
    """Return the columns: kind, track, category or unit, name, start, duration, value."""
    import pyarrow as pa

    s, c, texts = recording.slices, recording.counters, np.array([*recording.texts, ""])
    n, m = len(s), len(c)
    nothing = np.full(m, -1)
    return {
        "kind": ["slice"] * n + ["counter"] * m,
        "track": texts[np.concatenate([s.track, c.track])],
        "category_or_unit": texts[np.concatenate([s.category, c.unit])],
        "name": texts[np.concatenate([s.name, nothing])],
        "start_ns": np.concatenate([s.start_ns, c.time_ns]),
        "duration_ns": pa.array(
            np.concatenate([s.duration_ns, nothing]), mask=np.arange(n + m) >= n
        ),
        "value": pa.array(np.concatenate([np.zeros(n), c.value]), mask=np.arange(n + m) < n),
    }


def write(recording: Recording, path: Path) -> None:
    """Write ``recording`` to ``path``, which ends in ``.csv`` or ``.parquet``.

    Raises:
        InputError: another ending.
        OutputError: ``path`` cannot be written.
    """
    check_path(path)
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    made = pa.table(columns(recording)).replace_schema_metadata(dict(recording.about))
    if path.suffix.lower() == ".csv":
        write_atomically(path, lambda p: pyarrow.csv.write_csv(made, p))
    else:
        write_atomically(path, lambda p: pyarrow.parquet.write_table(made, p, compression="zstd"))
