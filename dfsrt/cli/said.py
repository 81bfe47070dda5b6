"""What is said at the terminal, as fields of a run's specification and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dfsrt.cli.parse import parse_cap_changes, parse_dims

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_FIELD_OF = {"dim": "dims", "cap_at": "cap_changes", "no_fuse": "fuse"}
"""Options that a field of a run's specification calls otherwise."""
_OPTION_OF = {field: option for option, field in _FIELD_OF.items()}
_READ: Mapping[str, Callable[[Any], object]] = {
    "dims": parse_dims,
    "cap_changes": parse_cap_changes,
    "fuse": lambda no_fuse: not no_fuse,
}


def option_of(field: str) -> str:
    """Return the name of the option that says a field of a run's specification."""
    return _OPTION_OF.get(field, field)


def as_typed(field: str) -> str:
    """Return a field of a run's specification as one types it."""
    return "--" + option_of(field).replace("_", "-")


def is_said(value: object) -> bool:
    """Return whether an option's value was typed: others are None, False or an empty list."""
    return value is not None and value is not False and value != []


def said_fields(options: DataclassInstance) -> dict[str, object]:
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
            said[name] = _READ[name](value) if name in _READ else value
    return said
