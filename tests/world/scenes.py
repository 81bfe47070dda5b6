"""Random worlds around random queues."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dfsrt.base.ranged import Ranged
from dfsrt.device import Domain
from dfsrt.device.idle import IdleState
from dfsrt.governor import make_governor
from dfsrt.governor.idle.timeout import Timeout
from dfsrt.run.cap import CapStep, PowerCap
from dfsrt.run.ended import joined_requests
from dfsrt.run.execution import Detail, Execution
from dfsrt.run.idle_tables import IdlePolicy
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.log import RunLog
from dfsrt.run.meter import Meter, make_meter
from dfsrt.run.scenario_load import load_scenario
from dfsrt.run.surroundings import Surroundings
from dfsrt.world.battery import load_battery
from dfsrt.world.build import build_world
from dfsrt.world.components import Component
from dfsrt.world.setting import Setting
from dfsrt.world.use import Use
from dfsrt.world.world import World, for_compiled
from dfsrt.world.zone import Trip, Zone
from tests.helpers.tiny import tiny_npu, tiny_table

BASE = load_scenario("infinite-zoom-phone").setting
STATES = (
    IdleState("nap", 0.01, 3_000, 5_000, 1e-6, 2e-6, leakage_share=0.5, rail_uv=800_000),
    IdleState("off", 0.0, 20_000, 70_000, 2e-6, 9e-6, uncore_w=0.0),
)


@dataclass(frozen=True)
class Around:
    """A setting, the cap's changes after its first limit, and when it all ends."""

    setting: Setting
    cap_changes: tuple[tuple[int, float], ...]
    stop_ns: int


def number(value: float) -> Ranged:
    return Ranged(value, value, value, "test")


def table_of_two() -> Any:
    """Two layers on the tiny device."""
    return tiny_table(tiny_npu(), [40_000, 20_000], [10_000, 50_000], [0.01, 0.02])


watts = st.sampled_from([0.0, 0.01, 0.3, 2.0])


@st.composite
def uses(draw: Any, number_of: int) -> Use:
    states = {"a": number(draw(watts)), "b": number(draw(watts))}
    component = Component(
        f"c{number_of}",
        "any",
        draw(st.sampled_from(["die", "board", "skin", "cell"])),
        draw(st.sampled_from(["battery", "rail"])),
        states,
        {"e": number(draw(st.sampled_from([0.0, 1e-5])))},
    )
    name = st.sampled_from(["a", "b", "off"])
    times = draw(st.lists(st.integers(1, 40), max_size=3, unique=True).map(sorted))
    changes = tuple((t * 130_000, draw(name)) for t in times)
    return Use(
        name=component.name,
        component=component,
        state=draw(name),
        changes=changes,
        repeat_ns=draw(st.sampled_from([None, 6_000_000])) if changes else None,
        while_npu=draw(st.sampled_from([None, "b"])),
        while_host=draw(st.sampled_from([None, "b"])),
        per_frame=draw(st.sampled_from([None, "e"])),
        rate_hz=(("e", draw(st.sampled_from([0.0, 1000.0]))),),
        budget_w=None,
        least_w=draw(st.sampled_from([None, 0.005])),
        weight=draw(st.sampled_from([0.5, 1.0, 3.0])),
    )


