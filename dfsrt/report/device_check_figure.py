"""The figure of a device against its measurements: predicted over measured, on log axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.base.units import format_si
from dfsrt.device.truth_file import RATES, USES
from dfsrt.report.canvas import check_figure_path, entitle, new_figure, save_figure
from dfsrt.report.device_check import CheckedEntry, DeviceCheck
from dfsrt.report.figure_labels import Label, place_labels
from dfsrt.report.look import BLUE, RED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

BANDS = (0.30, 0.15)
"""Shares of the measurement that a prediction within a band is off at most."""
QUANTITIES = {"time": "s", "energy": "J", "power": "W"}
"""What is measured, and the unit that it is drawn in."""
KINDS = [(what, quantity) for what in ("networks", "layers") for quantity in QUANTITIES]
"""What has axes of its own, where there is any of it."""
SIDE = 7.2
"""Inches of a side of the axes."""
MARGIN = 2.5
"""Factor from the outermost points to the ends of the axes, for names."""
FEW = 100.0
"""Range of an axis below which powers of ten are too few marks."""
_OF_UNIT = {
    "s": ("time", 1.0),
    "ms": ("time", 1e-3),
    "us": ("time", 1e-6),
    "J": ("energy", 1.0),
    "mJ": ("energy", 1e-3),
    "W": ("power", 1.0),
}
_MARKS = {"fitted": ("o", BLUE, "none"), "held out": ("D", RED, RED)}
"""By use: marker, colour, and what it is filled with."""


@dataclass(frozen=True, slots=True)
class Point:
    """A measurement and its prediction, in the unit of its quantity.

    ``what`` is ``networks`` or ``layers``; these have no name, but an operator.
    """

    what: str
    quantity: str
    measured: float
    predicted: float
    used: str
    name: str = ""
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Points of one kind and quantity, and the ends of axes that hold them."""

    what: str
    quantity: str
    points: Sequence[Point]

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the most that both axes show."""
        values = [value for point in self.points for value in (point.measured, point.predicted)]
        return min(values) / MARGIN, max(values) * MARGIN


def write_check_figure(check: DeviceCheck, path: Path) -> None:
    """Draw ``check`` and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``, or a device that nobody has measured.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(check), path)


def draw(check: DeviceCheck) -> Figure:
    """Return a matplotlib figure with axes for each quantity that was measured.

    Raises:
        InputError: a device that nobody has measured.
    """
    parts = check_parts(check)
    figure = new_figure(SIDE * len(parts), SIDE)
    entitle(figure, f"{check.device}: {check.what}")
    drawn = list(zip(figure.subplots(1, len(parts), squeeze=False)[0], parts, strict=True))
    for axes, part in drawn:
        _draw_part(axes, part)
    for axes, part in drawn:  # when all axes are there, they lie still
        place_labels(axes, [Label(p.measured, p.predicted, p.name) for p in part.points if p.name])
    return figure


def check_parts(check: DeviceCheck) -> list[Part]:
    """Return what is drawn of ``check``, each part on axes of its own.

    Raises:
        InputError: a device that nobody has measured.
    """
    points = check_points(check)
    if not points:
        raise InputError(
            f"{check.device} has no truth file, so there is nothing to draw; "
            "give measurements of yours with --truth"
        )
    parts = [Part(*key, [p for p in points if (p.what, p.quantity) == key]) for key in KINDS]
    return [part for part in parts if part.points]


def check_points(check: DeviceCheck) -> list[Point]:
    """Return all that ``check`` holds, networks and layers of profiles."""
    networks = [_point(m, check.measurements) for m in check.measurements]
    layers = [
        Point(
            "layers", "time", layer.measured_s, layer.predicted_s, profile.used, operator=layer.op
        )
        for profile in check.profiles
        for layer in profile.by_layer
    ]
    layers += [
        Point("layers", "power", measured_w, layer.predicted_w, profile.used, operator=layer.op)
        for profile in check.profiles
        for layer in profile.by_layer
        if (measured_w := layer.measured_w) is not None and layer.predicted_w is not None
    ]
    return [*networks, *layers]


