"""Scales of axes: which amounts need a logarithmic one to be seen beside each other."""

from __future__ import annotations

from collections.abc import Sequence

LOG_FROM = 10.0
"""Times the least that the most is, from where on a linear axis hides the least."""


def is_wide(amounts: Sequence[float], times: float = LOG_FROM) -> bool:
    """Whether ``amounts`` want a logarithmic axis: all above 0, the most ``times`` the least."""
    return bool(amounts) and min(amounts) > 0 and max(amounts) > times * min(amounts)
