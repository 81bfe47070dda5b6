"""Parquet in, in bounded pieces: what a file unpacks to is checked before anything is unpacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.base.reading import RAISED_BY, limit_bytes, open_native
from dfsrt.base.tomlfile import check_format

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet as pq

MOST_UNPACKED = 2 << 30
"""Bytes that a file may come to; kilobytes can hold as many."""
MOST_IN_CHUNK = 512 << 20
"""Bytes that one column may come to in one group of rows; usual writers stay far below."""
FORMAT_KEY = "dfsrt.format"
"""Key of the metadata of dfsrt's own files that holds their version."""
_WIDEST = 64
"""Bytes of a value of fixed length: those of an identifier or a decimal are fewer."""


@dataclass(frozen=True, slots=True)
class ParquetInput:
    """An open file; ``what`` begins its errors, ``advice`` ends them. Texts are held by number."""

    what: str
    advice: str
    names: tuple[str, ...]
    rows: int
    about: Mapping[bytes, bytes]
    _file: pq.ParquetFile

    def check_format(self, allowed: int, what: str, path: Path) -> None:
        """Check that dfsrt's own file is of a format up to ``allowed``; it is 1 where none is said.

        Raises:
            InputError: another one.
        """
        said = self.about.get(FORMAT_KEY.encode(), b"1").decode("utf-8", "replace")
        check_format(int(said) if said.isdecimal() else said, allowed, what, path, oldest=1)

    def batches(
        self, rows: int, columns: Sequence[str] | None = None, most_bytes: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield some ``columns``, or all, so many ``rows`` at once.

        ``most_bytes`` bounds all texts, each counted as often as it stands there.

        Raises:
            InputError: a damaged file, or one of more texts.
        """
        unpacked = 0
        with _explained(self.what, self.advice):
            meta, names = self._file.metadata, None if columns is None else list(columns)
            pieces = self._file.iter_batches(_fewer(rows, meta), columns=names, use_threads=False)
        while True:
            with _explained(self.what, self.advice):
                batch = next(pieces, None)
                if batch is None:
                    return
                batch.validate(full=True)  # numbers of texts may point beside them
            if most_bytes is not None:
                unpacked += sum(_text_bytes(column) for column in batch.columns)
                _check_bytes(unpacked, most_bytes, self.what)
            yield batch


@contextmanager
def open_parquet(
    source: Path | bytes, what: str, advice: str, most_bytes: int = MOST_UNPACKED
) -> Iterator[ParquetInput]:
    """Open a file, or one whose bytes these are, that comes to ``most_bytes`` at most.

    Raises:
        OSError: it is missing, a folder, or may not be read.
        InputError: no Parquet, or one that comes to more.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pa.BufferReader(source) if isinstance(source, bytes) else open_native(source) as file:
        with _explained(what, advice):
            meta = pq.read_metadata(file)
            _check_pieces(pq.ParquetFile(file, metadata=meta))
            _check_sizes(meta, what, most_bytes)
            parquet = pq.ParquetFile(file, metadata=meta, read_dictionary=_texts(meta))
            schema = parquet.schema_arrow
            names, about = tuple(schema.names), dict(schema.metadata or {})
        yield ParquetInput(what, advice, names, meta.num_rows, about, parquet)


def _check_pieces(parquet: pq.ParquetFile) -> None:
    """Have what is said of each piece of a column checked, before anything of it is unpacked.

    The library ends the process when it is asked about a piece whose description is damaged, but
    raises an error when it is about to read it, even if no row is asked for. Where there are no
    columns it would divide by that number of rows.
    """
    for group in range(parquet.metadata.num_row_groups if parquet.metadata.num_columns else 0):
        next(parquet.reader.iter_batches(0, [group], None, use_threads=False), None)


def _check_sizes(meta: pq.FileMetaData, what: str, most_bytes: int) -> None:
    whole = 0
    for chunk in _chunks(meta):
        _check_bytes(chunk.total_uncompressed_size, MOST_IN_CHUNK, f"{what}: a column")
        whole += max(chunk.total_uncompressed_size, chunk.num_values * 4)
    _check_bytes(whole, most_bytes, what)
    for column in map(meta.schema.column, range(meta.num_columns)):
        if column.physical_type == "FIXED_LEN_BYTE_ARRAY" and column.length > _WIDEST:
            raise InputError(
                f"{what}: a column holds values of {column.length:,} bytes; write it as text"
            )


def _check_bytes(size: int, usual: int, what: str) -> None:
    most = limit_bytes(usual)
    if size > most:
        raise InputError(
            f"{what} unpacks to {size:,} bytes, of which up to {most:,} are read; give a smaller "
            f"file, or set {RAISED_BY} to a size like '4 GiB'"
        )


def _texts(meta: pq.FileMetaData) -> list[str]:
    """Columns of texts by path: a text that stands in many rows is held once."""
    leaning = {chunk.path_in_schema for chunk in _leaning(meta)}
    columns = map(meta.schema.column, range(meta.num_columns))
    texts = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    return [path for path in texts if path not in leaning]


def _fewer(rows: int, meta: pq.FileMetaData) -> int:
    """Rows at once: fewer where texts lean on those before them, and each may be the longest."""
    longest = max((chunk.total_uncompressed_size for chunk in _leaning(meta)), default=1)
    return max(1, min(rows, MOST_IN_CHUNK // 4 // max(longest, 1)))


def _leaning(meta: pq.FileMetaData) -> list[pq.ColumnChunkMetaData]:
    """Pieces of columns whose texts are written as what differs from the one before."""
    return [chunk for chunk in _chunks(meta) if "DELTA_BYTE_ARRAY" in chunk.encodings]


def _chunks(meta: pq.FileMetaData) -> Iterator[pq.ColumnChunkMetaData]:
    for group in map(meta.row_group, range(meta.num_row_groups)):
        yield from map(group.column, range(group.num_columns))


def _text_bytes(column: pa.Array) -> int:
    """Bytes of a column's texts once each row has its own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    while pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = column.flatten()
    if pa.types.is_primitive(column.type):
        return 0
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    if not len(column.dictionary):
        return 0
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return int(pc.sum(lengths.cast("int64")).as_py() or 0)


@contextmanager
def _explained(what: str, advice: str) -> Iterator[None]:
    """Say in one line what the library says of a damaged file, in whatever way it does."""
    import pyarrow as pa

    try:
        yield
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{what} cannot be read as Parquet ({said}); {advice}") from error
