"""Colours and shapes that all figures of a page share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dfsrt.report.look import COLOURS, WIDTH

Along = Sequence[object] | NDArray[np.generic]
"""What lies along an axis: numbers or names."""

# Okabe and Ito's black and grey would vanish on one of the two backgrounds.
PALETTE = (*COLOURS[:6], "@text", "@muted")
CIVIDIS = ((0, 34, 78), (65, 77, 107), (124, 123, 120), (188, 175, 111), (254, 232, 56))
"""Dark blue to yellow, in equal steps of lightness, which all eyes order alike."""
RING = {"size": 14, "symbol": "circle-open", "line": {"width": 3}}
"""What is around the mark that was chosen."""
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


def axis(title: str, **more: object) -> dict[str, object]:
    """Return an axis with a title."""
    return {"title": {"text": title}, **more}


def si_axis(title: str, unit: str, **more: object) -> dict[str, object]:
    """Return an axis of amounts in an SI unit; a page draws it in the prefix that fits: mJ."""
    return axis(title, unit=unit, **more)


def rows(count: int, gap: float = 0.3) -> list[tuple[float, float]]:
    """Return the ends of ``count`` rows of axes from the top, as shares of a figure's height."""
    height = 1 / (count + gap * (count - 1))
    return [(1 - k * (1 + gap) * height - height, 1 - k * (1 + gap) * height) for k in range(count)]


def line(
    name: str,
    x: Along,
    y: Along,
    colour_: str,
    *,
    width: float = WIDTH,
    line: Mapping[str, object] | None = None,
    **more: object,
) -> dict[str, object]:
    """Return a line; ``line`` is more of its style."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": colour_, "width": width, **(line or {})},
        **more,
    }


def bar(
    name: str, places: Along, amounts: Along, colour_: str, **more: object
) -> dict[str, object]:
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


def marks(
    name: str, x: Along, y: Along, marker: Mapping[str, object], **more: object
) -> dict[str, object]:
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
