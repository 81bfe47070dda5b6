"""Limits: trips with hysteresis, caps by charge, zones that hold others down."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from dfsrt.device import Domain
from dfsrt.power.components import COMPONENTS
from dfsrt.run.meter import make_meter
from dfsrt.world.charge import pmic_efficiency
from dfsrt.world.components import load_component
from dfsrt.world.limits import set_limits
from dfsrt.world.state import FASTEST, End
from dfsrt.world.tick import close_tick
from dfsrt.world.use import Use
from dfsrt.world.zone import Trip, Zone
from tests.world.scenes import BASE, Around, number, table_of_two, world_of

S = 10**9


def display(**changes):
    fields = {
        "name": "display", "component": load_component("display"), "state": "half", "changes": (),
        "repeat_ns": None, "while_npu": None, "while_host": None, "per_frame": None,
        "rate_hz": (), "budget_w": None, "least_w": None, "weight": 1.0,
    }  # fmt: skip
    return Use(**(fields | changes))


def world_with(stop_ns=3600 * S, **changes):
    fields = {
        "zones": (), "trips": (), "uses": (), "ambient_changes": (), "start_c": None,
        "soc_caps": (),
    }  # fmt: skip
    around = Around(replace(BASE, **(fields | changes)), (), stop_ns)
    return world_of(around, table_of_two(), math.inf)


def test_a_trip_masks_points_from_its_temperature_until_it_is_cool_again():
    trip = Trip("die", 85.0, 80.0, 1, "test")
    world = world_with(trips=(trip,))
    seen = []
    for celsius in (84.9, 85.0, 82.0, 80.0, 79.9, 82.0):
        world.temp_c[world.die_node] = celsius
        set_limits(world, 1.0, 1.0)
        seen.append(world.state.max_level)
    assert seen == [FASTEST, 0, 0, 0, FASTEST, FASTEST]


def test_a_cap_by_charge_holds_at_and_below_its_charge():
    world = world_with(soc_caps=((0.2, 1.0), (0.05, 0.4)))
    seen = []
    for soc in (0.21, 0.2, 0.06, 0.05, 0.01):
        world.cell.soc = soc
        set_limits(world, 1.0, 1.0)
        seen.append(world.state.cap_w)
    assert seen == [math.inf, 1.0, 1.0, 0.4, 0.4]


def zone(**changes):
    fields = {
        "name": "z", "node": "skin", "switch_on_c": 38.0, "control_c": 43.0,
        "sustainable": number(2.5), "k_po": None, "k_pu": None, "k_i": None, "k_d": 0.0,
        "cutoff_c": 0.0,
    }  # fmt: skip
    return Zone(**(fields | changes))


def test_a_zone_limits_only_from_its_switch_on_and_forgets_below():
    world = world_with(zones=(zone(),))
    skin = world.zones[0].node
    world.actors[0].most_mw = 3000
    for celsius, limited in ((37.9, False), (43.5, True), (37.0, False)):
        world.temp_c[skin] = celsius
        set_limits(world, 2.0, 1.0)
        assert (world.state.npu_limit_w < math.inf) == limited
    assert world.zones[0].integral == 0


def test_an_actor_is_held_down_with_the_npu_but_not_below_its_least():
    """Half a degree over: 2500 mW - 512·500/1024... by the kernel's sums, then shared 1:1."""
    world = world_with(zones=(zone(sustainable=number(0.8)),), uses=(display(least_w=0.25),))
    world.actors[0].most_mw = 700
    world.temp_c[world.zones[0].node] = 44.0
    set_limits(world, 0.7, 1.0)
    # err = -1000 m°C: p = (800·1024 // 5000) = 163·-1000, i = 32·-1000: (-195,000)>>10 = -191.
    assert [actor.grant_mw for actor in world.actors] == [305, 305]  # 609 mW, each half rounded up
    assert world.parts[0].granted_w == pytest.approx(0.305)
    world.temp_c[world.zones[0].node] = 60.0
    set_limits(world, 0.7, 1.0)
    assert world.parts[0].granted_w == 0.25


def test_pmic_efficiency_is_linear_between_its_points_and_flat_beyond():
    world = world_with()
    loads, shares = world.pmic_load_w, world.pmic_efficiency
    assert pmic_efficiency(world, 0.0) == shares[0]
    assert pmic_efficiency(world, 100.0) == shares[-1]
    middle = (loads[0] + loads[1]) / 2
    assert pmic_efficiency(world, middle) == pytest.approx((shares[0] + shares[1]) / 2)


def test_a_tick_worked_by_hand():
    """A display of 0.7 W at the battery for 10 s, and an NPU that draws 0.2 W of uncore.

    The uncore is at a rail: at 0.2 W the PMIC's efficiency is 80 % + (0.1/0.9)·8 %.
    """
    world = world_with(uses=(display(),))
    meter = make_meter(table_of_two(), Domain.NPU)
    meter.tick_j[COMPONENTS.index("uncore")] = 2.0
    assert not close_tick(world, meter, 10 * S, 3, 0)
    efficiency = 0.80 + 0.1 / 0.9 * 0.08
    assert world.parts[0].spent_j == pytest.approx(7.0, rel=1e-12)
    assert world.npu_j.tolist() == [2.0 if name == "uncore" else 0.0 for name in COMPONENTS]
    assert set(meter.tick_j) == {0.0}
    assert world.state.pmic_j == pytest.approx(2.0 / efficiency - 2.0, rel=1e-12)
    assert world.state.power_w == pytest.approx(0.7 + 0.2 / efficiency, rel=1e-12)
    assert world.state.done == 3


def test_schedules_come_true_at_their_time_and_again_after_a_repeat():
    use = display(state="off", changes=((2 * S, "full"), (3 * S, "off")), repeat_ns=10 * S)
    world = world_with(uses=(use,), tick_ns=S)
    meter, on = make_meter(table_of_two(), Domain.NPU), []
    for second in range(1, 25):
        close_tick(world, meter, second * S, 0, 0)
        on.append(bool(world.parts[0].base_w))
    assert [k + 1 for k, lit in enumerate(on) if lit] == [2, 12, 22]


def test_samples_thin_out_and_keep_first_and_last():
    world = world_with(stop_ns=20_000 * S, tick_ns=S)
    meter = make_meter(table_of_two(), Domain.NPU)
    for second in range(1, 20_001):
        close_tick(world, meter, second * S, 0, 0)
    rows = world.samples[: world.state.n_samples]
    assert world.state.end == End.TIME
    assert 2000 < len(rows) <= 4096
    assert rows.time_s[0] == 1.0
    assert rows.time_s[-1] == 20_000.0
    assert (np.diff(rows.time_s) > 0).all()
