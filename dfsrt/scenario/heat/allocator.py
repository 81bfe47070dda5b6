"""``power_allocator``: the kernel's intelligent power allocation, in its own whole numbers.

Temperatures are in m°C, powers in mW, gains have ten fractional bits, as in the kernel; so a
trace of a phone's thermal zone can be laid beside ours digit by digit.

Source: Linux ``drivers/thermal/gov_power_allocator.c`` (equations and defaults) and
``Documentation/driver-api/thermal/power_allocator.rst``. Shares are of weighted requests, as in
the documentation; one kernel series divided the unweighted ones by the weighted total.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
FRAC_BITS = 10

# Places in ``Zone.now``.
INTEGRAL = 0  # accumulated error, m°C with fractional bits
BEFORE = 1  # the error of the last poll, likewise
SIZE = 2


class Zone(NamedTuple):
    """A thermal zone: what it controls for, its gains, and where the controller stands.

    Temperatures in m°C, ``sustainable_mw`` what the zone can get rid of for ever, gains in mW
    per m°C with ten fractional bits, ``cutoff_mc`` the error under which it is integrated.
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
    now: Ints


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
) -> Zone:
    """Return a zone at rest; gains that are not given are the kernel's estimates."""
    span = control_mc - switch_on_mc
    pu = (2 * sustainable_mw << FRAC_BITS) // span if k_pu is None else k_pu
    return Zone(
        node,
        switch_on_mc,
        control_mc,
        sustainable_mw,
        (sustainable_mw << FRAC_BITS) // span if k_po is None else k_po,
        pu,
        max(pu // 10, 1) if k_i is None else k_i,
        k_d,
        cutoff_mc,
        np.zeros(SIZE, dtype=np.int64),
    )


def mul_frac(x: int, y: int) -> int:
    """Multiply two numbers with fractional bits."""
    return (x * y) >> FRAC_BITS


def div_frac(x: int, y: int) -> int:
    """Divide a number with fractional bits by a whole one as C does, towards zero."""
    top = abs(x) << FRAC_BITS
    return top // y if x >= 0 else -(top // y)


def budget_mw(zone: Zone, temp_mc: int, max_mw: int, poll_ms: int) -> int:
    """Return the power that the zone may spend until the next poll, and remember the error."""
    err = (zone.control_mc - temp_mc) << FRAC_BITS
    p = mul_frac(zone.k_po if err < 0 else zone.k_pu, err)
    i = mul_frac(zone.k_i, zone.now[INTEGRAL])
    if err < zone.cutoff_mc << FRAC_BITS:
        following = i + mul_frac(zone.k_i, err)
        if abs(following) < max_mw << FRAC_BITS:
            i = following
            zone.now[INTEGRAL] += err
    d = div_frac(mul_frac(zone.k_d, err - zone.now[BEFORE]), poll_ms) >> FRAC_BITS
    zone.now[BEFORE] = err
    wish = zone.sustainable_mw + ((p + i + d) >> FRAC_BITS)
    return min(max(wish, 0), max_mw)


def divide(request_mw: Ints, weight: Ints, max_mw: Ints, budget: int, granted_mw: Ints) -> None:
    """Share ``budget`` among actors by their weighted requests into ``granted_mw``, all ``(n,)``.

    ``weight`` has ten fractional bits: 1024 is 1. What an actor cannot use goes to the others by
    how far they are from their most.
    """
    n, total = len(request_mw), 0
    for k in range(n):
        total += (weight[k] * request_mw[k]) >> FRAC_BITS
    total = max(total, 1)
    extra, room = 0, 0
    for k in range(n):
        wish = ((weight[k] * request_mw[k]) >> FRAC_BITS) * budget
        granted_mw[k] = (wish + total // 2) // total
        if granted_mw[k] > max_mw[k]:
            extra += granted_mw[k] - max_mw[k]
            granted_mw[k] = max_mw[k]
        room += max_mw[k] - granted_mw[k]
    if extra == 0 or room == 0:
        return
    extra = min(extra, room)
    for k in range(n):
        more = (max_mw[k] - granted_mw[k]) * extra
        granted_mw[k] += (more + room // 2) // room


def reset(zone: Zone) -> None:
    """Forget what was accumulated: the zone is cool."""
    zone.now[INTEGRAL] = 0
    zone.now[BEFORE] = 0


HELPERS = (mul_frac, div_frac, budget_mw, divide, reset)
