"""The figure of a frontier: no governor hides another, no clock's bar another clock's."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from msgspec.structs import replace

from dfsrt.governor import governor_names
from dfsrt.report.figure_labels import NEAR, Label, place_labels
from dfsrt.report.frontier_figure import _broken, draw
from dfsrt.report.frontier_table import FrontierGovernor, FrontierPoint, FrontierReport
from dfsrt.report.period_figure import draw_by_clock
from dfsrt.report.period_table import PeriodPoint, PeriodReport
from dfsrt.report.schema import Regret

LINE = [(10.0, 3.0), (10.4, 2.2), (12.0, 2.0)]
"""A frontier: ms and mJ of a frame."""


@pytest.fixture
def frontier():
    points = [
        FrontierPoint(time_s=t * 1e-3, energy_j=j * 1e-3, gap=0, certified=True, corner=True)
        for t, j in LINE
    ]
    at = {"dfs": (10.4, 2.2, 0), "pid": (10.4, 2.2, 0), "dvfs": (11.2, 2.6, 0),
          "performance": (10.4, 2.2, 3)}  # fmt: skip
    governors = [
        FrontierGovernor(governor=name, time_s=t * 1e-3, energy_j=j * 1e-3,
                         regret=Regret(0.0, 0.0, over))
        for name, (t, j, over) in at.items()
    ]  # fmt: skip
    return FrontierReport(network="n", device="d", power_model="m", cap_w=0.2, points=points,
                          governors=governors, assumed=[])  # fmt: skip


def test_governors_at_one_place_share_a_label_but_none_with_those_over_the_cap(frontier) -> None:
    near, _ = draw(frontier).axes
    assert {text.get_text() for text in near.texts} == {"dfs, pid", "dvfs", "performance"}


def test_no_label_lies_on_another_nor_on_the_frontier(frontier) -> None:
    figure = draw(frontier)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        boxes = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts]
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
        ends = axes.transData.transform(LINE)
        for a, b in pairwise(ends):
            along = np.linspace(a, b, 500)
            assert not any(box.contains(*dot) for box in boxes for dot in along)


def test_clocks_of_the_memory_stand_beside_each_other_with_their_values() -> None:
    points = [
        PeriodPoint(freq_hz=f, memory_hz=m, time_s=1e-3, fits=True, layers_over=0,
                    energy_j=1e-3 * k, idle_j=2e-4)
        for k, (f, m) in enumerate([(3, 1), (3, 2), (5, 1), (5, 2)], 1)
    ]  # fmt: skip
    report = PeriodReport(period_s=0.03, idle="none", idle_rail="hold", domain="npu", points=points,
                          best=0, says="", best_clock=0, clock_says=None)  # fmt: skip
    axes = Figure().subplots()
    draw_by_clock(axes, report)
    work = axes.containers[0].patches
    spans = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in work)
    assert all(right <= left + 1e-9 for (_, right), (left, _) in pairwise(spans))
    assert [t.get_text().strip() for t in axes.texts] == ["1.00, best", "2.00", "3.00", "4.00"]


def test_no_label_lies_at_another_point_than_its_own() -> None:
    axes = Figure(figsize=(6, 4)).subplots()
    axes.set(xlim=(0, 10), ylim=(0, 10))
    at = [(4.0, 5.0), (4.2, 5.8), (4.4, 6.6), (4.1, 4.2)]
    place_labels(axes, [Label(x, y, f"governor-{k}") for k, (x, y) in enumerate(at)])
    points = axes.transData.transform(at)
    for k, text in enumerate(axes.texts):
        box = np.array(Text.get_window_extent(text).extents)
        away = np.hypot(*(np.clip(points, box[:2], box[2:]) - points).T)
        own = at.index(tuple(text.xy))
        assert away[own] <= min(away.min(), NEAR) or away.min() >= NEAR, k


def test_names_of_governors_are_not_broken(frontier) -> None:
    first = frontier.governors[0]
    some = [replace(first, governor=f"edf-static-{k}") for k in range(5)]
    figure = draw(replace(frontier, governors=some))
    said = {part for axes in figure.axes for text in axes.texts for part in text.get_text().split()}
    assert {name.rstrip(",") for name in said} == {each.governor for each in some}


def test_a_frontiers_title_names_the_governors_that_are_not_all(frontier) -> None:
    some = "governors dfs, pid, dvfs, performance, as predicted"
    assert draw(frontier).get_suptitle().endswith(some)
    names = [f"{name}:guard=0.1" for name in governor_names()]
    every = [replace(frontier.governors[0], governor=name) for name in names]
    assert "all governors" in draw(replace(frontier, governors=every)).get_suptitle()
    assert "6 governors" in draw(replace(frontier, governors=every[:6])).get_suptitle()


def test_a_long_name_ends_its_lines_where_parts_end() -> None:
    name = "patient/patient.py:Patient:slack=0.0527412:haste=2.26332"
    lines = _broken(name).split("\n")
    assert "".join(lines) == name
    assert lines == ["patient/patient.py:", "Patient:slack=0.0527412:", "haste=2.26332"]
    assert _broken("dfs, dvfs") == "dfs, dvfs"
