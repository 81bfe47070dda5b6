"""Zheng et al.: what schedules move at each size of the buffer, and the paper beside them."""

from __future__ import annotations

import msgspec
import pytest

from dfsrt.cost.buffer_size import parse_buffers
from dfsrt.device.dram import load_dram
from dfsrt.network.layer import Kind
from dfsrt.reproduce import zheng
from dfsrt.reproduce.bare import load_int8, without_products
from dfsrt.reproduce.zheng.figures import SCHEDULES
from dfsrt.reproduce.zheng.schema import ZhengReport
from docs.generate import DOCS


@pytest.fixture(scope="module")
def report():
    networks = [load_int8(name) for name in ("mobilenetv1", "vgg16")]
    dram = load_dram("ddr3-1600:layout=tiled")
    return zheng.reproduce(networks, parse_buffers("256KiB,1MiB"), dram)


def sizes(report):
    return [(s, size) for n in report.networks for s in n.scopes for size in s.sizes]


@pytest.mark.parametrize(
    ("number", "alone_mb", "by_rows_mb", "floor_mb"),
    [(0, (13.4, 13.4), (5.9, 3.7), 3.4), (1, (54.3, 45.0), (35.6, 20.9), 14.9)],
)
def test_bytes_are_those_of_the_fact_sheet(report, number, alone_mb, by_rows_mb, floor_mb):
    """memory.md 4, a dynamic program of its own, biases left out; 54.3 is 1.25 x 37.3 and pools."""
    scope = report.networks[number].scopes[0]
    assert scope.floor_bytes / 1e6 == pytest.approx(floor_mb, rel=0.02)
    for size, alone, by_rows in zip(scope.sizes, alone_mb, by_rows_mb, strict=True):
        assert size.layerwise_bytes / 1e6 == pytest.approx(alone, rel=0.02)
        assert size.of("depth-first").dram_bytes / 1e6 == pytest.approx(by_rows, rel=0.03)


def test_the_best_schedule_is_no_worse_than_any_and_none_is_below_the_floor(report):
    for scope, size in sizes(report):
        each = [size.of(name).dram_bytes for name in SCHEDULES]
        assert size.of("best").dram_bytes == min(each)
        assert scope.floor_bytes <= min(each)
        assert size.of("resident").dram_bytes <= size.layerwise_bytes <= size.fixed_bytes
        assert scope.most_saved <= size.of("best").bytes


def test_a_larger_buffer_moves_no_more(report):
    for scope in (s for network in report.networks for s in network.scopes):
        for name in SCHEDULES:
            assert scope.sizes[1].of(name).dram_bytes <= scope.sizes[0].of(name).dram_bytes


def test_changes_are_of_the_bytes_and_energy_is_bytes_times_energy_a_byte(report):
    for _, size in sizes(report):
        for each in size.schedules:
            assert 1 + each.bytes == pytest.approx(each.dram_bytes / size.layerwise_bytes)
            assert 1 + each.bytes_of_fixed == pytest.approx(each.dram_bytes / size.fixed_bytes)
            both = (1 + each.bytes) * (1 + each.energy_per_byte)
            assert 1 + each.energy == pytest.approx(both)
            assert each.seconds == pytest.approx(each.energy, abs=0.1)


def test_the_floor_is_every_weight_the_picture_and_the_answer(report):
    for network in report.networks:
        layers = load_int8(network.network).layers
        whole = network.scopes[-1]
        weights = {t.stored_as: t.bytes for a in layers for t in a.weights}
        assert whole.weight_bytes == sum(weights.values())
        assert whole.floor_bytes == whole.weight_bytes + 3 * 224 * 224 + 1000


def test_what_stands_before_the_classifier_ends_in_what_it_reads():
    network = load_int8("vgg16")
    part = without_products(network)
    assert [a.op for a in part.layers if a.kind is not Kind.VIEW].count("Conv") == 13
    assert not any(a.op == "Gemm" for a in part.layers)
    read = {t.name for a in network.layers[len(part.layers) :] for t in a.inputs}
    assert read & set(part.outputs)
    assert without_products(part).layers == part.layers


def test_what_the_paper_says_stands_there_with_its_source(report):
    assert report.paper_source == "abstract" and "TCAS-II" in report.paper
    assert [network.paper for network in report.networks] == [(-0.3446, -0.9342)] * 2
    assert zheng.PAPER.figure("unet") == (-0.3446, -0.9342)
    assert zheng.PAPER.figure("alexnet") is None


def test_the_words_say_that_the_lower_end_is_in_reach_and_the_upper_one_is_not(report):
    mobilenet, vgg = report.networks
    assert "-34% is in reach of maps that stay (-75%); -93% cannot" in mobilenet.verdict
    assert "in reach before the classifier (-61%), not of the whole network (-16%)" in vgg.verdict
    for network in report.networks:
        assert min(s.of("best").bytes for s in network.scopes[0].sizes) < -0.34
        assert min(scope.most_saved for scope in network.scopes) > -0.93


def test_the_page_shows_what_the_experiment_says(report):
    text = (DOCS / "memory_papers.md").read_text()
    assert all(f"- **{n.network}**: {n.verdict}\n" in text for n in report.networks)


def test_json_is_the_report_and_tables_have_a_line_for_every_size(report):
    outcome = zheng.ZhengOutcome(report)
    assert msgspec.json.decode(outcome.to_json(), type=ZhengReport) == report
    moved, energy, words = outcome.grids()
    assert len(moved.rows) == len(energy.rows) == 8 and set(SCHEDULES) < set(moved.heads)
    assert all(len(row) == len(grid.heads) for grid in (moved, energy) for row in grid.rows)
    assert len(words.lines) == 3
