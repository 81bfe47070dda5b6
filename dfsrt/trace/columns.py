"""The columns of a trace file, read block by block and checked row by row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.numbering import Numbering
from dfsrt.base.parquet import open_parquet
from dfsrt.base.reading import open_native
from dfsrt.trace.token_columns import TOKENS, check_tokens, token_numbers
from dfsrt.trace.trace import MAX_PRIORITY, MAX_REQUESTS, NO_DEADLINE

if TYPE_CHECKING:
    import pyarrow as pa

NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
TIMES = {f"{what}_{unit}": scale for what in ("arrival", "deadline") for unit, scale in NS.items()}
NAMES = (*TIMES, "workload", "priority", "session", *TOKENS)
FAR_NS = 9 * 10**18
BLOCK = 4 << 20
_LONGEST_HEAD = 1 << 16
_LIKE = "arrival_ms,workload"


@dataclass(frozen=True, slots=True)
class Columns:
    """Checked columns, ``(n_requests,)``; ``session`` is None where the file has none."""

    arrival_ns: Ints
    workload: Ints
    workloads: tuple[str, ...]
    deadline_ns: Ints
    priority: Ints
    session: Ints | None
    prompt_tokens: Ints
    output_tokens: Ints


def read_csv(path: Path) -> Columns:
    """Return the columns of a CSV file.

    Raises:
        InputError: no trace; the message names the row where there is one.
    """
    from pyarrow import csv as arrow_csv

    options = arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK)
    kinds = arrow_csv.ConvertOptions(
        column_types=_arrow_types(), strings_can_be_null=True, null_values=[""]
    )
    with _as_input_error(path), open_native(path) as file:
        _check_head(file.read(_LONGEST_HEAD), path)
        file.seek(0)
        reader = arrow_csv.open_csv(file, read_options=options, convert_options=kinds)
        _check_names(reader.schema.names, path)
        return _gather(reader, path)


def read_parquet(path: Path) -> Columns:
    """Return the columns of a Parquet file.

    Raises:
        InputError: no trace, or one that is cut short.
    """
    advice = "give a trace that 'dfsrt trace' wrote, or a .csv file"
    with (
        _as_input_error(path),
        open_parquet(path, f"trace '{path}'", advice) as file,
    ):
        _check_names(file.names, path)
        _check_count(file.rows, path)
        return _gather(file.batches(1 << 18), path)


def _check_head(data: bytes, path: Path) -> None:
    """Check the names in the first line, which are few, before room is made for each."""
    lines = [line for line in data.splitlines() if line]
    if len(lines) == 1 and len(data) == _LONGEST_HEAD:
        raise InputError(f"trace '{path}' has no first line of names; write them like {_LIKE}")
    for line in lines[:1]:
        _check_names(next(csv.reader([line.decode("utf-8-sig")]), []), path)


class _as_input_error:  # noqa: N801 - read as a word in a with statement
    """Turn what the reader says of a bad file into one clear line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import pyarrow as pa

        if isinstance(error, InputError):
            return
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise InputError(f"cannot read trace '{self._path}': {error.strerror}") from error
        if isinstance(error, pa.ArrowException | OSError | UnicodeDecodeError | ValueError):
            reason = re.sub(r"\s+", " ", str(error))[:200]
            raise InputError(f"trace '{self._path}' cannot be read: {reason}") from error


def _arrow_types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    whole, text = pa.int64(), pa.dictionary(pa.int32(), pa.string())
    times = {name: whole if scale == 1 else pa.float64() for name, scale in TIMES.items()}
    counts = dict.fromkeys(("priority", *TOKENS), whole)
    return {**times, **counts, "workload": text, "session": text}


def _check_names(names: Sequence[str], path: Path) -> None:
    for name in names:
        if name not in NAMES:
            shown = name if len(name) < 40 and name.isprintable() else "..."
            log = "; 'dfsrt trace import' reads public logs" if name.lower() == "timestamp" else ""
            raise InputError(f"trace '{path}': {unknown_name('column', shown, NAMES)}{log}")
    for what in ("arrival", "deadline"):
        same = [n for n in names if n.startswith(what)]
        if len(same) > 1:
            raise InputError(f"trace '{path}' has columns {' and '.join(same)}; keep one")
    if "workload" not in names or not any(n.startswith("arrival") for n in names):
        raise InputError(
            f"trace '{path}' has no column for arrival or workload; it needs both, like {_LIKE}"
        )
    if len(set(names)) < len(names):
        raise InputError(f"trace '{path}' has a column twice; keep one")


def _check_count(rows: int, path: Path) -> None:
    if rows > MAX_REQUESTS:
        raise InputError(f"trace '{path}' has over {MAX_REQUESTS:,} requests; split it")
    if rows == 0:
        raise InputError(f"trace '{path}' has no request; give it a row at least")


