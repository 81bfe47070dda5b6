"""The table of kernels in a capture: what each takes in a run, on average.

Texts are held once, by number, however often they come: a small file may hold gigabytes of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import InputError
from dfsrt.base.parquet import open_parquet
from dfsrt.cost.times.measured import MAX_TIME_NS, TimedRow

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("run", "node", "op", "start_ns", "duration_ns", "nodes")
MAX_BYTES = 256 * 2**20
MAX_ROWS = 2_000_000
"""onnxruntime's profiler keeps a million events."""
_ROWS_A_BATCH = 1 << 17
_AGAIN = "capture it again"

Key = tuple[str, str, tuple[str, ...]]
"""A kernel: its node, its operator, and the nodes whose work it did."""
When = tuple[int, int]
"""A run, and nanoseconds from the first one's start."""


@dataclass(slots=True)
class _Sum:
    """All times of a kernel, and when it ran first."""

    time_ns: float
    first: When


def kernel_means(source: bytes, name: str) -> tuple[TimedRow, ...]:
    """Return a row for each kernel, in the order in which they first ran.

    Raises:
        InputError: columns that are missing or of another kind, no rows or too many, or a time
            that is missing, negative or too long.
    """
    sums: dict[Key, _Sum] = {}
    runs: set[int] = set()
    for batch in _batches(source, name):
        runs.update(np.unique(_whole(batch, "run", name)).tolist())
        _add(batch, name, sums)
    ordered = sorted(sums.items(), key=lambda item: item[1].first)
    return tuple(_row(key, kernel.time_ns / len(runs)) for key, kernel in ordered)


def _row(key: Key, mean_ns: float) -> TimedRow:
    node, op, nodes = key
    return TimedRow(nodes, mean_ns, op=op or node)


def _batches(source: bytes, name: str) -> Iterator[pa.RecordBatch]:
    with open_parquet(source, f"capture '{name}'", _AGAIN, MAX_BYTES) as file:
        missing = [column for column in COLUMNS if column not in file.names]
        if missing:
            raise InputError(f"capture '{name}' lacks the column {missing[0]}; {_AGAIN}")
        if not 0 < file.rows <= MAX_ROWS:
            raise InputError(
                f"capture '{name}' has {file.rows:,} rows; allowed is 1 to {MAX_ROWS:,}"
            )
        yield from file.batches(_ROWS_A_BATCH, COLUMNS)


def _add(batch: pa.RecordBatch, name: str, sums: dict[Key, _Sum]) -> None:
    """Add the times of a batch's kernels to their sums."""
    import pyarrow.compute as pc

    durations = _durations(batch, name)
    nodes, node, op = _lists(batch, name), _texts(batch, "node", name), _texts(batch, "op", name)
    numbers = [pc.fill_null(texts.indices, -1).cast("string") for texts in (node, op)]
    coded = pc.binary_join_element_wise(*numbers, nodes.codes, "|").dictionary_encode()
    kernel = coded.indices.to_numpy()
    times: list[float] = np.bincount(kernel, durations, len(coded.dictionary)).tolist()
    order = np.lexsort((_whole(batch, "start_ns", name), _whole(batch, "run", name)))
    _, first = np.unique(kernel[order], return_index=True)
    for time_ns, at in zip(times, order[first].tolist(), strict=True):
        key = (node[at].as_py() or "", op[at].as_py() or "", nodes.names(at))
        when = (batch["run"][at].as_py(), batch["start_ns"][at].as_py())
        known = sums.setdefault(key, _Sum(0.0, when))
        known.time_ns, known.first = known.time_ns + time_ns, min(known.first, when)


@dataclass(frozen=True, slots=True)
class _Lists:
    """A column of lists of texts; ``codes`` has each row's texts by number, as one text."""

    column: pa.ListArray
    codes: pa.StringArray

    def names(self, row: int) -> tuple[str, ...]:
        return tuple(name or "" for name in self.column[row].as_py() or ())


def _lists(batch: pa.RecordBatch, name: str) -> _Lists:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = batch["nodes"]
    if not pa.types.is_list(column.type) or not pa.types.is_dictionary(column.type.value_type):
        raise InputError(f"capture '{name}': column nodes holds no lists of texts; {_AGAIN}")
    numbers = pc.fill_null(column.values.indices, -1).cast("string")
    lists = pa.ListArray.from_arrays(column.offsets, numbers)
    return _Lists(column, pc.binary_join(lists, ","))


def _texts(batch: pa.RecordBatch, column: str, name: str) -> pa.DictionaryArray:
    import pyarrow as pa

    if not pa.types.is_dictionary(batch[column].type):
        raise InputError(f"capture '{name}': column {column} holds no texts; {_AGAIN}")
    return batch[column]


def _whole(batch: pa.RecordBatch, column: str, name: str) -> Ints:
    """Return a column of whole numbers, ``(n_rows,)``."""
    import pyarrow as pa

    values = batch[column]
    if not pa.types.is_integer(values.type) or values.null_count:
        raise InputError(f"capture '{name}': column {column} is not all whole numbers; {_AGAIN}")
    whole: Ints = values.to_numpy()
    return whole


def _durations(batch: pa.RecordBatch, name: str) -> Floats:
    """Return checked nanoseconds, ``(n_rows,)``."""
    import pyarrow as pa

    durations: Floats = (
        batch["duration_ns"].cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    )
    bad = np.flatnonzero(~((durations >= 0) & (durations <= MAX_TIME_NS)))
    if len(bad):
        row = {c: batch[c][int(bad[0])].as_py() for c in ("node", "run", "duration_ns")}
        given = "no time" if row["duration_ns"] is None else f"a time of {row['duration_ns']} ns"
        raise InputError(
            f"capture '{name}': node '{row['node']}' of run {row['run']} has {given}; allowed is "
            f"0 to 10^15 ns: {_AGAIN}"
        )
    return durations
