"""Several runs over layers: each is seen, in SVG and on a page, and all is named."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

import dfsrt
from dfsrt.report.figure import draw
from dfsrt.report.page.comparison import comparison_page
from dfsrt.report.page.drawn import drawn

COUNTED = {"", "layer"}
"""Titles of axes that count, or name."""


@pytest.fixture(scope="module")
def done():
    """Two governors whose clocks are the same in every layer, and a third."""
    return dfsrt.compare("squeezenet", ["performance", "userspace", "dfs"], cap="0.15W", frames=1)


@pytest.fixture(scope="module")
def named(done):
    return [(run.report.governor, run.log) for run in done.runs]


@pytest.fixture(scope="module")
def figures(done):
    page = comparison_page(done.report, [result.run for result in done.runs])
    return page, {f.name: f for section in page.sections for f in section.figures}


def test_two_governors_have_equal_clocks_so_that_one_could_hide_the_other(named) -> None:
    one, other, _ = (log.freq_hz[log.last_frame] for _, log in named)
    assert (one == other).all()


def test_no_line_of_the_figure_lies_on_another(named) -> None:
    for axes in draw(named).axes:
        drawn_ = [patch.get_data().values for patch in axes.patches]
        assert len(drawn_) in (1, 2)
        for one, other in combinations(drawn_, 2):
            assert not np.array_equal(one, other)


def test_rows_share_a_scale_that_holds_all_and_each_has_its_name(named) -> None:
    clocks = draw(named).axes[::2]
    assert [axes.get_title("left") for axes in clocks] == [name for name, _ in named]
    assert len({axes.get_ylim() for axes in clocks}) == 1
    assert clocks[0].get_ylim()[1] > max(log.freq_hz.max() for _, log in named) * 1e-6


@pytest.mark.parametrize("count", [1, 3])
def test_a_title_says_network_device_cap_and_governors_and_axes_their_units(named, count) -> None:
    figure = draw(named[-count:])
    said = figure.get_suptitle().replace("\n", " ")
    for part in ("squeezenet", "rk3588-npu", "cap 0.15 W", *(name for name, _ in named[-count:])):
        assert part in said
    labels = [label for a in figure.axes for label in (a.get_xlabel(), a.get_ylabel())]
    assert all(label in COUNTED or re.search(r"\(\w+\)", label) for label in labels)


def test_no_line_of_the_page_lies_on_another(figures) -> None:
    for name in ("clocks", "layer-power"):
        lines = [(t.get("yaxis"), np.asarray(t["y"]).tobytes()) for t in figures[1][name].data]
        assert len(set(lines)) == len(lines)


def test_every_figure_of_a_page_says_what_it_is_of(figures) -> None:
    for part in ("squeezenet on rk3588-npu", "cap 0.15 W", "performance, userspace, dfs"):
        assert part in figures[0].subject


def test_axes_of_a_page_have_units_and_bars_have_values(figures) -> None:
    for name, figure in figures[1].items():
        made = drawn(figure.data, figure.layout, figure.height)
        for key in (key for key in made["layout"] if re.fullmatch(r"[xy]axis\d*", key)):
            title = made["layout"][key]["title"]["text"]
            assert title in COUNTED or re.search(r"\(.+\)", title), (name, title)
        for trace in made["data"]:
            if trace["type"] == "bar":
                assert all(trace["text"]), name


def test_regret_of_each_governor_stands_on_the_page(done, figures) -> None:
    time, energy = figures[1]["regret"].data
    regrets = [run.report.regret for run in done.runs]
    assert time["x"] == pytest.approx([100 * r.time for r in regrets])
    assert energy["x"] == pytest.approx([100 * r.energy for r in regrets])
