"""Figures of totals: power over time, residency, transitions, where the energy went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dfsrt.base.units import format_si
from dfsrt.report.page.envelope import Envelope
from dfsrt.report.page.page import Figure, Table
from dfsrt.report.page.style import BLUE, GREEN, RED, SKY, axis, line
from dfsrt.report.schema import Residency, Transitions


def power_over_time(found: Envelope) -> Figure:
    """Power against the cap over the whole run, and single layers of its first stretch."""
    x = found.time_s
    data: list[dict[str, Any]] = []
    if not found.whole_in_detail:
        data = [
            line("highest layer", x, found.peak_w, SKY, width=1.0, line={"shape": "hv"}),
            line("mean", x, found.mean_w, GREEN, line={"shape": "hv"}),
        ]
    detail, wide = found.detail, len(data)
    shape = {"line": {"shape": "hv"}, "visible": wide == 0}
    data.append(
        line("each layer, true", detail.time_s, detail.power_w, BLUE, **shape,
             text=detail.names, hovertemplate="%{text}<br>%{x:.6f} s<br>%{y:.3f} W")
    )  # fmt: skip
    dotted = {**shape, "line": {"shape": "hv", "dash": "dot"}}
    data.append(line("each layer, predicted", detail.time_s, detail.predicted_w, RED, **dotted))
    if np.isfinite(found.cap_w).any():
        data.append(line("cap", x, found.cap_w, "@text", line={"shape": "hv", "dash": "dash"}))
    close = [float(detail.time_s[0]), float(detail.time_s[-1])] if len(detail.time_s) else [0, 1]
    whole = [0.0, float(x[-1]) if len(x) else 1.0]
    buttons = [
        {"label": label, "method": "relayout", "args": [{"xaxis.range": span}]}
        for label, span in (("whole run", whole), ("single layers", close))
    ]
    mean = float(found.energy_j.sum() / max(whole[1], 1e-12))
    return Figure(
        name="power-over-time",
        title="Power over time",
        says=f"{format_si(mean, 'W')} on average over {format_si(whole[1], 's')}; "
        f"{format_si(float(found.peak_w.max(initial=0)), 'W')} in the hungriest layer; drag over "
        "a stretch to look closer, down to single layers in the first one",
        data=data,
        layout={
            "xaxis": axis("time (s)", range=whole),
            "yaxis": axis("power (W)", rangemode="tozero"),
            "meta": {
                "span": close, "wide": list(range(wide)), "close": [wide, wide + 1],
            } if wide else {},
            "updatemenus": [
                {"type": "buttons", "direction": "right", "buttons": buttons, "x": 1, "y": -0.12,
                 "xanchor": "right", "yanchor": "top", "showactive": False,
                 "bgcolor": "@card", "bordercolor": "@grid"}
            ],
        },
        height=420,
    )  # fmt: skip


def residency(found: Sequence[tuple[str, Sequence[Residency]]]) -> Figure:
    """Share of time at each clock, a bar for each governor."""
    freqs = sorted({e.freq_hz for _, entries in found for e in entries})
    names = [name for name, _ in found]
    data = []
    for k, freq in enumerate(freqs):
        share = [100 * sum(e.share for e in entries if e.freq_hz == freq) for _, entries in found]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": format_si(freq, "Hz") if freq else "idle",
                "y": names,
                "x": share,
                "marker": {"color": _ramp(k, len(freqs)), "line": {"width": 1, "color": "@card"}},
                "hovertemplate": "%{fullData.name}: %{x:.1f} %",
            }
        )
    cells = [
        (name, format_si(e.freq_hz, "Hz") if e.freq_hz else "idle", f"{e.share:.2%}")
        for name, entries in found
        for e in entries
    ]
    longest = max(found[0][1], key=lambda e: e.share)
    return Figure(
        name="residency",
        title="Time at each clock",
        says=f"{names[0]} spends {longest.share:.0%} "
        + (f"at {format_si(longest.freq_hz, 'Hz')}" if longest.freq_hz else "idle"),
        data=data,
        layout={
            "barmode": "stack",
            "xaxis": axis("share of time (%)", range=[0, 100.5]),
            "yaxis": axis("", autorange="reversed"),
        },
        height=150 + 45 * len(names),
        table=Table(("<governor", "clock", "share"), cells, "Residency"),
    )


def _ramp(k: int, count: int) -> str:
    """Dark blue to yellow, in equal steps of lightness: Cividis, which all eyes order alike."""
    stops = ((0, 34, 78), (65, 77, 107), (124, 123, 120), (188, 175, 111), (254, 232, 56))
    at = (len(stops) - 1) * (k / max(count - 1, 1))
    low = min(int(at), len(stops) - 2)
    mixed = [
        round(a + (at - low) * (b - a)) for a, b in zip(stops[low], stops[low + 1], strict=True)
    ]
    return f"rgb({mixed[0]},{mixed[1]},{mixed[2]})"


def transitions(name: str, found: Transitions, freqs_hz: Sequence[int]) -> Figure | None:
    """How often the clock went from one level to another; None where it never did."""
    matrix = np.array(found.matrix, dtype=float)
    np.fill_diagonal(matrix, 0)
    if not matrix.any():
        return None
    labels = [format_si(f, "Hz") for f in freqs_hz]
    shown = np.where(matrix > 0, np.log10(np.maximum(matrix, 1)), np.nan)
    cells = [
        (labels[a], labels[b], f"{int(matrix[a, b]):,}")
        for a, b in np.argwhere(matrix > 0).tolist()
    ]
    return Figure(
        name="transitions",
        title=f"Clock changes under {name}",
        says=f"{found.frequency:,} changes of clock and {found.voltage:,} of voltage; "
        f"{format_si(found.stall_s, 's')} stalled",
        data=[
            {
                "type": "heatmap",
                "x": labels,
                "y": labels,
                "z": shown,
                "customdata": matrix,
                "colorscale": "Cividis",
                "hovertemplate": "from %{y} to %{x}: %{customdata:,} times<extra></extra>",
                "colorbar": {"title": {"text": "log₁₀ of times"}},
                "hoverongaps": False,
            }
        ],
        layout={"xaxis": axis("to"), "yaxis": axis("from")},
        height=420,
        table=Table(("<from", "<to", "times"), cells, "Clock changes"),
    )


def energy_tree(whole: str, parts: Mapping[str, float | Mapping[str, float]]) -> Figure:
    """Where the energy went, as areas; a part may have parts of its own, which add up to it."""
    # A part's own value is what its parts leave over: nothing, so that no rounding can make
    # them more than it.
    ids, labels, parents, values = [whole], [whole], [""], [0.0]
    rows, total = [], 0.0
    for name, part in parts.items():
        inner = part if isinstance(part, Mapping) else {}
        joules = sum(inner.values()) if isinstance(part, Mapping) else part
        if joules <= 0:
            continue
        ids.append(name)
        labels.append(name)
        parents.append(whole)
        values.append(0.0 if any(j > 0 for j in inner.values()) else joules)
        total += joules
        rows.append((name, joules))
        for own, amount in inner.items():
            if amount > 0:
                ids.append(f"{name}/{own}")
                labels.append(own)
                parents.append(name)
                values.append(amount)
    cells = [
        (n, format_si(j, "J"), f"{j / total:.1%}") for n, j in sorted(rows, key=lambda row: -row[1])
    ]
    largest = max(rows, key=lambda row: row[1]) if rows else ("nothing", 0.0)
    return Figure(
        name="energy",
        title="Where the energy went",
        says=f"{format_si(total, 'J')} in all; {largest[0]} takes the most, "
        f"{largest[1] / total if total else 0:.0%}; click on a part to see what it is made of",
        data=[
            {
                "type": "treemap",
                "ids": ids,
                "labels": labels,
                "parents": parents,
                "values": values,
                "branchvalues": "remainder",
                "texttemplate": "%{label}<br>%{percentRoot:.1%}",
                "hovertemplate": "%{label}<br>%{value:.4s}J<br>%{percentRoot:.2%}<extra></extra>",
                "marker": {"colorscale": "Cividis", "colors": _colours(parents, whole)},
                "maxdepth": 3,
            }
        ],
        layout={"margin": {"l": 10, "r": 10, "t": 25, "b": 10}},
        height=460,
        table=Table(("<part", "energy", "share"), cells, "Energy"),
    )


def _colours(parents: Sequence[str], whole: str) -> list[str]:
    """A colour for each part; what is inside follows it and gets the same, and the whole none."""
    found, number = ["@card"], -1
    for parent in parents[1:]:
        number += parent == whole
        found.append(TREE[number % len(TREE)])
    return found


# Okabe and Ito's colours on which white or black text can be read.
TREE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#6B6ECF")


def bars(
    name: str,
    title: str,
    says: str,
    unit: str,
    found: Mapping[str, float],
    table: Table | None = None,
) -> Figure:
    """Named amounts as bars from the top down."""
    return Figure(
        name=name,
        title=title,
        says=says,
        data=[
            {
                "type": "bar",
                "orientation": "h",
                "y": list(found),
                "x": list(found.values()),
                "marker": {"color": BLUE},
                "hovertemplate": "%{y}: %{x:.4g}<extra></extra>",
            }
        ],
        layout={"xaxis": axis(unit), "yaxis": axis("", autorange="reversed")},
        height=120 + 34 * len(found),
        table=table,
    )
