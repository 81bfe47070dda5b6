"""Limits that the world sets on the NPU: trips, thermal zones, state of charge."""

from __future__ import annotations

import math

from dfsrt.world.heat.allocator import ZoneState, budget_mw, divide, reset
from dfsrt.world.state import FASTEST
from dfsrt.world.world import World


def set_limits(world: World, npu_w: float, seconds: float) -> bool:
    """Work out all limits anew; return whether any of the NPU's has changed.

    ``npu_w`` is what it drew on average in the last ``seconds``. The schedule's cap and caps by
    charge are in the cap's domain, the grants of zones in watts of the NPU's own: two limits.
    """
    state = world.state
    cap_w, npu_limit_w = min(state.schedule_w, _by_charge(world)), math.inf
    for k in range(len(world.zones)):
        npu_limit_w = min(npu_limit_w, _by_zone(world, k, npu_w, seconds))
    level = _by_trips(world)
    if cap_w == state.cap_w and npu_limit_w == state.npu_limit_w and level == state.max_level:
        return False
    state.cap_w, state.npu_limit_w, state.max_level = cap_w, npu_limit_w, level
    return True


def is_limited(world: World) -> bool:
    """Return whether heat or charge may hold the NPU under the schedule's cap.

    In whatever domain that is: the NPU's own watts are within it.
    """
    state = world.state
    least_w = min(state.cap_w, state.npu_limit_w)
    return bool(least_w < state.schedule_w or state.max_level < FASTEST)


def _by_charge(world: World) -> float:
    """Return the limit at this state of charge: the least of those at or above it."""
    limit_w = math.inf
    for cap in world.soc_caps:
        if world.cell.soc <= cap.charge:
            limit_w = min(limit_w, cap.limit_w)
    return limit_w


def _by_trips(world: World) -> int:
    """Return the fastest level that no trip forbids; a trip holds until it is cool again."""
    level = FASTEST
    for trip in world.trips:
        temp_c = world.temp_c[trip.node]
        if temp_c >= trip.above_c:
            trip.holds = True
        elif temp_c < trip.below_c:
            trip.holds = False
        if trip.holds:
            level = min(level, trip.level)
    return level


def _by_zone(world: World, k: int, npu_w: float, seconds: float) -> float:
    """Let a thermal zone divide its budget; return what the NPU may draw, infinite when cool."""
    zone = world.zones[k]
    temp_mc = round(world.temp_c[zone.node] * 1e3)
    if temp_mc < zone.switch_on_mc:
        _let_go(world, zone, k == 0)
        return math.inf
    _ask(world, npu_w)
    most_mw = 0
    for actor in world.actors:
        most_mw += actor.most_mw
    divide(world.actors, budget_mw(zone, temp_mc, most_mw, max(round(seconds * 1e3), 1)))
    _grant(world, k == 0)
    zone.npu_w = settled(zone.npu_w, world.actors[0].grant_mw * 1e-3, world.grid)
    return float(zone.npu_w)


def _let_go(world: World, zone: ZoneState, first: bool) -> None:
    """Let a cool zone forget; where it is the first, parts are free until another holds them."""
    reset(zone)
    zone.npu_w = math.inf
    if first:
        for part in world.parts:
            part.granted_w = math.inf


def _ask(world: World, npu_w: float) -> None:
    """Write down what each actor asks for: what it draws, or would."""
    npu = world.actors[0]
    npu.request_mw = min(round(npu_w * 1e3), npu.most_mw)
    for part in world.parts:
        if part.actor > 0:
            world.actors[part.actor].request_mw = round(part.base_w * 1e3)


def _grant(world: World, first: bool) -> None:
    """Hand parts their grants; with several zones the least holds."""
    for part in world.parts:
        if part.actor > 0:
            grant_w = max(world.actors[part.actor].grant_mw * 1e-3, part.least_w)
            part.granted_w = grant_w if first else min(grant_w, part.granted_w)


def settled(before_w: float, watts: float, share: float) -> float:
    """Return the limit for a budget: the one before, while it is within and hardly too low."""
    if before_w <= watts < before_w * (1 + share) ** 2:
        return before_w
    return on_grid(watts, share)


def on_grid(watts: float, share: float) -> float:
    """Return the next limit down that is a whole power of 1 + ``share``, in W.

    A budget that moves by a milliwatt is not worth a plan.
    """
    if watts < 1e-3:
        return 1e-3
    return math.exp(math.floor(math.log(watts) / math.log1p(share) + 1e-9) * math.log1p(share))
