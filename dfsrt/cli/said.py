"""What is said at the terminal, as fields of a run's specification and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, cast

from dfsrt.cli.parse import (
    parse_activity,
    parse_cap_changes,
    parse_dims,
    parse_idle,
    parse_layer_times,
    parse_trips,
    parse_values,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from dfsrt.run.fields import RunFields

_FIELD_OF = {"dim": "dims", "set": "values", "cap_at": "cap_changes", "no_fuse": "fuse"}
"""Options that a field of a run's specification calls otherwise."""
_PAIRS: Mapping[str, Callable[[Sequence[str]], object]] = {
    "dims": parse_dims,
    "values": parse_values,
    "trips": parse_trips,
    "cap_changes": parse_cap_changes,
    "activity": parse_activity,
    "layer_times": parse_layer_times,
}
"""Fields that are said pair by pair."""
_OPTION_OF = {field: option for option, field in _FIELD_OF.items()}


def option_of(field: str) -> str:
    """Return the name of the option that says a field of a run's specification."""
    return _OPTION_OF.get(field, field)


def as_typed(field: str) -> str:
    """Return a field of a run's specification as one types it."""
    return "--" + option_of(field).replace("_", "-")


def is_said(value: object) -> bool:
    """Return whether an option's value was typed: others are None, False or an empty list."""
    return value is not None and value is not False and value != []


def _read(name: str, value: object) -> object:
    """Return what an option says as the field ``name`` holds it."""
    if name == "fuse":  # the option says not to
        return not value
    if name == "idle":
        return parse_idle(cast("Sequence[str]", value))
    if isinstance(value, list):  # of pairs
        return _PAIRS[name](value)
    return value


def said_fields(options: DataclassInstance) -> RunFields:
    """Return what ``options`` say as fields of a run's specification, load and governor left out.

    Raises:
        InputError: a pair that is none.
    """
    from dfsrt.run.spec import RunSpec

    known = {field.name for field in fields(RunSpec)} - {"load", "governor"}
    said: dict[str, object] = {}
    for option in fields(options):
        name, value = _FIELD_OF.get(option.name, option.name), getattr(options, option.name)
        if name in known and is_said(value):
            said[name] = _read(name, value)
    return cast("RunFields", said)