def _gather(batches: Iterable[pa.RecordBatch], path: Path) -> Columns:
    """Join the batches, each turned into plain numbers as soon as it is read."""
    workloads, sessions = _Texts(), _Texts()
    parts: list[dict[str, Ints]] = []
    row = 2  # as people count lines, the header included
    for batch in batches:
        parts.append(_numbers(batch, workloads, sessions, path, row))
        row += batch.num_rows
        if row - 2 > MAX_REQUESTS:
            _check_count(row - 2, path)
    _check_count(row - 2, path)
    whole = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    _check_order(whole["arrival_ns"], path)
    names, tokens = tuple(workloads.numbers), {name: whole[name] for name in TOKENS}
    check_tokens(whole["workload"], names, tokens, path)
    return Columns(
        whole["arrival_ns"],
        whole["workload"],
        names,
        whole["deadline_ns"],
        whole["priority"],
        sessions.as_numbers(whole.get("session")),
        **tokens,
    )


class _Texts:
    """The texts of one column, numbered over all batches."""

    def __init__(self) -> None:
        self.numbers: Numbering[str] = Numbering()

    def number(self, column: pa.Array) -> Ints:
        import pyarrow as pa

        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        of_batch = [self.numbers[str(text)] for text in coded.dictionary.to_pylist()]
        numbers: Ints = np.array(of_batch, dtype=np.int64)
        return np.asarray(numbers[coded.indices.to_numpy(zero_copy_only=False)])

    def as_numbers(self, column: Ints | None) -> Ints | None:
        """Return the texts themselves where all are whole numbers, else their numbers."""
        plain = all(t.isascii() and t.isdigit() and len(t) < 10 for t in self.numbers)
        if column is None or not plain:
            return column
        values: Ints = np.array([int(t) for t in self.numbers], dtype=np.int64)
        return values[column]


def _numbers(
    batch: pa.RecordBatch, workloads: _Texts, sessions: _Texts, path: Path, row: int
) -> dict[str, Ints]:
    rows = batch.num_rows
    columns = {
        "arrival_ns": np.zeros(0, dtype=np.int64),
        "deadline_ns": np.full(rows, NO_DEADLINE, dtype=np.int64),
        **{name: np.zeros(rows, dtype=np.int64) for name in ("priority", *TOKENS)},
    }
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column.null_count and not name.startswith("deadline") and name not in TOKENS:
            at = row + int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
            raise InputError(f"trace '{path}', row {at}: {name} is empty; give a value")
        if name in TIMES:
            what = "arrival_ns" if name.startswith("arrival") else "deadline_ns"
            columns[what] = _time_ns(column, name, path, row)
        elif name == "priority":
            columns[name] = _priority(column, path, row)
        elif name in TOKENS:
            columns[name] = token_numbers(column, name, path, row)
        else:
            columns[name] = (workloads if name == "workload" else sessions).number(column)
    return columns


def _time_ns(column: pa.Array, name: str, path: Path, row: int) -> Ints:
    """Return whole nanoseconds; empty deadlines become ``NO_DEADLINE``."""
    least = 0 if name.startswith("arrival") else 1
    null = column.is_null().to_numpy(zero_copy_only=False)
    if column.type not in _arrow_types().values() or str(column.type).startswith("dict"):
        raise InputError(
            f"trace '{path}': column {name} holds no numbers of 64 bits; give times in it"
        )
    values = column.fill_null(least).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = values * TIMES[name] if TIMES[name] > 1 else values
        fits = np.isfinite(values) & (scaled >= least) & (scaled <= FAR_NS)
        fits &= scaled == np.rint(scaled) if TIMES[name] == 1 else True
    if not fits.all():
        at = int(np.argmin(fits))
        raise InputError(
            f"trace '{path}', row {row + at}: {name} {values[at]} is out of range; give "
            f"{'0 or more' if least == 0 else 'a time above 0, or nothing'}, at most {FAR_NS} ns"
        )
    whole = np.rint(scaled).astype(np.int64)
    return np.where(null, NO_DEADLINE, whole) if least else whole


def _priority(column: pa.Array, path: Path, row: int) -> Ints:
    values = column.to_numpy(zero_copy_only=False)
    if values.dtype.kind != "i":
        raise InputError(f"trace '{path}': column priority holds no whole numbers")
    fits = np.abs(values) <= MAX_PRIORITY
    if not fits.all():
        at = int(np.argmin(fits))
        raise InputError(
            f"trace '{path}', row {row + at}: priority {values[at]} is out of range; allowed is "
            f"-{MAX_PRIORITY} to {MAX_PRIORITY}"
        )
    return np.asarray(values, dtype=np.int64)


def _check_order(arrival_ns: Ints, path: Path) -> None:
    falls = np.flatnonzero(np.diff(arrival_ns) < 0)
    if len(falls):
        at = int(falls[0])
        raise InputError(
            f"trace '{path}', row {at + 3}: arrival {arrival_ns[at + 1]} ns comes before the row "
            f"above, {arrival_ns[at]} ns; sort the requests by arrival"
        )
