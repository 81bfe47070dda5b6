"""Colours and shapes that all figures of a page share."""

from __future__ import annotations

from typing import Any

from dfsrt.report.figure import COLOURS

# Okabe and Ito's black and grey would vanish on one of the two backgrounds.
PALETTE = (*COLOURS[:6], "@text", "@muted")
BLUE, RED, GREEN, PINK, ORANGE, SKY = COLOURS[:6]


def colour(number: int) -> str:
    """Return the palette's colour of a number."""
    return PALETTE[number % len(PALETTE)]


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with a title."""
    return {"title": {"text": title}, **more}


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
