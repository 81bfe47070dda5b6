"""The account of sleep: what each stretch of idle time took, and what the oracle had spent on it.

Whole picojoules, so that stretches that repeat may be multiplied.
"""

from __future__ import annotations

from dfsrt.run.machine import Device, Machine, Out


def close_account(m: Machine, device: Device, out: Out, point: int) -> None:
    """Book the stretch that ends now against the cheapest way through as long a one."""
    idle = device.idle
    best_j = cheapest_j(device, point, m.now_ns - m.idle_since_ns)
    place = 3 * idle.states
    out.sleeps[place] += round(m.spent_j * 1e12)
    out.sleeps[place + 1] += round(min(best_j, m.spent_j) * 1e12)
    out.sleeps[place + 2] += 1


def cheapest_j(device: Device, point: int, gap_ns: int) -> float:
    """Return the least that a gap can take whose end is known, delaying nobody.

    Up all the time, or in a state that is entered at once and left in time.
    """
    truth = device.idle.truth
    best_j = truth.up_w[point] * gap_ns * 1e-9
    for k in range(device.idle.states):
        rest_ns = gap_ns - truth.entry_ns[k] - truth.exit_ns[k]
        if rest_ns >= 0:
            taken_j = truth.entry_j[k] + truth.exit_j[k] + truth.power_w[k] * rest_ns * 1e-9
            best_j = min(best_j, taken_j)
    return float(best_j)
