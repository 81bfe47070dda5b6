"""Where figures are drawn with matplotlib: an empty one, plain axes, values at bars, a file."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from dfsrt.base.arrays import Reals
from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.units import format_si
from dfsrt.report.apart import apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".svg", ".png")
LETTERS = 11.0
"""Letters of a title in an inch of a figure's width."""
LINE_PT = 11.0
"""Points from one line of a label to the next."""


def check_figure_path(path: Path) -> None:
    """Check that ``path`` ends in a format that figures come in.

    Raises:
        InputError: it does not.
    """
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"figure '{path}' is neither .svg nor .png; name it like 'figure.svg'")


def new_figure(width: float, height: float) -> Figure:
    """Return an empty matplotlib figure, in inches, that draws the same bytes every time."""
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcParams["svg.hashsalt"] = "dfsrt"
    return Figure(figsize=(width, height), layout="constrained")


def save_figure(figure: Figure, path: Path) -> None:
    """Write ``figure`` to ``path``, without a date: the same figure gives the same bytes.

    Raises:
        OutputError: ``path`` cannot be written.
    """
    kind = path.suffix.lower().lstrip(".")
    metadata = {"Date": None, "Title": title_of(figure)} if kind == "svg" else {"Software": None}
    write_atomically(path, lambda p: figure.savefig(p, format=kind, metadata=metadata, dpi=150))


def title_of(figure: Figure) -> str | None:
    """Return what a figure is called, in a line: browsers show it, and readers of screens say it.

    None where nothing is written over it.
    """
    titles = (figure.get_suptitle(), *(axes.get_title(loc="left") for axes in figure.axes))
    return next((" ".join(title.split("\n")) for title in titles if title), None)


def entitle(figure: Figure, *lines: str) -> None:
    """Write ``lines`` over all axes, broken where the figure ends."""
    width = int(figure.get_figwidth() * LETTERS)
    wrap = textwrap.TextWrapper(width, break_on_hyphens=False).wrap
    broken = [part for line in lines for part in wrap(line) or [""]]
    figure.suptitle("\n".join(broken), fontsize=10.5, x=0.01, ha="left")


def plain(axes: Axes, grid: Literal["both", "x", "y"] = "both") -> None:
    """Leave of the axes' frame what is needed, and a grid behind what is drawn."""
    axes.grid(axis=grid, alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def legend_beside(axes: Axes) -> None:
    """Put the legend beside the axes, where it covers nothing."""
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def label_ends(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write names of lines beside their ends: height on the axis, text, colour.

    The axes' limits are set before; no name lies on another.
    """
    if not ends:
        return
    points = axes.transData.transform([(0.0, height) for height, *_ in ends])
    shares = axes.transAxes.inverted().transform(points)[:, 1]
    figure = axes.get_figure(root=True)
    inches = axes.get_position().height * (figure.get_figheight() if figure is not None else 5.0)
    for share, (_, text, colour) in zip(
        apart(np.clip(shares, 0, 1), LINE_PT / (72 * inches)), ends, strict=True
    ):
        axes.annotate(
            text, (1.0, share), (5, 0), xycoords="axes fraction", textcoords="offset points",
            color=colour, fontsize=9, va="center",
        )  # fmt: skip


def bar_values(axes: Axes, ends: Reals, texts: Sequence[str], places: Reals | None = None) -> None:
    """Write ``texts`` at the ends of horizontal bars, and make room for them."""
    for place, end, text in zip(
        np.arange(len(texts)) if places is None else places, ends, texts, strict=True
    ):
        axes.annotate(
            text, (float(end), float(place)), (3, 0), textcoords="offset points", va="center",
            fontsize=8,
        )  # fmt: skip


def amounts(values: Reals, unit: str) -> list[str]:
    """Return what bars say of amounts in an SI unit; nothing of one that is not there."""
    return [format_si(float(v), unit) if np.isfinite(v) else "" for v in values]
