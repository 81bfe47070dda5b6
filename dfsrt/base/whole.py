"""Whole numbers: of no more than tables, JSON's readers and compiled loops hold."""

from __future__ import annotations

from dfsrt.base.errors import InputError

MOST_WHOLE = 2**63 - 1
"""The largest whole number."""


def is_whole(value: object) -> bool:
    """Whether ``value`` is a whole number that can be held, and not a word for yes or no."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST_WHOLE


def check_seed(seed: int) -> int:
    """Return ``seed`` if it is a whole number from 0 to 2^63 - 1.

    Raises:
        InputError: it is not.
    """
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed {seed} is no whole number of 0 to 2^63 - 1; give one like 7")
    return seed
