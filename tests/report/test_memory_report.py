"""The report of a network's memory: sums, energies, causes, places and policies."""

from __future__ import annotations

import msgspec
import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.cost import cost_network
from dfsrt.cost.choice import with_memory
from dfsrt.cost.schedule import schedule_names
from dfsrt.report.api import Job
from dfsrt.report.memory.held import HELD
from dfsrt.report.memory.lanes import lanes_of
from dfsrt.report.memory.parts import OPERANDS, MemoryMap

SMALL = "tiny-images"


@pytest.fixture(scope="module", params=schedule_names())
def report(request):
    chosen = {"schedule": request.param, "buffer": "24KiB", "policies": False}
    return dfsrt.memory(SMALL, "rk3588-npu", **chosen).report


def test_tensors_sum_to_layers_and_layers_to_the_report(report):
    t = report.totals
    for layer in report.layers:
        assert layer.bytes.total == layer.dram_bytes
        assert layer.dram_read_bytes + layer.dram_write_bytes == layer.dram_bytes
    for name in ("dram_bytes", "dram_read_bytes", "dram_write_bytes", "bound_bytes"):
        assert sum(getattr(a, name) for a in report.layers) == getattr(t, name)
    for name in OPERANDS:
        assert sum(getattr(a.bytes, name) for a in report.layers) == getattr(t.bytes, name)
    assert sum(a.dram_j for a in report.layers) == pytest.approx(t.dram_j)
    assert sum(a.dram_s for a in report.layers) == pytest.approx(t.dram_s)


def test_nothing_is_below_its_bound_and_no_bound_below_the_floor(report):
    assert all(layer.dram_bytes >= layer.bound_bytes >= 0 for layer in report.layers)
    assert report.totals.bound_bytes >= report.totals.floor_bytes > 0


def test_the_bytes_are_those_that_a_run_is_costed_by(report):
    job = Job(SMALL, device="rk3588-npu")
    npu = with_memory(job.npu, schedule=report.schedule, buffer=report.buffer.bytes)
    costs = cost_network(job.job.deployment.network(), npu)
    assert [c.dram_bytes for c in costs] == [a.dram_bytes for a in report.layers]


def test_a_flat_dram_takes_so_much_a_bit_and_a_second(report):
    npu = dfsrt.load_device("rk3588-npu")
    per_byte = 8e-12 * npu.silicon.dram_pj_per_bit
    for layer in report.layers:
        assert layer.dram_j == pytest.approx(layer.dram_bytes * per_byte)
        assert layer.dram_s == pytest.approx(layer.dram_bytes / npu.bandwidth_bytes_per_s(1))
        assert layer.row_hit_rate is None


def test_every_layer_that_moves_says_what_held_it(report):
    assert {a.held_by for a in report.layers if a.dram_bytes} <= set(HELD)
    for layer in report.layers:
        if layer.held_by == "fits":
            assert layer.dram_bytes <= layer.bound_bytes or report.schedule != "layerwise"


def test_maps_that_stay_are_in_the_plan_of_the_layers_that_read_them(report):
    kept = [m for m in report.maps if m.place != "dram"]
    assert bool(kept) == (report.schedule != "layerwise")
    assert sum(p.maps for p in report.places) == len(kept)
    assert all(0 <= m.first <= m.last < len(report.layers) for m in report.maps)
    for place in report.places:
        assert place.size_bytes is None or place.peak_bytes <= place.size_bytes


def test_with_a_part_energy_is_access_and_standing_by_and_rows_are_hit():
    job = Job(SMALL, device="rk3588-npu", dram="ddr3-1600")
    report = dfsrt.memory(SMALL, "rk3588-npu", dram="ddr3-1600", policies=False).report
    costs = cost_network(job.job.deployment.network(), job.npu)
    for layer, cost in zip(report.layers, costs, strict=True):
        part = cost.dram
        assert layer.dram_j == pytest.approx(part.access_j + part.background_w * part.seconds)
        assert layer.dram_s == part.seconds
        if layer.dram_bytes:
            assert layer.row_hit_rate == part.row_hit_rate
            assert layer.pj_per_byte == pytest.approx(layer.dram_j / layer.dram_bytes * 1e12)
    bursts, opened = sum(c.dram.bursts for c in costs), sum(c.dram.activates for c in costs)
    assert report.totals.row_hit_rate == pytest.approx(1 - opened / bursts)
    assert (report.dram.part, report.dram.channels) == ("ddr3-1600", 1)


