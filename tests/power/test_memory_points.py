"""Levels of core and memory: times, stalls, watts and standby at each, by hand and by twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.cost.cost import cost_network
from dfsrt.device import load_device
from dfsrt.device.at_memory import at_memory_point
from dfsrt.device.dram import load_dram
from dfsrt.device.memory_point import MemoryChange, MemoryPoint
from dfsrt.device.npu import Domain
from dfsrt.network import load_network
from dfsrt.power.at_memory import table_at
from dfsrt.power.choose import choose_model
from dfsrt.power.joined import join_tables
from dfsrt.power.levels import levels_of
from dfsrt.power.linear import datasheet_model
from dfsrt.power.standby import standby_of
from dfsrt.power.table import build_table, stall_table
from dfsrt.power.workload import workload
from tests.helpers.channel import conv_layer
from tests.helpers.tiny import tiny_npu

SLOW = MemoryPoint(1_000_000_000, 250e6, 250e6, 600_000, 600_000, 0.1, 2.5)
FAST = MemoryPoint(2_000_000_000, 1e9, 1e9, 800_000, 700_000, 0.3, 1.25)
TWO_CLOCKS = ((100_000_000, 500_000), (400_000_000, 1_000_000))


def two_by_two():
    """Two clocks of the core, two of the memory: 0.25 and 1 byte a nanosecond."""
    npu = tiny_npu(TWO_CLOCKS)
    memory = replace(npu.memory, points=(SLOW, FAST), change=MemoryChange(5_000, 80_000))
    return replace(npu, memory=memory)


def costs_by_hand(npu):
    """One layer of 20,000 cycles and 30,000 bytes, one of 400 cycles and 100,000 bytes."""
    costs = cost_network(load_network("squeezenet"), npu)[:2]
    return [
        replace(
            cost,
            compute_cycles=cycles,
            overhead_cycles=0,
            launch_ns=0,
            traffic=replace(cost.traffic, input=moved, weight=0, output=0, constants=0,
                            residual=0, partials=0),
        )
        for cost, cycles, moved in zip(costs, (20_000, 400), (30_000, 100_000), strict=True)
    ]  # fmt: skip


def test_times_of_two_layers_at_two_clocks_of_core_and_memory_are_those_worked_out_by_hand():
    npu = two_by_two()
    load = workload(costs_by_hand(npu), npu)
    # max(cycles / f, bytes / B): 200 and 50 us of work; 120 and 30 us, 400 and 100 us of bytes.
    assert load.duration_ns.tolist() == [
        [200_000, 120_000, 200_000, 50_000],
        [400_000, 400_000, 100_000, 100_000],
    ]
    assert load.waits_for_memory.tolist() == [
        [False, True, False, False],
        [True, True, True, True],
    ]
    assert load.dram_j[:, [0, 1]] == pytest.approx(np.array([[6e-7] * 2, [2e-6] * 2]))
    assert load.dram_j[:, [2, 3]] == pytest.approx(np.array([[3e-7] * 2, [1e-6] * 2]))


def test_levels_number_core_points_within_memory_points():
    levels = levels_of(two_by_two())
    assert levels.core.tolist() == [0, 1, 0, 1]
    assert levels.memory.tolist() == [0, 0, 1, 1]
    assert levels.freqs_hz.tolist() == [100e6, 400e6, 100e6, 400e6]
    assert levels.memory_hz.tolist() == [1e9, 2e9]
    assert [levels.level_of(400_000_000, hz) for hz in (1_000_000_000, None)] == [1, 3]
    assert levels.per_core(np.array([1, 2, 30, 40])).tolist() == [31, 42]
    assert (levels.at(-1), levels.at(0)) == (slice(2, 4), slice(0, 2))


def test_a_change_of_both_clocks_stalls_for_both():
    assert stall_table(two_by_two()).tolist() == [
        [0, 1_000, 5_000, 6_000],
        [1_000, 0, 6_000, 5_000],
        [5_000, 6_000, 0, 1_000],
        [6_000, 5_000, 1_000, 0],
    ]


def test_standby_is_the_points_own_and_a_named_part_adds_what_it_draws():
    npu = two_by_two()
    assert standby_of(npu).work_w.tolist() == [0.1, 0.1, 0.3, 0.3]
    assert standby_of(npu).idle_w.tolist() == [0.1, 0.1, 0.3, 0.3]
    part = load_dram("ddr4-2400")
    alone = standby_of(replace(tiny_npu(TWO_CLOCKS), dram=part))
    both = standby_of(replace(npu, dram=part))
    assert both.work_w[2:] - alone.work_w == pytest.approx(0.3)
    assert both.idle_w[:2] - alone.idle_w == pytest.approx(0.1)
    assert alone.work_w[0] > alone.idle_w[0] > 0


def tables_of(npu, name="squeezenet"):
    return build_table(load_network(name), npu, datasheet_model(npu), seed=3)


@pytest.mark.parametrize("device", ["rk3588-npu:cores=3", "rk3566-npu"])
def test_a_table_at_each_point_is_that_of_a_device_which_has_no_other(device):
    """Built again on a device whose only bandwidth is the point's: the same to the last bit."""
    npu = load_device(device)
    whole = tables_of(npu)
    for number, point in enumerate(npu.memory.points):
        lone = replace(
            npu,
            memory=replace(
                npu.memory, bandwidth_bytes_per_s=point.bandwidth_bytes_per_s, points=()
            ),
            cores=npu.cores
            and replace(npu.cores, bandwidth_bytes_per_s=point.core_bandwidth_bytes_per_s),
        )
        alone, here = tables_of(lone), table_at(whole, number)
        assert np.array_equal(here.duration_ns, alone.duration_ns)
        assert np.array_equal(here.predicted_w, alone.predicted_w)
        assert np.array_equal(here.load.clock_share, alone.load.clock_share)
        assert np.array_equal(here.stall_ns, alone.stall_ns)
        assert np.array_equal(here.plant.switched_farad, alone.plant.switched_farad)
        runs = np.isfinite(here.predicted_w)
        own, other = (t.predicted_in(Domain.SYSTEM)[runs] for t in (here, alone))
        assert own - other == pytest.approx(point.standby_w)


