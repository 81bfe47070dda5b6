"""Numbers of things, as people say them."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """Return a number of things as people say it: one point, 1,000 points."""
    return f"{number:,} {what}{'s' * (number != 1)}"