def test_every_mapper_is_tried_layer_by_layer_and_every_schedule_with_the_own():
    report = dfsrt.memory(SMALL, mapper="weight", schedule="resident", buffer="24KiB").report
    tried = [(p.mapper, p.schedule) for p in report.policies]
    assert {("exhaustive", "layerwise"), ("half-buffer", "layerwise")} <= set(tried)
    assert ("weight", "resident") in tried
    assert not [p for p in tried if "engine" in p]
    own = report.policies[tried.index(("weight", "resident"))]
    assert own.dram_bytes == report.totals.dram_bytes
    by_mapper = {p.mapper: p.dram_bytes for p in report.policies if p.schedule == "layerwise"}
    honest = {name: moved for name, moved in by_mapper.items() if name != "half-buffer"}
    assert min(honest.values()) == honest["exhaustive"]


def test_a_policy_of_ones_own_is_tried_and_one_that_cannot_says_why(tmp_path):
    (tmp_path / "never.py").write_text(
        "from dfsrt.base.errors import InputError\n"
        "class Never:\n"
        "    def plan(self, work):\n"
        "        raise InputError('it never fits')\n"
    )
    source = f"{tmp_path}/never.py:Never"
    points = dfsrt.compare_memory(SMALL, "16KiB,32KiB", schedule=source).report.points
    never = [p for p in points if p.schedule == source]
    assert [(p.dram_bytes, p.bytes, p.why) for p in never] == [(None, None, "it never fits")] * 2
    with pytest.raises(InputError, match="it never fits"):
        dfsrt.memory(SMALL, schedule=source)


def test_bytes_fall_or_stay_as_the_buffer_grows():
    report = dfsrt.compare_memory(SMALL, ["4KiB", "16KiB", 65536]).report
    for name in ("exhaustive", "weight", "input", "output"):
        own = [p for p in report.points if (p.mapper, p.schedule) == (name, "layerwise")]
        moved = [p.dram_bytes for p in own]
        assert len(moved) == 3
        assert moved == sorted(moved, reverse=True)
        assert all(p.dram_bytes == p.bytes.total >= p.bound_bytes for p in own)


def test_the_result_is_a_report_a_frame_and_a_table_in_a_notebook():
    done = dfsrt.memory(SMALL, policies=False)
    assert msgspec.json.decode(done.to_json()) == done.to_dict()
    frame = done.to_dataframe()
    assert frame["dram_bytes"].sum() == done.report.totals.dram_bytes
    assert "<table>" in done._repr_html_()
    many = dfsrt.compare_memory(SMALL, "8KiB")
    assert len(many.to_dataframe()) == len(many.report.points)
    assert "<table>" in many._repr_html_()


def test_reading_options_are_taken_and_others_refused():
    assert dfsrt.memory("tiny-keywords", dims={"batch": 2}, policies=False).report.layers
    with pytest.raises(InputError, match="no use for 'cap'"):
        dfsrt.memory(SMALL, cap="1 W")
    with pytest.raises(InputError, match="is a pipeline"):
        dfsrt.memory("infinite-zoom")


def test_maps_in_the_picture_lie_above_each_other_those_on_chip_lowest():
    maps = [
        MemoryMap(name="a", bytes=5, first=0, last=2, place="dram"),
        MemoryMap(name="b", bytes=3, first=1, last=1, place="buffer"),
        MemoryMap(name="c", bytes=2, first=1, last=2, place="buffer"),
    ]
    lanes = {lane.map.name: lane for lane in lanes_of(maps, 3)}
    assert (lanes["b"].low, lanes["c"].low, lanes["a"].low) == ([0], [3, 0], [0, 5, 2])
    assert lanes["a"].high == [5, 10, 7]
    assert lanes["a"].edges == [-0.5, 0.5, 1.5, 2.5]
    assert lanes["b"].colour != lanes["c"].colour != lanes["a"].colour


@pytest.mark.parametrize("buffers", [[], None, 65536])
def test_sizes_that_are_none_are_one_line(buffers):
    with pytest.raises(InputError, match=r"no sizes; give a list, or text like 64KiB\.\.2MiB"):
        dfsrt.compare_memory(SMALL, buffers)
