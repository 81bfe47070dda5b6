"""The picture of lives on a page: maps over layers."""

from __future__ import annotations

from dfsrt.base.units import format_si
from dfsrt.cost.schedule.schedule import ROWS
from dfsrt.report.look import WHITE
from dfsrt.report.memory.lanes import Lane, buffer_line, buffer_name, lanes_of, place_name
from dfsrt.report.memory.layers import DRAM
from dfsrt.report.memory.names import bytes_axis
from dfsrt.report.memory.schema import MemoryReport
from dfsrt.report.page.page import Figure
from dfsrt.report.page.style import axis, line

ACROSS = {"xaxis": axis("layer"), "hovermode": "closest"}
"""The layout of figures over layers."""


def lives(report: MemoryReport) -> Figure:
    """Return the maps stacked over the layers in which they live, and the buffer as a line."""
    by_kind: dict[tuple[str, str], list[Lane]] = {}
    for lane in lanes_of(report.maps, len(report.layers)):
        by_kind.setdefault((lane.map.place, lane.colour), []).append(lane)
    seen: set[str] = set()
    data = []
    for (place, colour), lanes in by_kind.items():
        data.append(_polygons(place, colour, lanes, place not in seen))
        seen.add(place)
    ends, size = [-0.5, len(report.layers) - 0.5], buffer_line(report)
    dashes = {"dash": "dash"}
    name = buffer_name(report)
    data.append(line(name, ends, [size, size], "@text", line=dashes, hoverinfo="skip"))
    rows = sum(m.place == ROWS for m in report.maps)
    stays = sum(m.place not in (DRAM, ROWS) for m in report.maps)
    by_rows = f", {rows} by rows" if rows else ""
    return Figure(
        name="memory-lives",
        title="Maps over the layers in which they live",
        says=f"{stays} of {len(report.maps)} maps stay on chip, coloured{by_rows}; stacked over "
        f"the layers from the one that makes them to the last that reads them",
        data=data,
        layout={"yaxis": bytes_axis("maps alive"), **ACROSS},
        height=420,
    )


def _polygons(place: str, colour: str, lanes: list[Lane], in_legend: bool) -> dict[str, object]:
    """Return the outlines of maps in one colour, one after the other with gaps between them."""
    x: list[float | None] = []
    y: list[int | None] = []
    text: list[str] = []
    for lane in lanes:
        m = lane.map
        edges = [edge for left in lane.edges[:-1] for edge in (left, left + 1)]
        upper, lower = _twice(lane.high), _twice(lane.low)
        x += [*edges, *reversed(edges), None]
        y += [*upper, *reversed(lower), None]
        says = f"{m.name}<br>{format_si(m.bytes, 'B')}, layers {m.first} to {m.last}, {m.place}"
        text += [says] * (2 * len(edges) + 1)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": place_name(place),
        "legendgroup": place,
        "showlegend": in_legend,
        "x": x,
        "y": y,
        "text": text,
        "fill": "toself",
        "fillcolor": colour,
        "line": {"color": WHITE, "width": 0.5},
        "hoveron": "points",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _twice(amounts: list[int]) -> list[int]:
    return [amount for amount in amounts for _ in range(2)]
