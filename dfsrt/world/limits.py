"""Limits that the world sets on the NPU: trips, thermal zones, state of charge."""

from __future__ import annotations

import math

from dfsrt.world.battery.pack import SOC
from dfsrt.world.heat import allocator
from dfsrt.world.heat.allocator import NODE, SWITCH_ON_MC, budget_mw, divide, reset
from dfsrt.world.world import CAP_W, GRID, LIMIT_W, MAX_LEVEL, World

FASTEST = 1_000_000
"""A level above any."""


def set_limits(world: World, npu_w: float, seconds: float) -> bool:
    """Work out all limits anew; return whether the NPU's have changed.

    ``npu_w`` is what it drew on average in the last ``seconds``.
    """
    limit = min(world.now[CAP_W], _by_charge(world))
    for k in range(len(world.zone)):
        limit = min(limit, _by_zone(world, k, npu_w, seconds))
    level = _by_trips(world)
    if limit == world.now[LIMIT_W] and level == world.clock[MAX_LEVEL]:
        return False
    world.now[LIMIT_W], world.clock[MAX_LEVEL] = limit, level
    return True


def _by_charge(world: World) -> float:
    """Return the limit at this state of charge: the least of those at or above it."""
    limit = math.inf
    for k in range(len(world.soc_cap)):
        if world.cell[SOC] <= world.soc_cap[k, 0]:
            limit = min(limit, world.soc_cap[k, 1])
    return limit


def _by_trips(world: World) -> int:
    """Return the fastest level that no trip forbids; a trip holds until it is cool again."""
    level = FASTEST
    for k in range(len(world.trip)):
        temp_c = world.temp_c[int(world.trip[k, 0])]
        if temp_c >= world.trip[k, 1]:
            world.tripped[k] = 1
        elif temp_c < world.trip[k, 2]:
            world.tripped[k] = 0
        if world.tripped[k]:
            level = min(level, int(world.trip[k, 3]))
    return level


def _by_zone(world: World, k: int, npu_w: float, seconds: float) -> float:
    """Let a thermal zone divide its budget; return what the NPU may draw, infinite when cool."""
    zone = world.zone[k]
    temp_mc = round(world.temp_c[zone[NODE]] * 1e3)
    if temp_mc < zone[SWITCH_ON_MC]:
        reset(zone)
        if k == 0:
            _free(world)
        world.zone_limit_w[k] = math.inf
        return math.inf
    _ask(world, npu_w)
    most = 0
    for a in range(len(world.most_mw)):
        most += world.most_mw[a]
    budget = budget_mw(zone, temp_mc, most, max(round(seconds * 1e3), 1))
    divide(world.request_mw, world.weight, world.most_mw, budget, world.grant_mw)
    _grant(world, k)
    world.zone_limit_w[k] = settled(
        world.zone_limit_w[k], world.grant_mw[0] * 1e-3, world.now[GRID]
    )
    return float(world.zone_limit_w[k])


def _ask(world: World, npu_w: float) -> None:
    """Write down what each actor asks for: what it draws, or would."""
    world.request_mw[0] = min(round(npu_w * 1e3), world.most_mw[0])
    for c in range(len(world.actor)):
        if world.actor[c] > 0:
            world.request_mw[world.actor[c]] = round(world.base_w[c] * 1e3)


def _free(world: World) -> None:
    for c in range(len(world.granted_w)):
        world.granted_w[c] = math.inf


def _grant(world: World, k: int) -> None:
    """Hand actors their grants; with several zones the least holds."""
    for c in range(len(world.actor)):
        if world.actor[c] > 0:
            grant = max(world.grant_mw[world.actor[c]] * 1e-3, world.least_w[c])
            world.granted_w[c] = grant if k == 0 else min(grant, world.granted_w[c])


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


HELPERS = (
    *allocator.HELPERS,
    _by_charge,
    _by_trips,
    _by_zone,
    _ask,
    _free,
    _grant,
    on_grid,
    settled,
    set_limits,
)