@st.composite
def arounds(draw: Any) -> Around:
    """Some milliseconds, with heat that moves and a battery that may end."""
    n = draw(st.integers(0, 3))
    fast = draw(st.sampled_from([1.0, 1e-4]))  # heat capacities: sluggish, or quick to run hot
    heat = replace(
        BASE.heat,
        nodes=tuple(
            replace(node, heat_capacity=number(node.heat_capacity.value * fast))
            for node in BASE.heat.nodes
        ),
    )
    zone = st.builds(
        Zone,
        name=st.just("z"),
        node=st.sampled_from(["die", "skin"]),
        switch_on_c=st.sampled_from([20.0, 26.0]),
        control_c=st.sampled_from([27.0, 60.0]),
        sustainable=st.sampled_from([0.02, 0.5]).map(number),
        k_po=st.none(),
        k_pu=st.none(),
        k_i=st.sampled_from([None, 0.0]),
        k_d=st.sampled_from([0.0, 1.0]),
        cutoff_c=st.just(0.0),
    )
    trip = st.builds(
        Trip,
        node=st.just("die"),
        above_c=st.sampled_from([25.5, 30.0]),
        below_c=st.sampled_from([25.2, 25.5]),
        max_freq_hz=st.sampled_from([1, 300_000_000]),
        source=st.just("test"),
    )
    battery = replace(
        load_battery("glasses-160"), capacity_ah=number(draw(st.sampled_from([0.16, 2e-6])))
    )
    setting = replace(
        BASE,
        tick_ns=draw(st.sampled_from([100_000, 370_001, 2_000_000])),
        soc_caps=draw(st.sampled_from([(), ((0.5, 0.1), (0.9999, 0.3))])),
        ambient_changes=draw(st.sampled_from([(), ((800_000, 60.0),)])),
        heat=heat,
        start_c=draw(st.sampled_from([None, 40.0])),
        zones=tuple(draw(st.lists(zone, max_size=2))),
        trips=tuple(draw(st.lists(trip, max_size=2))),
        battery=battery,
        charge=number(draw(st.sampled_from([1.0, 0.1]))),
        uses=tuple(draw(uses(k)) for k in range(n)),
    )
    cap_changes = draw(st.sampled_from([(), ((500_000, 0.05), (1_200_000, math.inf))]))
    return Around(setting, cap_changes, draw(st.sampled_from([900_001, 4_000_000])))


def world_of(around: Around, table: Any, cap_w: float) -> World:
    """Return the world around a table's layers."""
    predicted_w = table.predicted_w
    return build_world(
        around.setting,
        table.npu,
        float(predicted_w[np.isfinite(predicted_w)].max()),
        [(0, cap_w), *around.cap_changes],
        stop_ns=around.stop_ns,
        stop_requests=2**62,
        horizon_ns=around.stop_ns,
    )


@dataclass
class Lived:
    """What is left of a run in a world; ``requests`` are the ends of those that came."""

    world: World
    meter: Meter
    machine: Any
    transitions: Any
    requests: Any


class Ends:
    """Takes a run's log, and holds what became of requests and clocks."""

    def __init__(self) -> None:
        self.pieces: list[Any] = []
        self.transitions: Any = 0

    def add(self, log: RunLog) -> None:
        self.pieces.append(log.requests)
        self.transitions = self.transitions + log.transitions


def lived(
    around: Around,
    scene: Any,
    governor: str,
    cap_w: float,
    compiled: bool,
    domain: Domain = Domain.NPU,
    after_ns: int | None = None,
) -> Lived:
    """Return what is left of ``scene`` in the world around it.

    With ``after_ns`` its NPU has two idle states, and enters the deeper one after so much time.
    """
    table, plots, load, rule = scene
    idle = IdlePolicy()
    if after_ns is not None:
        table = replace(table, npu=replace(table.npu, idle=STATES))
        idle = IdlePolicy(Timeout(after=after_ns), orders=((0, -1), (10**6, 0), (2 * 10**6, -1)))
    world, ends = world_of(around, table, cap_w), Ends()
    steps = [CapStep(0, cap_w), *(CapStep(*change) for change in around.cap_changes)]
    surroundings = Surroundings(
        around.setting,
        for_compiled(world) if compiled else world,
        make_meter(table, domain, compiled),
    )
    run = Execution(
        table,
        make_governor(governor),
        PowerCap(tuple(steps), domain),
        LiveRequests(load, plots, rule, compiled=compiled),
        Detail(every_row=False, compiled=compiled),
        surroundings=surroundings,
        idle=idle,
    )
    run.stream([ends])
    requests = joined_requests(ends.pieces)
    around_it = surroundings.world, surroundings.meter
    return Lived(*around_it, run.machine, ends.transitions, requests)
