"""The world: energy conserved from battery to layers, two engines alike, limits as told."""

from __future__ import annotations

import math
from dataclasses import astuple, is_dataclass

import numpy as np
import pytest
from dfsrt.report.life_summary import npu_joules
from dfsrt.report.totals import Totals
from dfsrt.run.living import Living
from dfsrt.run.living_kernel import LivingKernel
from dfsrt.run.metering import make_meter
from dfsrt.run.replay_engine import KernelReplay
from dfsrt.run.requests import make_queue
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.run.test_kernel import GOVERNORS, caps
from tests.run.test_replay import scenes

from dfsrt.base.errors import InputError
from dfsrt.device import Domain
from dfsrt.device.rules import leakage_at_temperature
from dfsrt.run import metering
from dfsrt.world.limits import on_grid, settled
from dfsrt.world.state import FASTEST
from tests.world.scenes import lived, scenarios

BLIND = ("performance", "dfs", "segment-dvfs", "app-dvfs", "dvfs", "simple_ondemand")
limits_w = st.sampled_from([math.inf, 2.0, 0.05])


def run_or_skip(engine, scenario, scene, governor, cap_w):
    """A battery that cannot carry what rests is refused at the start: nothing to compare."""
    try:
        return lived(engine, scenario, scene, governor, cap_w)
    except InputError:
        assume(False)
        raise


@settings(max_examples=150, deadline=None)
@given(scenarios(), scenes(), st.sampled_from(BLIND), limits_w)
def test_energy_is_conserved_from_the_battery_to_the_layers(scenario, scene, governor, cap_w):
    done = run_or_skip(LivingKernel, scenario, scene, governor, cap_w)
    world, book = done.world, done.world.cell_book
    npu_j = math.fsum(npu_joules(world).values())
    used = math.fsum(part.spent_j for part in world.parts) + npu_j + world.state.pmic_j
    assert book.delivered_j == pytest.approx(used, rel=1e-9, abs=1e-12)
    lost = book.ohmic_j + book.rc_j + book.stored_j
    assert book.chemical_j == pytest.approx(used + lost, rel=1e-9, abs=1e-12)
    # What layers took, and what flowed while nothing ran, is the NPU's.
    assert done.meter.layer_j.sum() <= npu_j * (1 + 1e-9) + 1e-15


def numbers_of(state):
    """The fields of a state, be it a dataclass or a record, in their order."""
    return astuple(state) if is_dataclass(state) else state.item()


@settings(max_examples=150, deadline=None)
@given(scenarios(), scenes(), st.sampled_from(BLIND), limits_w)
def test_the_kernel_lives_as_the_simpy_path_does(scenario, scene, governor, cap_w):
    slow = run_or_skip(Living, scenario, scene, governor, cap_w)
    fast = run_or_skip(LivingKernel, scenario, scene, governor, cap_w)
    for name in ("now_ns", "next_ns", "next_event", "done", "end", "max_level", "n_samples",
                 "ticks", "limit_changes"):  # fmt: skip
        assert getattr(fast.world.state, name) == getattr(slow.world.state, name), name
    np.testing.assert_array_equal(fast.queue.finish_ns, slow.queue.finish_ns)
    np.testing.assert_array_equal(fast.transitions, slow.transitions)
    assert fast.moves == slow.moves
    for name in ("state", "cell", "cell_book", "npu"):
        one, two = (numbers_of(getattr(run.world, name)) for run in (fast, slow))
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-13, err_msg=name)
    for one, two in zip(fast.world.parts, slow.world.parts, strict=True):
        np.testing.assert_allclose(numbers_of(one), numbers_of(two), rtol=1e-9, atol=1e-13)
    for name in ("temp_c", "temp_max_c"):
        one, two = getattr(fast.world, name), getattr(slow.world, name)
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-13, err_msg=name)
    for name in ("layer_j", "layer_s", "level_s"):
        one, two = getattr(fast.meter, name), getattr(slow.meter, name)
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-15, err_msg=name)


@settings(max_examples=100, deadline=None)
@given(scenes(), caps(), st.sampled_from(GOVERNORS[:5]))
def test_the_meter_books_what_the_rows_of_a_replay_add_up_to(scene, cap, governor):
    """At one temperature the meter and the books over rows are two ways to the same joules."""
    from dfsrt.governor import make_governor

    table, plots, requests, rule = scene
    queue = make_queue(requests, plots, rule)
    runtime = KernelReplay(table, make_governor(governor), cap, queue)
    meter = metering.for_compiled(make_meter(table, Domain.SYSTEM))
    silicon, hidden = table.npu.silicon, table.npu.hidden
    meter.now.heat = leakage_at_temperature(
        silicon.leakage_per_c, hidden.temp_c, silicon.ref_temp_c
    )
    runtime._meter = meter
    totals = Totals(table, cap)
    runtime.stream(totals)
    np.testing.assert_allclose(metering.joules(meter), totals.energy_j, rtol=1e-9, atol=1e-15)


def test_limits_snap_down_to_a_grid_and_never_up():
    for watts in (0.0011, 0.5, 1.0, 1.02, 3.7):
        found = on_grid(watts, 0.02)
        assert found <= watts * (1 + 1e-9)
        assert found * 1.0200001 >= watts * (1 - 1e-9)
    assert on_grid(0.0, 0.02) == 1e-3


def test_a_limit_stays_while_the_budget_is_within_two_steps_above_it():
    limit = on_grid(1.0, 0.02)
    assert settled(limit, limit, 0.02) == limit
    assert settled(limit, limit * 1.04, 0.02) == limit
    assert settled(limit, limit * 1.05, 0.02) > limit
    assert settled(limit, limit * 0.999, 0.02) < limit
    assert settled(math.inf, 0.5, 0.02) <= 0.5


def test_a_world_without_heat_limits_lets_every_clock_run(tiny_scene):
    scenario, scene = tiny_scene
    done = lived(Living, scenario, scene, "performance", math.inf)
    assert done.world.state.max_level == FASTEST
    assert done.world.state.cap_w == done.world.state.npu_limit_w == math.inf
