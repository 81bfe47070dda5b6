"""Rows as Parquet: layer runs, requests, or samples over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.arrays import Values
from dfsrt.base.files import write_atomically
from dfsrt.base.json import json_text
from dfsrt.governor import Governor
from dfsrt.governor.registry import label
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.run.job import Job
from dfsrt.run.log import RunLog

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

Columns = Mapping[str, Values]


class ParquetLog:
    """A consumer that writes ``columns`` of each piece of a run's log to ``path``.

    ``about`` travels in the file's metadata.
    """

    def __init__(
        self, path: Path, columns: Callable[[RunLog], Columns], about: Mapping[str, object]
    ) -> None:
        self._path, self._columns, self._about = path, columns, about
        self._writer: pq.ParquetWriter | None = None

    def add(self, log: RunLog) -> None:
        """Write the next piece of the log."""
        import pyarrow.parquet as pq

        table = arrow_table(self._columns(log), self._about)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        if table.num_rows:
            self._writer.write_table(table)

    def __enter__(self) -> ParquetLog:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()


def arrow_table(columns: Columns, about: Mapping[str, object]) -> pa.Table:
    """Return ``columns`` as an Arrow table with ``about`` in its metadata."""
    import pyarrow as pa

    return _about(pa.table(dict(columns)), about)


def _about(table: pa.Table, about: Mapping[str, object]) -> pa.Table:
    """Return ``table`` with ``about`` in its metadata."""
    version = {"dfsrt_schema_version": str(SCHEMA_VERSION)}
    return table.replace_schema_metadata(version | {"dfsrt_run": json_text(dict(about))})


def write_columns(columns: Columns, about: Mapping[str, object], path: Path) -> None:
    """Write ``columns`` to ``path``.

    Raises:
        OutputError: ``path`` cannot be written.
    """
    import pyarrow as pa

    write_table(pa.table(dict(columns)), about, path)


def write_table(table: pa.Table, about: Mapping[str, object], path: Path) -> None:
    """Write an Arrow ``table`` to ``path``, ``about`` in its metadata.

    Raises:
        OutputError: ``path`` cannot be written.
    """
    import pyarrow.parquet as pq

    table = _about(table, about)
    write_atomically(path, lambda beside: pq.write_table(table, beside, compression="zstd"))


def about_run(job: Job, governor: Governor) -> dict[str, object]:
    """Return what a file's metadata says of its run."""
    return {
        "network": job.table.network,
        "device": job.npu.name,
        "governor": label(governor),
        "power_model": job.table.model,
        "seed": job.spec.seed,
        "power_domain": str(job.cap_domain),
    }
