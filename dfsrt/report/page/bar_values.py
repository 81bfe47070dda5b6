"""Values of horizontal bars: beside them, and of stacked ones in them and at their ends."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from dfsrt.base.units import format_si
from dfsrt.report.page.narrow import Values, many, numbers, part, parts, title_of

UNIT, COUNTED = re.compile(r"\(([^()]+)\)$"), {"number", "1 is all"}
"""What an axis says in brackets at the end of its title, and what of it is no unit."""
ROOM, PER_LETTER, MOST_ROOM = 0.24, 0.045, 0.45
"""Shares of the longest bar that its axis goes on for the value beside it: at least, by its letters
(a phone has room for few), and at most."""
INSIDE = {"textposition": "inside", "insidetextanchor": "middle", "textangle": 0}
OUTSIDE = {"textposition": "outside", "cliponaxis": False, "textangle": 0}


def write_values(traces: Sequence[Values], layout: Values) -> None:
    """Write the value of each horizontal bar, as its axis has it, and make room for it."""
    bars = [t for t in traces if t.get("type") == "bar" and t.get("orientation") == "h"]
    if not bars:
        return
    axis, stacked = part(layout, "xaxis"), layout.get("barmode") == "stack"
    for trace in bars:
        texts = [value_text(amount, axis) for amount in numbers(trace["x"]).tolist()]
        trace.update({"text": texts, **(INSIDE if stacked else OUTSIDE), **_said(trace)})
    if stacked:
        layout["uniformtext"] = {"minsize": 10, "mode": "hide"}
        layout["annotations"] = [*parts(layout, "annotations"), *_sums(bars, axis)]
    if "range" not in axis and axis.get("type") != "log":
        axis["range"] = _range(bars, stacked)
    layout["xaxis"] = axis


def _said(trace: Values) -> Values:
    """What a bar says already stays."""
    return {"text": trace["text"]} if "text" in trace else {}


def value_text(amount: float, axis: Values) -> str:
    """Return an amount as ``axis`` has it: with a prefix, in per cent, or as a plain number."""
    if not math.isfinite(amount):
        return ""
    if "unit" in axis:
        return format_si(amount, str(axis["unit"]))
    if "%" in str(axis.get("tickformat", "")):
        return f"{amount:+.1%}"
    found = UNIT.search(title_of(axis))
    unit = f" {found.group(1)}" if found and found.group(1) not in COUNTED else ""
    return f"{amount:,.0f}{unit}" if abs(amount) >= 1000 else f"{amount:.3g}{unit}"


def _ends(bars: Sequence[Values], stacked: bool) -> dict[object, float]:
    """The end of each place's bars: of stacked ones their sum, else the furthest to the right."""
    ends: dict[object, float] = {}
    for trace in bars:
        base = numbers(trace.get("base", 0.0)) + 0 * numbers(trace["x"])
        for place, amount in zip(
            many(trace["y"]), (base + numbers(trace["x"])).tolist(), strict=True
        ):
            known, was = (amount if math.isfinite(amount) else 0.0), ends.get(place, 0.0)
            ends[place] = was + known if stacked else max(was, known)
    return ends


def _range(bars: Sequence[Values], stacked: bool) -> list[float]:
    """From the least to the most, 0 among them, and room on each side that has bars."""
    most = max(_ends(bars, stacked).values(), default=0.0)
    least = min((x for t in bars for x in numbers(t["x"]).tolist() if x < 0), default=0.0)
    low, high = min(least, 0.0), max(most, 0.0)
    longest = (
        0 if stacked else max((len(str(text)) for t in bars for text in many(t["text"])), default=0)
    )
    room = max(ROOM, min(PER_LETTER * longest, MOST_ROOM)) * (high - low or 1.0)
    return [low - room if low < 0 else 0.0, high + room]


def _sums(bars: Sequence[Values], axis: Values) -> list[Values]:
    """The whole of each stack; none of shares, which are shares of all."""
    if "unit" not in axis or len(bars) < 2:
        return []
    return [
        {"x": end, "y": place, "text": f"<b>{value_text(end, axis)}</b>", "showarrow": False,
         "xanchor": "left", "xshift": 3}
        for place, end in _ends(bars, True).items()
    ]  # fmt: skip