def test_one_point_alone_changes_nothing_but_standby():
    npu = two_by_two()
    lone = replace(npu, memory=replace(npu.memory, points=(FAST,)))
    plain = replace(npu, memory=replace(npu.memory, points=(), change=MemoryChange(0, 0)))
    one, none = tables_of(lone), tables_of(plain)
    for name in ("duration_ns", "predicted_w", "stall_ns"):
        assert np.array_equal(getattr(one, name), getattr(none, name))
    assert np.array_equal(one.load.dram_j, none.load.dram_j)
    assert one.levels.core.tolist() == none.levels.core.tolist()


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(1e8, 5e10), min_size=2, max_size=4, unique=True),
    st.sampled_from(["", "ddr3-1600"]),
    st.integers(1, 64),
    st.integers(1, 64),
)
def test_no_layer_gets_slower_at_a_faster_memory(bandwidths, part, wide, deep):
    ordered = sorted(bandwidths)
    points = tuple(
        MemoryPoint((k + 1) * 10**9, b, b, 700_000, 700_000, 0.1, 8.0)
        for k, b in enumerate(ordered)
    )
    npu = load_device("rk3588-npu")
    npu = replace(
        npu,
        memory=replace(npu.memory, bandwidth_bytes_per_s=ordered[-1], points=points),
        dram=load_dram(part) if part else None,
    )
    layer = conv_layer((wide, wide), deep, 16, 3)
    from dfsrt.network.network import Network

    load = workload(cost_network(Network("n", (layer,), params=0), npu), npu)
    by_memory = load.duration_ns.reshape(len(points), len(npu.opps))
    assert (np.diff(by_memory, axis=0) <= 0).all()
    assert (np.diff(by_memory, axis=1) <= 0).all()


def test_a_named_part_keeps_the_times_of_its_cells_and_the_energy_of_a_byte():
    npu = replace(two_by_two(), dram=load_dram("ddr4-2400"))
    slow, fast = at_memory_point(npu, 0).dram, at_memory_point(npu, 1).dram
    assert fast is npu.dram
    assert slow.peak_bytes_per_s == pytest.approx(fast.peak_bytes_per_s / 4)
    for name in ("cl", "trcd", "trp", "tras", "trc", "trfc", "trefi", "twr", "tfaw"):
        ns = [getattr(d.timing, name) * d.timing.tck_ns for d in (slow, fast)]
        assert ns[0] == pytest.approx(ns[1])
    burst_j = [
        s.voltage_uv * d.timing.tck_ns * d.timing.tccd_s * (s.idd4r_ma - s.idd3n_ma)
        for d in (slow, fast)
        for s in d.supplies[:1]
    ]
    assert burst_j[0] == pytest.approx(burst_j[1])


def test_joined_tables_have_the_levels_of_their_device():
    npu = two_by_two()
    tables = [tables_of(npu, name) for name in ("squeezenet", "alexnet")]
    whole = join_tables(tables, "both")
    assert whole.duration_ns.shape[1] == len(whole.levels) == 4
    assert np.array_equal(table_at(whole, 0).duration_ns, whole.duration_ns[:, :2])


def test_a_model_that_has_not_seen_a_memory_point_says_so():
    npu = load_device("rk3588-npu")
    blind = replace(choose_model("fitted", npu), memory_hz=(1_560_000_000,))
    notes = build_table(load_network("squeezenet"), npu, blind, seed=0).notes
    assert any("not trained with the memory at 528 MHz, 1.07 GHz:" in note for note in notes)
    seen = replace(blind, memory_hz=tuple(p.freq_hz for p in npu.memory.points))
    notes = build_table(load_network("squeezenet"), npu, seen, seed=0).notes
    assert not any("not trained" in note for note in notes)
