"""A scenario's parts for people: how long, how hot, where the energy went, what is assumed."""

from __future__ import annotations


def hours(seconds: float) -> str:
    """Return a life as people say it: hours and minutes, or seconds where it is short."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def with_unit(value: float, unit: str) -> str:
    """Return a number with its unit; shares are said in per cent."""
    return f"{value * 100:g} %" if unit == "%" else f"{value:g} {unit}".strip()
