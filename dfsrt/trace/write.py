"""Writing a trace: a folder with its requests and its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.arrays import Ints
from dfsrt.base.files import write_folder
from dfsrt.base.tomltext import TomlValue
from dfsrt.trace.card import card_text
from dfsrt.trace.token_columns import TOKENS
from dfsrt.trace.trace import NO_DEADLINE, Trace
from dfsrt.trace.workload import seen_from

if TYPE_CHECKING:
    import pyarrow as pa

CSV_ROWS = 5_000
"""Requests up to which a trace is CSV, to be read by people; beyond, Parquet."""


def write_trace(trace: Trace, folder: Path, **tables: Mapping[str, TomlValue]) -> None:
    """Write ``trace`` to the new ``folder`` in one step; ``tables`` go into its card.

    Workloads' files, which are named as seen from here, are named as seen from there.

    Raises:
        OutputError: the folder is there already, or cannot be made.
        InputError: a card that does not say whether the trace is recorded.
    """
    moved = _moved(trace, folder)
    write_folder(folder, lambda beside: write_into(beside, moved, **tables))


def _moved(trace: Trace, folder: Path) -> Trace:
    """The trace with its workloads as they are named in ``folder``."""
    readings = {seen_from(name, folder): how for name, how in trace.card.readings.items()}
    workloads = tuple(seen_from(name, folder) for name in trace.workloads)
    return replace(trace, card=replace(trace.card, readings=readings), workloads=workloads)


def write_into(folder: Path, trace: Trace, **tables: Mapping[str, TomlValue]) -> None:
    """Write the requests and the card of ``trace`` into a folder that is there.

    Raises:
        InputError: a card that does not say whether the trace is recorded.
    """
    import pyarrow.parquet as pq
    from pyarrow import csv

    table = trace_table(trace)
    if len(trace) <= CSV_ROWS:
        csv.write_csv(table, folder / "trace.csv", csv.WriteOptions(quoting_style="needed"))
    else:
        pq.write_table(
            table,
            folder / "trace.parquet",
            compression="zstd",
            use_dictionary=["workload", *TOKENS],
            column_encoding={"arrival_ns": "DELTA_BINARY_PACKED"},
        )
    text = card_text(trace.card, **tables)
    (folder / "card.toml").write_text(text, encoding="utf-8", newline="\n")


def trace_table(trace: Trace) -> pa.Table:
    """Return the requests as an Arrow table; missing deadlines and tokens are null."""
    import pyarrow as pa

    columns = {}
    if trace.prompt_tokens.any():
        columns = {name: _whole(getattr(trace, name), 0) for name in TOKENS}
    names = pa.array(list(trace.workloads))
    workload = pa.DictionaryArray.from_arrays(pa.array(trace.workload, pa.int32()), names)
    return pa.table(
        {
            "arrival_ns": trace.arrival_ns,
            "workload": workload if len(trace) > CSV_ROWS else workload.cast(pa.string()),
            "deadline_ns": _whole(trace.deadline_ns, NO_DEADLINE),
            "priority": trace.priority,
            "session": trace.session,
            **columns,
        }
    )


def _whole(values: Ints, missing: int) -> pa.Array:
    """Return a column of values, ``(n_requests,)``; those that are ``missing`` are null."""
    import pyarrow as pa

    return pa.array(values, mask=values == missing)
