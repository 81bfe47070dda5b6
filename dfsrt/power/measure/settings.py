"""What sets an operator up: attributes and small constants of a probe, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from dfsrt.network.probe import Value
from dfsrt.power.measure.errors import CannotRunError

Settings: TypeAlias = Mapping[str, Value]


def whole(settings: Settings, name: str, default: int | None = None) -> int:
    """Return a whole number, ``default`` where it is not said.

    Raises:
        CannotRunError: another kind of value, or nothing where there is no default.
    """
    value = settings.get(name, default)
    if isinstance(value, int):
        return value
    raise CannotRunError(f"{name} = {value!r} is no whole number")


def wholes(settings: Settings, name: str, default: Sequence[int] | None = None) -> list[int]:
    """Return whole numbers, ``default`` where they are not said.

    Raises:
        CannotRunError: another kind of value, or nothing where there is no default.
    """
    value = settings.get(name, default)
    if isinstance(value, Sequence):
        found = [number for number in value if isinstance(number, int)]
        if len(found) == len(value):
            return found
    raise CannotRunError(f"{name} = {value!r} is no list of whole numbers")
