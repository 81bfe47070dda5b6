"""Device text: a calibrated device as a file, each new number with its interval and its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec

from dfsrt.base.names import NameSpec
from dfsrt.base.places import path_from
from dfsrt.base.tomltext import TomlValue, key_text, value_text
from dfsrt.device.facts import KeyFacts
from dfsrt.device.load import device_names, read_device_file
from dfsrt.device.schema import FORMAT

ACTIONS = ("mac_pj", "register_pj_per_mac")
"""Keys of ``silicon`` that the factor ``silicon.energies`` is always on."""
WHOLE = ("run.launch_ns", "run.launch_cycles", "vector.lanes", "vector.bytes_per_cycle")
"""Keys that a device file has whole numbers of."""
ROUNDED = (*WHOLE, "engine.channel.results_per_cycle")


@dataclass(frozen=True, slots=True)
class Change:
    """New values of some entries of ``key``, each with its range; ``""`` is the key's own.

    A ``factor`` is one on all that the base says there. ``source`` says where it comes from.
    """

    key: str
    entries: Mapping[str, tuple[float, float, float]]
    source: str
    factor: bool = False


def device_text(
    spec: NameSpec,
    name: str,
    what: str,
    changes: Sequence[Change],
    keys: Mapping[str, KeyFacts],
    out: str = "",
) -> str:
    """Return a device file on the base of ``spec`` with ``changes``.

    ``out`` is where it will lie: a base that is a file is named from there.
    """
    raw = msgspec.to_builtins(read_device_file(spec.name))
    lines = [
        f"format = {FORMAT}",
        f"base = {value_text(_from_there(spec.name, out))}",
        f"name = {value_text(name)}",
        f"description = {value_text(what)}",
    ]
    tables: dict[str, list[str]] = {}
    for option, key in (("bin", "opp.default_bin"), ("rail", "rail.default")):
        if option in spec.options:
            table, _, word = key.rpartition(".")
            tables.setdefault(table, []).append(f"{word} = {value_text(spec.options[option])}")
    for change in changes:
        table, _, _ = change.key.rpartition(".")
        tables.setdefault(table, []).extend(_lines(change, _at(raw, change.key), keys))
    for table, own in tables.items():
        lines += ["", f"[{table}]", *own]
    return "\n".join(lines) + "\n"


def _from_there(base: str, out: str) -> str:
    if base in device_names():
        return base
    return path_from(Path(out or "device.toml").parent, base)


def _at(raw: object, path: str) -> object:
    value = raw
    for word in path.split("."):
        value = cast("dict[str, object]", value)[word]
    return value


def _lines(change: Change, base: object, keys: Mapping[str, KeyFacts]) -> Iterator[str]:
    word = key_text(change.key.rpartition(".")[2])
    value, span = _changed(change, base, keys[change.key])
    yield f"{word} = {value_text(value)}"
    yield f"source.{word} = {value_text(change.source)}"
    if span:
        yield f"range.{word} = {value_text(span)}"


def _changed(change: Change, base: object, facts: KeyFacts) -> tuple[TomlValue, TomlValue]:
    """The key's new value, and the ranges of what is new in it; others keep theirs."""
    if change.factor:
        return _scaled(base, change.entries[""])
    if not isinstance(base, Mapping):
        value, low, high = (_number(change.key, x) for x in change.entries[""])
        return value, _span(value, low, high)
    values = {k: _number(change.key, change.entries[k][0]) if k in change.entries else v
              for k, v in base.items()}  # fmt: skip
    spans: dict[str, TomlValue] = {
        leaf.entry: list(span)
        for leaf, span in zip(facts.leaves, facts.spans, strict=True)
        if span is not None
    }
    for entry, (_, low, high) in change.entries.items():
        spans[entry] = _span(values[entry], low, high)
    return values, spans


def _scaled(base: object, by: tuple[float, float, float]) -> tuple[TomlValue, TomlValue]:
    """All numbers of a key times a factor, and the range of each by its name."""
    value, low, high = by
    if isinstance(base, Mapping):
        return (
            {k: _round(v * value) for k, v in base.items()},
            {k: _span(_round(v * value), v * low, v * high) for k, v in base.items()},
        )
    if isinstance(base, list):  # of leakage: each term's watts
        watts = [term["power_w"] for term in base]
        terms = [{**term, "power_w": _round(term["power_w"] * value)} for term in base]
        ends = [_round(min(watts) * low), _round(max(watts) * high)]
        return terms, {"power_w": ends} if ends[0] < ends[1] else {}
    number = float(cast("float", base))
    return _round(number * value), _span(_round(number * value), number * low, number * high)


def _number(key: str, value: float) -> float:
    return (
        max(round(value), 0 if key.startswith("run.") else 1) if key in ROUNDED else _round(value)
    )


def _round(value: float) -> float:
    """Six digits: more than any measurement of a board has."""
    return float(f"{value:.6g}")


def _span(value: float, low: float, high: float) -> list[float]:
    """Ends around a rounded value."""
    ends = [min(_round(low), value), max(_round(high), value)]
    return ends if ends[0] < ends[1] else [ends[0] * (1 - 1e-6), ends[1] * (1 + 1e-6) or 1e-9]
