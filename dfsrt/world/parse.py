"""Values of a setting's file that several of its tables have: paths, schedules, shares, watts."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.places import placed_in
from dfsrt.base.ranged import Quantity, Ranged, read_ranged
from dfsrt.base.units import parse_power_w


def beside(folder: Path, text: str) -> str:
    """Return ``text``, or where it names a file that lies in ``folder``, that one's path.

    Raises:
        InputError: a file outside of ``folder``, as of ``placed_in``.
    """
    return placed_in(folder, text) if text.lower().endswith(".toml") else text


def in_order(changes: list[tuple[int, float]], what: str) -> tuple[tuple[int, float], ...]:
    """Return ``changes``, each (time in ns, value), as they are.

    Raises:
        InputError: times that do not ascend.
    """
    for (before, _), (after, _) in pairwise(changes):
        if after <= before:
            raise InputError(f"{what} at {after * 1e-9:g} s does not follow; list times in order")
    return tuple(changes)


def read_share(value: Quantity, what: str, least: float) -> Ranged:
    """Return a share of ``least`` to 100 %.

    Raises:
        InputError: a share outside that, or a number that cannot be.
    """
    share = read_ranged(value, "%", what, least)
    if share.high > 1:
        raise InputError(f"{what} is above 100 %; give {least:.0%} to 100 %")
    return share


def parse_limit_w(text: str | float, what: str) -> float:
    """Return watts, infinite for ``none``.

    Raises:
        InputError: no quantity in watts above 0.
    """
    return math.inf if str(text).strip().lower() == "none" else parse_power_w(text, what)


def check_weight(value: float, what: str) -> float:
    """Return an actor's weight as it is.

    Raises:
        InputError: a weight that is not above 0, or beyond 1000.
    """
    if not 0 < value <= 1000:
        raise InputError(f"{what} {value:g} is out of range; give more than 0, and 1000 at most")
    return value
