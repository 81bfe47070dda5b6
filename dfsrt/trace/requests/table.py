"""Tables of requests: CSV files of Azure and BurstGPT, read block by block."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.base.errors import InputError
from dfsrt.base.numbering import Numbering
from dfsrt.recording.source import opened, printable, read_head
from dfsrt.trace.requests.cells import dates_ns, numbers, seconds_ns, whole
from dfsrt.trace.requests.rows import RequestRows, Said
from dfsrt.trace.token_columns import MAX_TOKENS

if TYPE_CHECKING:
    import pyarrow as pa

    from dfsrt.recording.unpacked import RecordingFile

BLOCK = 4 << 20


@dataclass(frozen=True, slots=True)
class RequestTable:
    """Names of a table's columns, what its times are, and what is said of further columns."""

    time: str
    prompt: str
    output: str
    clock: Callable[[pa.Array], tuple[Ints, Mask]]
    session: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)

    def columns(self, names: list[str]) -> dict[str, str]:
        """Return the file's own spelling of the columns that are there."""
        spelt = {name.strip().lower(): name for name in names}
        mine = (self.time, self.prompt, self.output, self.session, *self.beside)
        return {name: spelt[name.lower()] for name in mine if name.lower() in spelt}

    def fits(self, names: list[str]) -> bool:
        """Return whether a table with these columns is one of this kind."""
        return {self.time, self.prompt, self.output} <= set(self.columns(names))


AZURE = RequestTable(
    "TIMESTAMP",
    "ContextTokens",
    "GeneratedTokens",
    dates_ns,
    beside={"NumImages": "what encodes images is not run; their tokens count as the log has them"},
)
"""Azure's LLM traces of 2023 and 2024, and its multimodal one of 2025.

Source: github.com/Azure/AzurePublicDataset, the schemas of each."""
BURSTGPT = RequestTable(
    "Timestamp",
    "Request tokens",
    "Response tokens",
    seconds_ns,
    session="Session ID",
    beside={
        "Model": "requests of all models and kinds are kept",
        "Elapsed time": "not used: another machine's",
    },
)
"""BurstGPT, with or without sessions.

Source: github.com/HPMLL/BurstGPT, the columns of its README."""


_MOST_COLUMNS = 1000


def column_names(head: bytes) -> list[str]:
    """Return the cells of a table's first line, as far as they are text; none of no table."""
    line = head.decode("utf-8", "replace").partition("\n")[0].strip("\r")
    try:
        return next(csv.reader([line]), [])
    except csv.Error:  # a carriage return, a cell without end
        return []


def read_table(path: Path, kind: RequestTable, said: Said) -> Iterator[RequestRows]:
    """Yield the requests of the table at ``path``, those that are whole.

    Raises:
        InputError: it cannot be read, or has not the columns of this kind.
    """
    import pyarrow as pa

    columns = _checked(path, kind)
    said.notes |= {name: kind.beside[name] for name in columns if name in kind.beside}
    reader = _Rows(kind, columns, said)
    try:
        with opened(path) as file:
            for batch in _batches(file, list(columns.values()), said):
                yield reader.rows(batch)
    except pa.ArrowException as error:
        reason = printable(re.sub(r"\s+", " ", str(error)), 160)
        raise InputError(f"'{path}' cannot be read as a table of requests: {reason}") from error


def _checked(path: Path, kind: RequestTable) -> dict[str, str]:
    names = column_names(read_head(path))
    if len(names) > _MOST_COLUMNS:
        raise InputError(
            f"'{path}' has more than {_MOST_COLUMNS} columns; keep {kind.time}, {kind.prompt} and "
            f"{kind.output}"
        )
    columns = kind.columns(names)
    missing = [name for name in (kind.time, kind.prompt, kind.output) if name not in columns]
    if missing:
        raise InputError(
            f"'{path}' has no column {' and '.join(missing)}; its first line must name "
            f"{kind.time}, {kind.prompt} and {kind.output}"
        )
    return columns


def _batches(file: RecordingFile, names: list[str], said: Said) -> Iterator[pa.RecordBatch]:
    """Blocks of cells as they are; rows with too few or too many are left out."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    def leave_out(row: arrow_csv.InvalidRow) -> str:
        cells = f"{row.actual_columns} cells, not {row.expected_columns}"
        said.damaged.add(f"row {row.number}", cells)
        return "skip"

    with _unheard():
        blocks = arrow_csv.open_csv(
            file,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK),
            parse_options=arrow_csv.ParseOptions(invalid_row_handler=leave_out),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.binary() for name in names}, include_columns=names
            ),
        )
    while True:
        with _unheard():
            block = next(blocks, None)
        if block is None:
            return
        yield block


@contextmanager
def _unheard() -> Iterator[None]:
    """Leave out what the library writes to the terminal where a row to leave out is no UTF-8.

    It raises an error of its own for such a row right after.
    """
    before, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        yield
    finally:
        sys.unraisablehook = before


class _Rows:
    """Turns blocks of cells into requests; sessions keep their numbers from block to block."""

    def __init__(self, kind: RequestTable, columns: Mapping[str, str], said: Said) -> None:
        self._kind, self._columns, self._said = kind, columns, said
        self._sessions: Numbering[object] = Numbering()
        self._row = 2

    def rows(self, batch: pa.RecordBatch) -> RequestRows:
        """Return the requests of a block that are whole and did not fail."""
        kind = self._kind
        time_ns, good = kind.clock(self._cells(batch, kind.time))
        prompt, known = whole(numbers(self._cells(batch, kind.prompt)), MAX_TOKENS)
        output, also = whole(numbers(self._cells(batch, kind.output)), MAX_TOKENS)
        good &= known & also & (prompt >= 1) & (output >= 0)
        self._count(batch, ~good)
        self._said.failed += int((good & (output == 0)).sum())
        good &= output >= 1
        session = self._numbered(batch)
        return RequestRows(
            time_ns[good], prompt[good], output[good], None if session is None else session[good]
        )

    def _cells(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        return batch.column(self._columns[name])

    def _count(self, batch: pa.RecordBatch, bad: Mask) -> None:
        damaged = self._said.damaged
        for at in np.flatnonzero(bad).tolist():
            where = "" if damaged.first else f"row {self._row + damaged.count + at}"
            damaged.add(where, "" if damaged.first else self._shown(batch, at))
        self._row += batch.num_rows

    def _shown(self, batch: pa.RecordBatch, at: int) -> str:
        cells = (self._cells(batch, n)[at].as_py() for n in list(self._columns)[:3])
        text = ",".join(cell.decode("utf-8", "replace") for cell in cells)
        return f"'{printable(text)}' is no time and tokens"

    def _numbered(self, batch: pa.RecordBatch) -> Ints | None:
        if self._kind.session not in self._columns:
            return None
        coded = self._cells(batch, self._kind.session).dictionary_encode()
        numbers_: Ints = np.array([self._sessions[t] for t in coded.dictionary.to_pylist()])
        return np.asarray(numbers_[coded.indices.to_numpy(zero_copy_only=False)])
