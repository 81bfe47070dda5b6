"""Figures, pages and last lines of memory: what a reader sees first, and no line under another."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import dfsrt
from dfsrt.report.memory.compare_figure import draw
from dfsrt.report.memory.compare_page import memory_comparison_page
from dfsrt.report.memory.curves import curves_of
from dfsrt.report.memory.figure import draw as draw_layers
from dfsrt.report.memory.page import memory_page
from dfsrt.report.memory.words import policy_lines


@pytest.fixture(scope="module", params=["4KiB,16KiB", "16KiB"])
def sizes(request):
    return dfsrt.compare_memory("tiny-images", request.param).report


@pytest.fixture(scope="module")
def kept():
    return dfsrt.memory("tiny-images", schedule="best", buffer="16KiB")


def test_every_policy_is_in_one_curve_and_no_two_are_the_same(sizes):
    curves = curves_of(sizes)
    assert len({(c.alone, c.sizes, c.moved) for c in curves}) == len(curves)
    alone = ", ".join(c.name for c in curves if c.alone).split(", ")
    tried = {p.mapper for p in sizes.points if p.schedule == "layerwise"}
    assert sorted(alone) == sorted(tried)


def test_a_figure_of_one_size_shows_its_bytes_too(sizes):
    operands, _ = draw(sizes).axes
    widths = [area.get_paths()[0].get_extents().width for area in operands.collections]
    assert min(widths) > 0
    first, _ = (section.figures[0] for section in memory_comparison_page(sizes).sections)
    assert all(len(trace["x"]) > 1 for trace in first.data)


def test_legends_and_the_ends_of_axes_leave_what_is_drawn_in_sight(sizes, kept):
    figure = draw(sizes)
    FigureCanvasAgg(figure).draw()
    for axes in figure.axes:
        assert not axes.get_legend().get_window_extent().overlaps(axes.bbox)
    for axes in draw_layers(kept.report).axes:
        assert axes.get_ylim()[1] > 1.02 * axes.dataLim.ymax


def test_titles_say_network_device_precision_policy_and_buffer(sizes, kept):
    for part in ("tiny-images", "rk3588-npu", "int8", "double-buffered"):
        assert part in draw(sizes).get_suptitle()
    title = draw_layers(kept.report).axes[0].get_title(loc="left")
    for part in ("tiny-images", "rk3588-npu", "int8", "exhaustive", "best", "16 KiB"):
        assert part in title


def test_the_page_says_how_far_from_the_least_and_what_holds_layers(kept):
    bytes_, lives = memory_page(kept.report).sections[:2]
    assert "of any schedule; layers held by" in bytes_.text
    on_chip = [m for m in kept.report.maps if m.place not in ("dram", "rows")]
    assert lives.figures[0].says.startswith(f"{len(on_chip)} of {len(kept.report.maps)} maps")


def test_the_last_line_is_what_to_type_for_fewer_bytes(kept):
    plain = dfsrt.memory("tiny-images", buffer="16KiB").report
    assert policy_lines(plain)[-1].endswith("with --schedule best")
    share = kept.report.totals.dram_bytes / plain.totals.dram_bytes - 1
    assert f"{share:.1%}" in policy_lines(plain)[-1]
    assert "with --" not in policy_lines(kept.report)[-1]


def test_the_line_of_several_cores_buffers_is_named_so():
    three = dfsrt.memory("tiny-images", "rk3588-npu:cores=3", schedule="resident", policies=False)
    names = [text.get_text() for text in draw_layers(three.report).axes[1].get_legend().get_texts()]
    assert "all cores' buffers" in names and "the buffer" not in names


def test_advice_leaves_the_engine_and_the_half_buffer_rule_alone():
    engine = dfsrt.memory("tiny-images", "eyeriss-v1").report
    assert not any("--mapper" in line for line in policy_lines(engine))
    half = dfsrt.memory("tiny-images", mapper="half-buffer", buffer="16KiB").report
    assert policy_lines(half)[-1].endswith("--schedule best")
    tight = dfsrt.memory("tiny-images", buffer="8KiB").report
    assert "half-buffer" not in policy_lines(tight)[-1]


def test_a_flat_dram_is_as_fast_as_the_cores_in_use_take_it(kept):
    totals = kept.report.totals
    assert kept.report.bandwidth_bytes_per_s == pytest.approx(totals.dram_bytes / totals.dram_s)


def test_a_result_names_itself_in_a_line(kept):
    assert repr(kept).startswith("<Memory of tiny-images on rk3588-npu in int8: ")
    assert len(repr(kept)) < 300
