"""``power_allocator``: the kernel's intelligent power allocation, in its own whole numbers.

Temperatures are in m°C, powers in mW, gains have ten fractional bits, as in the kernel; so a
trace of a phone's thermal zone can be laid beside ours digit by digit.

Source: Linux ``drivers/thermal/gov_power_allocator.c`` (equations and defaults) and
``Documentation/driver-api/thermal/power_allocator.rst``. Shares are of weighted requests, as in
the documentation; one kernel series divided the unweighted ones by the weighted total.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

FRAC_BITS = 10


@dataclass(slots=True)
class ZoneState:
    """A thermal zone: what it is, then where its controller stands.

    ``sustainable_mw`` is what it can get rid of for ever. Gains are in mW per m°C with fractional
    bits: ``k_po`` over the control temperature, ``k_pu`` under it, ``k_i`` for the accumulated
    error and ``k_d`` for its change. Under the error ``cutoff_mc`` it is accumulated, in
    ``integral``; ``before`` is the error of the last poll, both in m°C with fractional bits.
    ``npu_w`` is what the zone leaves the NPU, infinite while it is cool.
    """

    node: int
    switch_on_mc: int
    control_mc: int
    sustainable_mw: int
    k_po: int
    k_pu: int
    k_i: int
    k_d: int
    cutoff_mc: int
    integral: int = 0
    before: int = 0
    npu_w: float = math.inf


@dataclass(slots=True)
class Actor:
    """One of those among whom zones share: what it asks for, may have at most, and is granted.

    ``weight`` has ten fractional bits: 1024 is 1.
    """

    weight: int
    most_mw: int
    request_mw: int = 0
    grant_mw: int = 0


def make_zone(
    node: int,
    switch_on_mc: int,
    control_mc: int,
    sustainable_mw: int,
    k_po: int | None = None,
    k_pu: int | None = None,
    k_i: int | None = None,
    k_d: int = 0,
    cutoff_mc: int = 0,
) -> ZoneState:
    """Return a zone at rest; gains that are not given are the kernel's estimates."""
    span = control_mc - switch_on_mc
    pu = (2 * sustainable_mw << FRAC_BITS) // span if k_pu is None else k_pu
    po = (sustainable_mw << FRAC_BITS) // span if k_po is None else k_po
    i = max(pu // 10, 1) if k_i is None else k_i
    return ZoneState(node, switch_on_mc, control_mc, sustainable_mw, po, pu, i, k_d, cutoff_mc)


def mul_frac(x: int, y: int) -> int:
    """Multiply two numbers with fractional bits."""
    return (x * y) >> FRAC_BITS


def div_frac(x: int, y: int) -> int:
    """Divide two numbers with fractional bits as C does, towards zero."""
    top = abs(x) << FRAC_BITS
    return top // y if x >= 0 else -(top // y)


def budget_mw(zone: ZoneState, temp_mc: int, max_mw: int, poll_ms: int) -> int:
    """Return the power that the zone may spend until the next poll, and remember the error."""
    err = (zone.control_mc - temp_mc) << FRAC_BITS
    p = mul_frac(zone.k_po if err < 0 else zone.k_pu, err)
    i = mul_frac(zone.k_i, zone.integral)
    if err < zone.cutoff_mc << FRAC_BITS:
        following = i + mul_frac(zone.k_i, err)
        if abs(following) < max_mw << FRAC_BITS:
            i = following
            zone.integral += err
    # The kernel's own scaling: the milliseconds have no fractional bits to lose.
    d = div_frac(mul_frac(zone.k_d, err - zone.before), poll_ms)
    zone.before = err
    wish = zone.sustainable_mw + ((p + i + d) >> FRAC_BITS)
    return int(min(max(wish, 0), max_mw))


def divide(actors: Sequence[Actor], budget: int) -> None:
    """Share ``budget`` among ``actors``, of which there is one at least, into their grants.

    By their weighted requests; what an actor cannot use goes to the others by how far they are
    from their most.
    """
    total = 0
    for actor in actors:
        total += (actor.weight * actor.request_mw) >> FRAC_BITS
    total = max(total, 1)
    extra, room = 0, 0
    for actor in actors:
        wish = ((actor.weight * actor.request_mw) >> FRAC_BITS) * budget
        grant = (wish + total // 2) // total
        actor.grant_mw = min(grant, actor.most_mw)
        extra += grant - actor.grant_mw
        room += actor.most_mw - actor.grant_mw
    if extra == 0 or room == 0:
        return
    extra = min(extra, room)
    for actor in actors:
        more = (actor.most_mw - actor.grant_mw) * extra
        actor.grant_mw += (more + room // 2) // room


def reset(zone: ZoneState) -> None:
    """Forget what was accumulated: the zone is cool."""
    zone.integral = 0
    zone.before = 0
