"""Loading a trace: a name on the shelf, a folder with a card, or a bare file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there, unknown_name
from dfsrt.base.shelf import find_entry, shelf_entries
from dfsrt.base.tomltext import TomlValue
from dfsrt.trace.card import read_card, read_card_file
from dfsrt.trace.columns import Columns, read_csv, read_parquet
from dfsrt.trace.trace import Trace, TraceCard
from dfsrt.trace.workload import seen_in

SHELF = "traces"
FILES = ("trace.csv", "trace.parquet")


def trace_names() -> tuple[str, ...]:
    """Return the traces on the shelf."""
    return tuple(entry.name for entry in shelf_entries(SHELF))


def locate_trace(source: str | Path) -> Path:
    """Return the folder or file of a shelf name or a path.

    Raises:
        InputError: there is neither.
    """
    path = Path(source)
    entry = find_entry(SHELF, str(source)) if isinstance(source, str) else None
    if entry is not None:
        return entry
    if not is_there(path):
        known = unknown_name("trace", str(source), trace_names())
        raise InputError(f"{known} or give a folder, or a .csv or .parquet file")
    return path


def load_trace(source: str | Path) -> Trace:
    """Return the trace of a shelf name, a folder or a ``.csv`` or ``.parquet`` file.

    A network's path in it is relative to the trace's folder.

    Raises:
        InputError: no such trace, or one that cannot be used: the message names file and row.
    """
    path = locate_trace(source)
    if not path.is_dir():
        return _trace(path, _read(path), None)
    files = [path / name for name in FILES if (path / name).is_file()]
    if len(files) != 1:
        what = "both" if files else "neither"
        raise InputError(f"trace '{path}' has {what} of {' and '.join(FILES)}; give it one")
    return _trace(files[0], _read(files[0]), read_card(path / "card.toml"))


def generator_of(source: str | Path) -> Mapping[str, TomlValue]:
    """Return what a trace's card says of its generator; nothing where it says nothing.

    Raises:
        InputError: no such trace, or a card that cannot be read.
    """
    folder = locate_trace(source)
    generator = read_card_file(folder / "card.toml").generator if folder.is_dir() else {}
    return cast(Mapping[str, TomlValue], generator)  # it was TOML, and may be so again


def _read(path: Path) -> Columns:
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise InputError(f"trace '{path}' is neither .csv nor .parquet; name it like 'trace.csv'")
    return read_csv(path) if kind == ".csv" else read_parquet(path)


def _trace(path: Path, columns: Columns, card: TraceCard | None) -> Trace:
    last_ns = int(columns.arrival_ns[-1])
    if card is None:
        card = TraceCard(path.stem, "unknown", "a file without a card", str(path), last_ns)
    if card.duration_ns < last_ns:
        raise InputError(
            f"card '{path.parent / 'card.toml'}' says {card.duration_ns * 1e-9:g} s, but the last "
            f"request comes at {last_ns * 1e-9:g} s; give a duration of at least that"
        )
    workloads = tuple(seen_in(name, path.parent) for name in columns.workloads)
    for name in card.readings:
        if name not in columns.workloads:
            raise InputError(
                f"card '{path.parent / 'card.toml'}' says how to read a network that no request "
                f"asks for: {unknown_name('workload', name, columns.workloads)}"
            )
    readings = {seen_in(name, path.parent): said for name, said in card.readings.items()}
    session = columns.workload if columns.session is None else columns.session
    return Trace(
        replace(card, readings=readings),
        workloads,
        columns.arrival_ns,
        columns.workload,
        columns.deadline_ns,
        columns.priority,
        np.asarray(session),
        columns.prompt_tokens,
        columns.output_tokens,
    )
