"""``power_allocator``: the kernel's intelligent power allocation, in its own whole numbers.

Temperatures are in m°C, powers in mW, gains have ten fractional bits, as in the kernel; so a
trace of a phone's thermal zone can be laid beside ours digit by digit.

Source: Linux ``drivers/thermal/gov_power_allocator.c`` (equations and defaults) and
``Documentation/driver-api/thermal/power_allocator.rst``. Shares are of weighted requests, as in
the documentation; one kernel series divided the unweighted ones by the weighted total.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
FRAC_BITS = 10

# Places in a zone's array, whole numbers all: what it is, then where its controller stands.
NODE = 0
SWITCH_ON_MC = 1
CONTROL_MC = 2
SUSTAINABLE_MW = 3  # what it can get rid of for ever
K_PO = 4  # gains in mW per m°C, with fractional bits: over the control temperature,
K_PU = 5  # under it,
K_I = 6  # for the accumulated error
K_D = 7  # and for its change
CUTOFF_MC = 8  # the error under which it is accumulated
INTEGRAL = 9  # accumulated error, m°C with fractional bits
BEFORE = 10  # the error of the last poll, likewise
SIZE = 11


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
) -> Ints:
    """Return a zone at rest; gains that are not given are the kernel's estimates."""
    span = control_mc - switch_on_mc
    pu = (2 * sustainable_mw << FRAC_BITS) // span if k_pu is None else k_pu
    po = (sustainable_mw << FRAC_BITS) // span if k_po is None else k_po
    zone = np.zeros(SIZE, dtype=np.int64)
    zone[:INTEGRAL] = (
        node, switch_on_mc, control_mc, sustainable_mw, po, pu,
        max(pu // 10, 1) if k_i is None else k_i, k_d, cutoff_mc,
    )  # fmt: skip
    return zone


def mul_frac(x: int, y: int) -> int:
    """Multiply two numbers with fractional bits."""
    return (x * y) >> FRAC_BITS


def div_frac(x: int, y: int) -> int:
    """Divide two numbers with fractional bits as C does, towards zero."""
    top = abs(x) << FRAC_BITS
    return top // y if x >= 0 else -(top // y)


def budget_mw(zone: Ints, temp_mc: int, max_mw: int, poll_ms: int) -> int:
    """Return the power that the zone may spend until the next poll, and remember the error."""
    err = (zone[CONTROL_MC] - temp_mc) << FRAC_BITS
    p = mul_frac(zone[K_PO] if err < 0 else zone[K_PU], err)
    i = mul_frac(zone[K_I], zone[INTEGRAL])
    if err < zone[CUTOFF_MC] << FRAC_BITS:
        following = i + mul_frac(zone[K_I], err)
        if abs(following) < max_mw << FRAC_BITS:
            i = following
            zone[INTEGRAL] += err
    # The kernel's own scaling: the milliseconds have no fractional bits to lose.
    d = div_frac(mul_frac(zone[K_D], err - zone[BEFORE]), poll_ms)
    zone[BEFORE] = err
    wish = zone[SUSTAINABLE_MW] + ((p + i + d) >> FRAC_BITS)
    return int(min(max(wish, 0), max_mw))


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


def reset(zone: Ints) -> None:
    """Forget what was accumulated: the zone is cool."""
    zone[INTEGRAL] = 0
    zone[BEFORE] = 0


HELPERS = (mul_frac, div_frac, budget_mw, divide, reset)
