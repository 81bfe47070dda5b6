"""The look of all figures, in one place: what SVG, PNG and page draw in and write with."""

from __future__ import annotations

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#666666")
"""Okabe and Ito's palette: told apart by colour-blind readers, and in grey by lightness.

Their grey is made darker: to some it is their pink.

Source: Okabe, Ito, Color Universal Design, 2008.
"""
BLUE, RED, GREEN, PINK, ORANGE, SKY, BLACK, GREY = COLOURS
LIGHT, BROWN, VIOLET = "#BBBBBB", "#8C6D31", "#6B6ECF"
"""Of areas beside those: what lies elsewhere, and two more parts of a whole."""
WHITE = "#FFFFFF"
YELLOW = "#F0E442"
"""The palette's last colour, too light for lines: for areas alone."""
MARKS = (
    ("o", "circle"), ("s", "square"), ("D", "diamond"), ("^", "triangle-up"),
    ("v", "triangle-down"), ("P", "cross"), ("X", "x"), ("*", "star"), ("<", "triangle-left"),
    (">", "triangle-right"), ("p", "pentagon"), ("h", "hexagon"),
)  # fmt: skip
"""Marks of things told apart, as matplotlib and as plotly name them."""
DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}
"""Styles of lines, as plotly names them, by matplotlib's."""
DASHED = ("solid", "dash", "dot", "dashdot")
"""Styles of lines that may lie on each other, from below: each leaves gaps for those before."""
PREDICTED, LIMIT = "dot", "dash"
"""The styles of what is predicted, and of what holds: caps, limits, the best there can be."""
WIDTH = 1.6
"""Width of a line: points in SVG and PNG, pixels on a page."""
FONTS = ("DejaVu Sans", "Verdana", "sans-serif")
"""What figures are written in; the second is made alike, where the first is not there."""


def shade(number: int) -> str:
    """Return the palette's colour of a number."""
    return COLOURS[number % len(COLOURS)]


def mark(number: int) -> tuple[str, str]:
    """Return the mark of a number, for matplotlib and for plotly."""
    return MARKS[number % len(MARKS)]
