"""Reference of plug-ins: governors, mappers and the like, each with its parameters."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any

from dfsrt.base.plugin import Parameter, PluginKind, Values, declared
from dfsrt.cost.mapper.registry import MAPPERS
from dfsrt.cost.schedule.registry import SCHEDULES
from dfsrt.governor.idle import IDLE_GOVERNORS
from dfsrt.governor.memory import MEMORY_GOVERNORS
from dfsrt.governor.registry import GOVERNORS
from dfsrt.optimize.registry import TRANSFORMS
from docs.site.markdown import code, plain, promise, table


@dataclass(frozen=True)
class Shelf:
    """A kind of plug-in, the option that names one, and the page that tells of them."""

    title: str
    kind: PluginKind[Any]
    option: str
    page: str
    more: str = ""


SHELVES: Mapping[str, Shelf] = {
    "governors": Shelf(
        "Governors", GOVERNORS, "--governor NAME", "governors.md",
        "Every governor also takes `guard`, a share of the cap that it leaves free, and "
        "`set_points`, the only voltages that it may set, as in `set_points=700mV+850mV`.",
    ),
    "idle": Shelf("Idle governors", IDLE_GOVERNORS, "--idle NAME", "idle.md"),
    "memory": Shelf(
        "Governors of the memory", MEMORY_GOVERNORS, "--memory NAME", "memory_clock.md"
    ),
    "mappers": Shelf("Mappers", MAPPERS, "--mapper NAME", "memory.md"),
    "schedules": Shelf("Schedules", SCHEDULES, "--schedule NAME", "memory.md"),
    "transforms": Shelf("Transforms", TRANSFORMS, "--steps NAME", "optimize.md"),
}  # fmt: skip
KINDS = {
    "freq": "a clock, like `600MHz`", "voltage": "a voltage, like `850mV`",
    "time": "a time, like `50ms`", "number": "a number", "whole": "a whole number",
    "text": "text",
}  # fmt: skip


def plugins_text(name: str) -> str:
    """Return the page of a kind of plug-in."""
    shelf = SHELVES[name]
    about = (
        f"Named by `{shelf.option}`, with parameters as in `NAME:parameter=value`; one of your own "
        f"as `file.py:Class`. What they do in comparison: "
        f"[{shelf.page.removesuffix('.md')}](../../{shelf.page}). {shelf.more}"
    )
    kind = shelf.kind
    sections = (_section(each, kind.class_of(each)) for each in kind.names())
    return f"# {shelf.title}\n\n{about}\n\n" + "\n".join(sections)


def _section(name: str, plugin: type) -> str:
    known = declared(plugin)
    rows = [_row(each, parameter, plugin) for each, parameter in known.items()]
    keys = table(("parameter", "value", "default", "meaning"), rows) if rows else "No parameters.\n"
    return f"## {plain(name)}\n\n{_without(promise(plugin), plugin, known)}\n\n{keys}"


def _without(text: str, plugin: type, known: Mapping[str, Parameter]) -> str:
    """The docstring without its lines for parameters, which the table has."""
    said = inspect.cleandoc(plugin.__doc__ or "").split("\n\n")
    kept = [part for part in said if not any(re.match(rf"`*{n}`*\s*(\(|:)", part) for n in known)]
    if len(kept) == len(said):
        return text
    paragraphs = text.split("\n\n")
    return "\n\n".join(p for p, part in zip(paragraphs, said, strict=False) if part in kept)


def _row(name: str, parameter: Parameter, plugin: type) -> tuple[str, str, str, str]:
    return (
        code(name), _allowed(parameter.values), _default(name, parameter, plugin),
        plain(parameter.help),
    )  # fmt: skip


def _allowed(values: Values) -> str:
    if values.choices:
        return " or ".join(code(choice) for choice in values.choices)
    low, high = (f"{end:g}" if end is not None else "" for end in (values.low, values.high))
    ends = f" from {low}" * bool(low) + f" to {high}" * bool(high)
    return KINDS[values.kind] + ends + " or `auto`" * values.optional


def _default(name: str, parameter: Parameter, plugin: type) -> str:
    found = [f for f in fields(plugin) if f.name == name] if is_dataclass(plugin) else []
    if not found:
        return ""
    (one,) = found
    if one.default is MISSING and one.default_factory is MISSING:
        return "must be given"
    value = one.default if one.default is not MISSING else one.default_factory()  # type: ignore[misc]
    return code(parameter.show(value))