def _point(m: CheckedEntry, others: Sequence[CheckedEntry]) -> Point:
    name = _label(m, others) if m.network else ""
    if m.unit in RATES:
        return Point("networks", "time", 1 / m.measured, 1 / m.predicted, m.used, name)
    quantity, scale = _OF_UNIT[m.unit]
    return Point("networks", quantity, m.measured * scale, m.predicted * scale, m.used, name)


def _label(m: CheckedEntry, others: Sequence[CheckedEntry]) -> str:
    """The network's name, with what tells it from others."""
    name = _short(m.network)
    if any(_short(o.network) == name and o.network != m.network for o in others):
        name = m.network.rpartition("/")[2]
    if m.precision != "auto" and len({o.precision for o in others}) > 1:
        name += f" {m.precision}"
    if m.cores > 1:
        name += f", {m.cores} cores"
    if len({o.freq_hz for o in others}) > 1:
        name += f", {format_si(m.freq_hz, 'Hz')}"
    return name


def _short(network: str) -> str:
    """A network's name without its folder; of a language model, what it does of what it is.

    Its table has the whole name, which would go across the figure.
    """
    family, *options = network.rpartition("/")[2].split(":")
    if family != "llm":
        return ":".join((family, *options))
    model, *options = options
    says = dict(option.partition("=")[::2] for option in options)
    phase, tokens, context = (says.get(key, "") for key in ("phase", "tokens", "context"))
    did = [phase, tokens and f"{tokens} tokens", context and f"context {context}"]
    return " ".join(filter(None, (model, *did)))


def _draw_part(axes: Axes, part: Part) -> None:
    _frame(axes, part)
    for used in USES:
        _scatter(axes, [point for point in part.points if point.used == used], used)
    axes.legend(frameon=False, loc="lower right", fontsize=9)


def _frame(axes: Axes, part: Part) -> None:
    """Square axes with one scale, the diagonal, and a band for each share."""
    ends = part.ends
    for share, grey in zip(BANDS, ("0.94", "0.87"), strict=True):
        floor, ceiling = [(1 - share) * v for v in ends], [(1 + share) * v for v in ends]
        axes.fill_between(ends, floor, ceiling, color=grey, lw=0, label=f"within {share:.0%}")
    axes.plot(ends, ends, color="0.35", lw=1)
    axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
    of = f"{part.quantity} of {part.what}"
    unit = QUANTITIES[part.quantity]
    axes.set(xlabel=f"measured {of} ({unit})", ylabel=f"predicted {of} ({unit})")
    for axis in (axes.xaxis, axes.yaxis):
        _mark(axis, unit, ends[1] / ends[0])
    axes.spines[["top", "right"]].set_visible(False)


def _mark(axis: Axis, unit: str, span: float) -> None:
    """Marks at powers of ten, and at 2 and 5 times those where there would be few."""
    from matplotlib.ticker import LogLocator

    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if span < FEW else (1,)))
    axis.set_major_formatter(lambda value, _: format_si(value, unit, 1))
    axis.set_minor_formatter(lambda *_: "")


def _scatter(axes: Axes, points: Sequence[Point], used: str) -> None:
    if not points:
        return
    marker, colour, fill = _MARKS[used]
    is_small = points[0].what == "layers"
    one = "layer" if is_small else "measurement"  # of a network there may be several
    counted = f"{len(points)} {one}{'s' * (len(points) != 1)}"
    axes.plot(
        [point.measured for point in points],
        [point.predicted for point in points],
        marker,
        color=colour,
        markerfacecolor=fill,
        markersize=3.2 if is_small else 7.5,
        markeredgewidth=0.7 if is_small else 1.6,
        label=f"{used}, {counted}",
        zorder=3 if fill == "none" else 2,  # a ring hides nothing
    )
