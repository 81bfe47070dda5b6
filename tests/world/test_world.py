"""The world: energy conserved from battery to layers, machine code as plain Python."""

from __future__ import annotations

import math
from dataclasses import astuple, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.device import Domain
from dfsrt.device.rules import leakage_at_temperature
from dfsrt.governor import make_governor
from dfsrt.run.book import Book
from dfsrt.run.execution import Detail, Execution
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.meter import make_meter
from dfsrt.world.limits import on_grid, settled
from dfsrt.world.state import FASTEST, End
from tests.run.test_compiled_and_plain import GOVERNORS, caps
from tests.run.test_queue import scenes
from tests.world.scenes import arounds, lived

BLIND = ("performance", "dfs", "segment-dvfs", "app-dvfs", "dvfs", "simple_ondemand")
limits_w = st.sampled_from([math.inf, 2.0, 0.05])
sleeps_ns = st.sampled_from([None, None, 0, 30_000])
"""Time without work until an NPU with idle states sleeps; None for one without."""


def run_or_skip(*args, **options):
    """A battery that cannot carry what rests is refused at the start: nothing to compare."""
    try:
        return lived(*args, **options)
    except InputError:
        assume(False)
        raise


@settings(max_examples=150, deadline=None)
@given(
    arounds(), scenes(), st.sampled_from(BLIND), limits_w, st.sampled_from(list(Domain)), sleeps_ns
)
def test_energy_is_conserved_from_the_battery_to_the_layers(
    around, scene, governor, cap_w, domain, after_ns
):
    done = run_or_skip(
        around, scene, governor, cap_w, compiled=True, domain=domain, after_ns=after_ns
    )
    world, book = done.world, done.world.cell_book
    spent = [*(part.spent_j for part in world.parts), *world.npu_j, world.state.pmic_j]
    used = math.fsum(spent)
    assert book.delivered_j == pytest.approx(used, rel=1e-9, abs=1e-12)
    lost = book.ohmic_j + book.rc_j + book.stored_j
    assert book.chemical_j == pytest.approx(used + lost, rel=1e-9, abs=1e-12)
    # What layers took, and what flowed while nothing ran, is the NPU's.
    booked_j = done.meter.joules().sum(axis=0)
    # All but the tick in which the battery ended.
    assert (world.npu_j <= booked_j * (1 + 1e-9) + 1e-15).all()
    whole = world.state.end not in (End.EMPTY, End.BROWN_OUT)
    assert not whole or world.npu_j == pytest.approx(booked_j, rel=1e-9, abs=1e-15)


def numbers_of(state):
    """The fields of a state, be it a dataclass or a record, in their order."""
    return astuple(state) if is_dataclass(state) else state.item()


@settings(max_examples=150, deadline=None)
@given(
    arounds(), scenes(), st.sampled_from(BLIND), limits_w, st.sampled_from(list(Domain)), sleeps_ns
)
def test_machine_code_lives_as_plain_python_does(around, scene, governor, cap_w, domain, after_ns):
    slow, fast = (
        run_or_skip(
            around, scene, governor, cap_w, compiled=compiled, domain=domain, after_ns=after_ns
        )
        for compiled in (False, True)
    )
    for name in ("now_ns", "next_ns", "next_event", "done", "end", "max_level", "n_samples",
                 "ticks", "limit_changes"):  # fmt: skip
        assert getattr(fast.world.state, name) == getattr(slow.world.state, name), name
    np.testing.assert_array_equal(fast.requests.finish_ns, slow.requests.finish_ns)
    np.testing.assert_array_equal(fast.transitions, slow.transitions)
    assert fast.machine.moves == slow.machine.moves
    for name in ("state", "cell", "cell_book"):
        one, two = (numbers_of(getattr(run.world, name)) for run in (fast, slow))
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-13, err_msg=name)
    for one, two in zip(fast.world.parts, slow.world.parts, strict=True):
        np.testing.assert_allclose(numbers_of(one), numbers_of(two), rtol=1e-9, atol=1e-13)
    for name in ("temp_c", "temp_max_c", "npu_j"):
        one, two = getattr(fast.world, name), getattr(slow.world, name)
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-13, err_msg=name)
    np.testing.assert_allclose(fast.meter.layer_j, slow.meter.layer_j, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(fast.meter.layer_ns, slow.meter.layer_ns)


@settings(max_examples=100, deadline=None)
@given(scenes(), caps(), st.sampled_from(GOVERNORS[:5]))
def test_the_meter_books_what_the_rows_of_a_run_add_up_to(scene, cap, governor):
    """At one temperature the meter and the books over rows are two ways to the same joules."""
    table, plots, load, rule = scene
    requests = LiveRequests(load, plots, rule, compiled=True)
    run = Execution(
        table, make_governor(governor), cap, requests, Detail(every_row=False, compiled=True)
    )
    meter = make_meter(table, Domain.SYSTEM, compiled=True)
    silicon, hidden = table.npu.silicon, table.npu.hidden
    meter.now.heat = leakage_at_temperature(
        silicon.leakage_per_c, hidden.temp_c, silicon.ref_temp_c
    )
    run._meter = meter
    book = Book(table, cap)
    run.stream([book])
    np.testing.assert_allclose(meter.joules()[:-1], book.energy_j, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(meter.joules()[-1], book.idle_j, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(meter.tick_j, book.component_j, rtol=1e-9, atol=1e-15)


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
    around, scene = tiny_scene
    around = replace(around, setting=replace(around.setting, soc_caps=()))
    done = lived(around, scene, "performance", math.inf, compiled=False)
    state = done.world.state
    assert state.max_level == FASTEST
    assert state.cap_w == state.npu_limit_w == math.inf
