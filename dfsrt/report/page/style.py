"""Colours and shapes that all figures of a page share."""

from __future__ import annotations

from typing import Any

from dfsrt.report.figure import COLOURS

# Okabe and Ito's black and grey would vanish on one of the two backgrounds.
PALETTE = (*COLOURS[:6], "@text", "@muted")
BLUE, RED, GREEN, PINK, ORANGE, SKY = COLOURS[:6]
CIVIDIS = ((0, 34, 78), (65, 77, 107), (124, 123, 120), (188, 175, 111), (254, 232, 56))
"""Dark blue to yellow, in equal steps of lightness, which all eyes order alike."""
STACKED = {
    "barmode": "stack",
    "yaxis": {"title": {"text": ""}, "autorange": "reversed"},
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
}
"""The layout of stacked bars, named from the left as they lie."""


def colour(number: int) -> str:
    """Return the palette's colour of a number."""
    return PALETTE[number % len(PALETTE)]


def ramp(number: int, count: int) -> str:
    """Return the ``number``-th of ``count`` colours from dark to light."""
    at = (len(CIVIDIS) - 1) * (number / max(count - 1, 1))
    low = min(int(at), len(CIVIDIS) - 2)
    pairs = zip(CIVIDIS[low], CIVIDIS[low + 1], strict=True)
    red, green, blue = (round(a + (at - low) * (b - a)) for a, b in pairs)
    return f"rgb({red},{green},{blue})"


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with a title."""
    return {"title": {"text": title}, **more}


def si_axis(title: str, unit: str, **more: Any) -> dict[str, Any]:
    """Return an axis of amounts in an SI unit, which its marks carry with a prefix: 2 mJ."""
    return axis(title, tickformat="~s", ticksuffix=unit, **more)


def line(name: str, x: Any, y: Any, colour_: str, **more: Any) -> dict[str, Any]:
    """Return a line."""
    width = more.pop("width", 1.6)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": colour_, "width": width, **more.pop("line", {})},
        **more,
    }


def bar(name: str, places: Any, amounts: Any, colour_: str, **more: Any) -> dict[str, Any]:
    """Return horizontal bars."""
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": places,
        "x": amounts,
        "marker": {"color": colour_},
        "hovertemplate": "%{y}: %{x:.4g}<extra></extra>",
        **more,
    }


def marks(name: str, x: Any, y: Any, marker: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a scatter of single marks."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "marker": marker,
        **more,
    }
