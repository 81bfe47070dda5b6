"""Figures of clocks: the time at each, and how often one followed another."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.units import format_si
from dfsrt.report.page.page import Figure, Section, Table
from dfsrt.report.page.style import STACKED, axis, bar, ramp
from dfsrt.report.schema import Report, Residency, Transitions
from dfsrt.report.tables import clock_text

Clocks = tuple[str, Sequence[Residency]]


def clocks_section(runs: Sequence[tuple[str, Report]], freqs_hz: Sequence[int]) -> Section:
    """Return the clocks of named runs, and how the first one changed them."""
    name, first = runs[0]
    changes = transitions(name, first.transitions, freqs_hz)
    times = residency([(name, report.residency) for name, report in runs])
    return Section("Clocks", "", [times, *([changes] if changes else [])])


def residency(runs: Sequence[Clocks]) -> Figure:
    """Share of time at each clock, a bar for each governor."""
    freqs = sorted({e.freq_hz for _, entries in runs for e in entries})
    cells = [(n, clock_text(e.freq_hz), f"{e.share:.2%}") for n, entries in runs for e in entries]
    return Figure(
        name="residency",
        title="Time at each clock",
        says="; ".join(_longest(name, entries) for name, entries in runs),
        data=[_bar(runs, freq, ramp(k, len(freqs))) for k, freq in enumerate(freqs)],
        layout={**STACKED, "xaxis": axis("share of time (%)", range=[0, 100.5])},
        height=150 + 45 * len(runs),
        table=Table(("<governor", "<clock", "share"), cells, "Residency"),
    )


def _longest(name: str, entries: Sequence[Residency]) -> str:
    longest = max(entries, key=lambda e: e.share, default=None)
    if longest is None:
        return f"{name} ran for no time at all"
    return f"{name} spends {longest.share:.0%} {_at(longest.freq_hz)}"


def _at(freq_hz: int) -> str:
    return f"at {format_si(freq_hz, 'Hz')}" if freq_hz else "idle"


def _bar(runs: Sequence[Clocks], freq_hz: int, shade: str) -> dict[str, object]:
    share = [100 * sum(e.share for e in own if e.freq_hz == freq_hz) for _, own in runs]
    edged = {"color": shade, "line": {"width": 1, "color": "@card"}}
    names, hover = [name for name, _ in runs], "%{fullData.name}: %{x:.1f} %"
    return bar(clock_text(freq_hz), names, share, shade, marker=edged, hovertemplate=hover)


def transitions(name: str, moves: Transitions, freqs_hz: Sequence[int]) -> Figure | None:
    """How often the clock went from one level to another; None where it never did."""
    matrix = np.array(moves.matrix, dtype=float)
    np.fill_diagonal(matrix, 0)
    if not matrix.any():
        return None
    labels = [format_si(f, "Hz") for f in freqs_hz]
    cells = [
        (labels[a], labels[b], f"{int(matrix[a, b]):,}")
        for a, b in np.argwhere(matrix > 0).tolist()
    ]
    return Figure(
        name="transitions",
        title=f"Clock changes under {name}",
        says=f"{moves.frequency:,} changes of clock and {moves.voltage:,} of voltage; "
        f"{format_si(moves.stall_s, 's')} stalled",
        data=[_heatmap(labels, matrix)],
        layout={"xaxis": axis("to this clock (Hz)"), "yaxis": axis("from this clock (Hz)")},
        height=420,
        table=Table(("<from", "<to", "times"), cells, "Clock changes"),
    )


def _marks(matrix: Floats) -> dict[str, object]:
    """Marks of counts on a logarithmic scale: 1, 2, 5, 10 and so on, as far as there are any."""
    most = float(matrix.max())
    round_ = [k * 10**n for n in range(len(f"{most:.0f}")) for k in (1, 2, 5) if k * 10**n <= most]
    return {"tickvals": [math.log10(n) for n in round_], "ticktext": [f"{n:,}" for n in round_]}


def _heatmap(labels: Sequence[str], matrix: Floats) -> dict[str, object]:
    return {
        "type": "heatmap",
        "x": labels,
        "y": labels,
        "z": np.where(matrix > 0, np.log10(np.maximum(matrix, 1)), np.nan),
        "customdata": matrix,
        "colorscale": "Cividis",
        "hovertemplate": "from %{y} to %{x}: %{customdata:,} times<extra></extra>",
        "text": [[f"{n:,.0f}" if n else "" for n in row] for row in matrix.tolist()],
        "texttemplate": "%{text}",
        "colorbar": {"title": {"text": "times"}, **_marks(matrix)},
        "hoverongaps": False,
    }
