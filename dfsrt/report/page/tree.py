"""Where energy went, as areas that are opened by a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.units import format_si
from dfsrt.report.look import BLUE, BROWN, GREEN, ORANGE, PINK, RED, SKY, VIOLET
from dfsrt.report.page.page import Figure, Table

Parts = Mapping[str, float | Mapping[str, float]]
MOST_LAYERS = 24
# Okabe and Ito's colours on which white or black text can be read.
COLOURS = (BLUE, RED, GREEN, PINK, ORANGE, SKY, BROWN, VIOLET)


def energy_tree(name: str, title: str, whole: str, parts: Parts) -> Figure:
    """Return ``parts`` of ``whole`` as areas; a part may have parts, which add up to it."""
    joules = {part: _sum(own) for part, own in parts.items() if _sum(own) > 0}
    total = sum(joules.values())
    largest = max(joules, key=lambda part: joules[part], default="nothing")
    share = joules[largest] / total if total else 0.0
    cells = [
        (part, format_si(own, "J"), f"{own / total:.1%}")
        for part, own in sorted(joules.items(), key=lambda pair: -pair[1])
    ]
    return Figure(
        name=name,
        title=title,
        says=f"{format_si(total, 'J')} in all; {largest} takes the most, {share:.0%}; click on a "
        "part to see what it is made of",
        data=[_treemap(whole, {part: parts[part] for part in joules})],
        layout={"margin": {"l": 10, "r": 10, "t": 25, "b": 10}},
        height=460,
        table=Table(("<part", "energy", "share"), cells, "Energy"),
    )


def _sum(part: float | Mapping[str, float]) -> float:
    return sum(part.values()) if isinstance(part, Mapping) else part


def _treemap(whole: str, parts: Parts) -> dict[str, object]:
    # A part's own value is what its parts leave over: nothing, so that no rounding can make
    # them more than it.
    rows: list[tuple[str, str, str, float]] = [(whole, whole, "", 0.0)]
    for name, part in parts.items():
        inner = {k: j for k, j in part.items() if j > 0} if isinstance(part, Mapping) else {}
        rows.append((name, name, whole, 0.0 if inner else _sum(part)))
        rows += [(f"{name}/{own}", own, name, joules) for own, joules in inner.items()]
    ids, labels, parents, values = (list(column) for column in zip(*rows, strict=True))
    return {
        "type": "treemap",
        "ids": ids,
        "labels": labels,
        "parents": parents,
        "values": values,
        "branchvalues": "remainder",
        "texttemplate": "%{label}<br>%{percentRoot:.1%}",
        "hovertemplate": "%{label}<br>%{value:.4s}J<br>%{percentRoot:.2%}<extra></extra>",
        "marker": {"colorscale": "Cividis", "colors": _colours([row[2] for row in rows], whole)},
        "maxdepth": 3,
    }


def _colours(parents: Sequence[str], whole: str) -> list[str]:
    """A colour for each part; what is inside follows it and gets the same, and the whole none."""
    colours, number = ["@card"], -1
    for parent in parents[1:]:
        number += parent == whole
        colours.append(COLOURS[number % len(COLOURS)])
    return colours


def by_layer(names: Sequence[str], layer_j: Floats, total_j: float) -> Mapping[str, float]:
    """Return the largest of ``layer_j``, ``(n_layers,)``, by name, the others and idle time."""
    order = np.argsort(-layer_j, kind="stable")
    parts: dict[str, float] = {}
    for k in order[:MOST_LAYERS].tolist():
        parts[names[k]] = parts.get(names[k], 0.0) + float(layer_j[k])
    rest = float(layer_j[order[MOST_LAYERS:]].sum())
    if rest > 0:
        parts[f"{len(order) - MOST_LAYERS:,} smaller layers"] = rest
    idle = total_j - float(layer_j.sum())
    # What is left by rounding alone is no idle time.
    return {**parts, "idle": idle} if idle > 1e-9 * total_j else parts
