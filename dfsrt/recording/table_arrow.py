"""What an Arrow table holds of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.recording.recording import Counters, Recording, Slices

if TYPE_CHECKING:
    import pyarrow as pa

LATEST_NS = 2**62
"""Times and lengths from here on, about 146 years, are none."""


def recording_of(table: pa.Table) -> Recording:
    """Return the recording that a table with a row for each slice and sample holds.

    Raises:
        ValueError: a cell that is needed is empty.
    """
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


def sound(recording: Recording) -> Recording:
    """Leave out slices that end before they begin, or after all clocks; put all in order.

    Raises:
        ValueError: nothing is left of it.
    """
    s, c = recording.slices, recording.counters
    known = (np.abs(s.start_ns) < LATEST_NS) & (s.duration_ns >= 0) & (s.duration_ns < LATEST_NS)
    order = np.lexsort((-s.duration_ns, s.start_ns))
    order = order[known[order]]
    by_time = np.argsort(c.time_ns, kind="stable")
    by_time = by_time[np.abs(c.time_ns[by_time]) < LATEST_NS]
    count = len(s) - len(order) + len(c) - len(by_time)
    if count and not len(order) + len(by_time):
        raise ValueError("no row has a time and a length that can be")
    return Recording(
        recording.texts,
        Slices(*(x[order] for x in (s.track, s.category, s.name, s.start_ns, s.duration_ns))),
        Counters(c.track[by_time], c.unit[by_time], c.time_ns[by_time], c.value[by_time]),
        {**recording.about, **({"rows left out": str(count)} if count else {})},
    )
