"""The runtime against a plain loop that shares no code with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.device.npu import Domain
from dfsrt.governor.plan import Plan
from dfsrt.run import CapStep, PowerCap, constant_cap
from tests.helpers.naive import Device, naive_highest, naive_run
from tests.helpers.serve import run_frames
from tests.helpers.strategies import caps_w, plans, tables
from tests.helpers.tiny import Fixed, clock_shares


def naive_device(table):
    npu = table.npu
    return Device(
        freqs=list(npu.opps.freqs_hz),
        needs=list(npu.opps.rails_uv),
        switch=npu.clock.freq_switch_ns,
        command=npu.rail.command_ns,
        slew=npu.rail.slew_uv_per_us,
        settle=npu.rail.settle_ns,
        efficiency=npu.rail.efficiency,
        clock=npu.silicon.clock_farad,
        leakage=[(t.power_w, t.exponent) for t in npu.silicon.leakage],
        dram_pj_per_byte=8 * npu.silicon.dram_pj_per_bit,
        uncore_w=npu.silicon.uncore_w,
        fixed_w=npu.silicon.fixed_w,
    )


def flowing(table):
    """The clock tree's share by layer and level, from the cycles and bytes that the tests gave."""
    load = table.load
    counts = zip(load.macs.tolist(), load.dram_bytes.tolist(), strict=True)
    return [clock_shares(table.npu, cycles, moved) for cycles, moved in counts]


def assert_same(log, expected):
    rows = zip(log.start_ns, log.end_ns, log.stall_ns, log.level, strict=True)
    assert [tuple(int(v) for v in row) for row in rows] == expected.rows
    assert len(log.moves) == expected.moves
    rail_j = log.energy_j[:, :5].sum(axis=1)
    assert rail_j == pytest.approx(expected.rail_j, rel=1e-9, abs=1e-18)
    other_j = log.energy_j[:, 5:].sum(axis=1)
    assert other_j == pytest.approx(expected.other_j, rel=1e-9, abs=1e-18)
    in_domain = {"npu": rail_j, "system": rail_j + other_j}
    if log.cap.domain in in_domain:
        assert log.domain_energy_j() == pytest.approx(in_domain[log.cap.domain], abs=1e-18)


def allowed(levels, rails, needs):
    """Levels lowered to what their own layer's set point allows, as a runtime must."""
    return [max(k for k in range(level + 1) if needs[k] <= uv or k == 0)
            for level, uv in zip(levels, rails, strict=True)]  # fmt: skip


@settings(max_examples=300)
@given(st.data())
def test_any_plan_runs_as_the_plain_loop_says(data):
    table = data.draw(tables())
    levels, rail = data.draw(plans(table))
    device = naive_device(table)
    rail = [max(uv, device.needs[0]) for uv in rail]
    frames = data.draw(st.integers(1, 4))
    cap = constant_cap(1.0, data.draw(st.sampled_from(list(Domain))))
    log = run_frames(table, Fixed(levels, rail, sees_cap=False), cap, frames)
    plan = (allowed(levels, rail, device.needs), rail)
    switched = table.plant.switched_farad.tolist()
    moved = table.load.dram_bytes.tolist()
    expected = naive_run(
        device, table.duration_ns.tolist(), switched, moved, flowing(table), [plan], [0], frames
    )
    assert_same(log, expected)


class HighestClock:
    """The plain loops' own policy, as a governor: what it plans is not what is tested here."""

    def __init__(self, device):
        self.device = device

    def plan(self, view):
        duration, predicted = view.duration_ns.tolist(), view.predicted_w.tolist()
        level, rail_uv = naive_highest(self.device, duration, predicted, view.cap_w)
        return Plan(np.array(level), np.array(rail_uv))


@settings(max_examples=300)
@given(st.data())
def test_a_governor_under_a_changing_cap_runs_as_the_plain_loop_says(data):
    table = data.draw(tables())
    device = naive_device(table)
    times = sorted(data.draw(st.sets(st.integers(1, 2_000_000), max_size=3)))
    limits = [data.draw(caps_w) for _ in range(len(times) + 1)]
    cap = PowerCap(tuple(CapStep(t, w) for t, w in zip([0, *times], limits, strict=True)))
    frames = data.draw(st.integers(1, 5))
    log = run_frames(table, HighestClock(device), cap, frames)
    duration, predicted = table.duration_ns.tolist(), table.predicted_w.tolist()
    plan_list = [naive_highest(device, duration, predicted, limit) for limit in limits]
    switched = table.plant.switched_farad.tolist()
    moved = table.load.dram_bytes.tolist()
    expected = naive_run(
        device, duration, switched, moved, flowing(table), plan_list, [0, *times], frames
    )
    assert_same(log, expected)
    assert log.cap_w.tolist() == [
        limits[int(np.searchsorted([0, *times], b, side="right")) - 1] for b in log.begin_ns
    ]
