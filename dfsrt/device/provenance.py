"""Provenance: every number of a device file is finite and says where it comes from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from dfsrt.base.errors import DeviceError

_HOLD_TABLES = (
    *("", "rail.", "rail.regulators.", "engine.", "supply.", "dram.", "dram.supply."),
    *("idle.", "idle.states."),
)
"""Where a mapping is a table; elsewhere it is one value: numbers by precision or by bin."""

BESIDE = ("source", "range")
"""Tables that stand beside the numbers of a table and tell of them."""

_CHOICES = ("dram.channels",)
"""Numbers that somebody chooses, as a precision is chosen: they need no source."""

_TEXT_FACTS = ("cores.split", "weights.decode", "weights.skip")
"""Lists of names that were found out as numbers are, and so say where they come from, too."""


def is_table(value: object, path: str, key: str) -> TypeGuard[Mapping[str, object]]:
    """Tell whether ``value``, under ``key`` below the dotted ``path``, is a table of its own.

    A mapping of numbers, by precision or by bin, is none.
    """
    return isinstance(value, Mapping) and (key in BESIDE or path in _HOLD_TABLES)


def check_numbers(raw: Mapping[str, object], where: str) -> None:
    """Check that each fact below ``raw`` is finite and has a source in its own table.

    Errors begin with ``where``, like ``device 'x'``.

    Raises:
        DeviceError: the first fact that is not finite or has no source, or a source of nothing.
    """
    for path, table in tables(raw, ""):
        for key, value in table.items():
            is_fact = _holds_number(value) or f"{path}{key}" in _TEXT_FACTS
            if is_fact and not is_table(value, path, key):
                _check_finite(value, f"{path}{key}", where)
                if f"{path}{key}" not in _CHOICES:
                    _check_source(table, path, key, where)
        for what in BESIDE:
            _check_none_stale(table, path, what, where)


def sources_of(raw: Mapping[str, object]) -> dict[str, str]:
    """Return the source text of every sourced key, by dotted path, as ``memory.buffer_bytes``."""
    return {path: str(text) for path, text in beside(raw, "source").items()}


def beside(raw: Mapping[str, object], what: str) -> dict[str, object]:
    """Return what the tables ``what``, one of ``BESIDE``, tell of each key, by dotted path."""
    return {
        f"{path}{key}": value
        for path, table in tables(raw, "")
        if isinstance(told := table.get(what, {}), Mapping)
        for key, value in told.items()
    }


def origins(chain: Sequence[tuple[str, Mapping[str, object]]]) -> dict[str, str]:
    """Return for each key of a device, by dotted path, the name of the first file that says it.

    ``chain`` is a file and its bases, each with its name.
    """
    found: dict[str, str] = {}
    for name, raw in chain:
        for path, table in tables(raw, ""):
            for key, value in table.items():
                if not is_table(value, path, key):
                    found.setdefault(f"{path}{key}", name)
    return found


def tables(raw: Mapping[str, object], path: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield every table that may hold numbers, with its dotted path and a final dot."""
    for key, value in raw.items():
        if key not in BESIDE and is_table(value, path, key):
            yield f"{path}{key}.", value
            yield from tables(value, f"{path}{key}.")


def _source_of(table: Mapping[str, object]) -> Mapping[str, str]:
    source = table.get("source", {})
    return source if isinstance(source, Mapping) else {}


def _holds_number(value: object) -> bool:
    if isinstance(value, Mapping | list):
        return bool(value) and not _all_text(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _all_text(value: Mapping[str, object] | list[object]) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _check_finite(value: object, path: str, where: str) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_finite(inner, f"{path}.{key}", where)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_finite(inner, f"{path}[{index}]", where)
    elif isinstance(value, float) and not math.isfinite(value):
        raise DeviceError(f"{where}: {path} is {value}; give a finite number")


def _check_source(table: Mapping[str, object], path: str, key: str, where: str) -> None:
    if not str(_source_of(table).get(key, "")).strip():
        raise DeviceError(
            f"{where}: {path}{key} has no source; add source.{key} with where the number "
            "comes from, or 'assumed: why'"
        )


def _check_none_stale(table: Mapping[str, object], path: str, what: str, where: str) -> None:
    told = table.get(what, {})
    stale = sorted(set(told) - set(table)) if isinstance(told, Mapping) else []
    if stale:
        raise DeviceError(
            f"{where}: {path}{what}.{stale[0]} is the {what} of nothing; "
            f"remove it, or give {path}{stale[0]} beside it"
        )
