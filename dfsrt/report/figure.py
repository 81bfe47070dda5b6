"""The figure of the paper: clock over layers, with power and cap beneath."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Reals
from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.run.log import RunLog

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart by colour-blind readers, and in grey by lightness.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
FORMATS = (".svg", ".png")


def check_figure_path(path: Path) -> None:
    """Check that ``path`` ends in a format that figures come in.

    Raises:
        InputError: it does not.
    """
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"figure '{path}' is neither .svg nor .png; name it like 'figure.svg'")


def write_figure(runs: Sequence[tuple[str, RunLog]], path: Path) -> None:
    """Draw the last frame of each named run over the layers and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(runs), path)


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
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    write_atomically(path, lambda p: figure.savefig(p, format=kind, metadata=metadata, dpi=150))


def draw(runs: Sequence[tuple[str, RunLog]]) -> Figure:
    """Return a matplotlib figure of the runs' last frames: clock above, power and cap below."""
    figure = new_figure(10, 6.2)
    clock, power = figure.subplots(2, 1, sharex=True)
    draw_layers(clock, power, runs)
    clock.set_title(_title(runs[0][1]), loc="left")
    return figure


def draw_layers(clock: Axes, power: Axes, runs: Sequence[tuple[str, RunLog]]) -> None:
    """Draw the runs' last frames: their clocks into one axes, power and caps into the other."""
    from matplotlib.ticker import MaxNLocator

    log = runs[0][1]
    colours = _colours(len(runs))
    for (name, each), colour in zip(runs, colours, strict=True):
        _draw_run(clock, power, name, each, colour, alone=len(runs) == 1)
    pairs = [(_caps(each), own) for (_, each), own in zip(runs, colours, strict=True)]
    caps = {caps.tobytes(): (caps, own) for caps, own in pairs}
    for index, (cap_w, own) in enumerate(caps.values()):
        if np.isfinite(cap_w).any():
            label, colour = None if index else "cap", own if len(caps) > 1 else "black"
            _steps(power, cap_w, label=label, color=colour, linestyle="--")
    clock.set_ylabel("clock (MHz)")
    clock.set_ylim(bottom=0)
    power.set_ylabel(f"power of {log.cap.domain} (W)")
    power.set_ylim(bottom=0)
    power.set_xlabel("layer")
    power.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in (clock, power):
        axes.grid(axis="y", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    _legends(clock, power)


def _title(log: RunLog) -> str:
    """Name what is drawn; with more frames or caps than one, say that it is the last."""
    last = ", last frame" if len(log.cap.steps) > 1 else ""
    return f"{log.table.network} on {log.table.npu.name}{last}"


def _legends(clock: Axes, power: Axes) -> None:
    for axes in (clock, power):
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _colours(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]


def _draw_run(clock: Axes, power: Axes, name: str, log: RunLog, colour: str, alone: bool) -> None:
    rows = log.last_frame
    _steps(clock, log.freq_hz[rows] * 1e-6, label=name, color=colour)
    _steps(power, log.power_w[rows], label="true" if alone else name, color=colour)
    if alone:
        predicted = log.predicted_w[rows]
        _steps(power, predicted, label="predicted", color=COLOURS[1], linestyle=":")


def _steps(
    axes: Axes, values: Reals, color: str, label: str | None = None, linestyle: str = "-"
) -> None:
    """Draw one value a layer, each as wide as its layer's place on the axis."""
    edges = np.arange(len(values) + 1) - 0.5
    axes.stairs(
        values, edges, baseline=None, linewidth=1.4, color=color, label=label, linestyle=linestyle
    )


def _caps(log: RunLog) -> Floats:
    """The cap of each layer of the last frame; not a number where there is none."""
    caps = log.cap_w[log.last_frame]
    return np.where(np.isfinite(caps), caps, np.nan)
