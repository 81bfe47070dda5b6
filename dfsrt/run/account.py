"""The account of sleep: what each stretch of idle time took, and what the oracle had spent on it.

Whole picojoules, so that stretches that repeat may be multiplied.
"""

from __future__ import annotations

from dfsrt.run.machine import Device, Machine, Out


def close_account(m: Machine, device: Device, out: Out, point: int) -> None:
    """Book the stretch that ends now against the cheapest way through as long a one."""
    best_j = cheapest_j(device, point, m.now_ns - m.idle_since_ns, True)
    write_account(m, device, out, best_j)


def close_last(m: Machine, device: Device, out: Out) -> None:
    """Book the stretch in which a run ends, if it does in one: nothing has to be left for it."""
    if m.idle_since_ns >= 0 and m.now_ns > m.idle_since_ns:
        point = 0 if device.idle.lowers else m.set_point
        best_j = cheapest_j(device, int(point), m.now_ns - m.idle_since_ns, False)
        write_account(m, device, out, best_j)


def write_account(m: Machine, device: Device, out: Out, best_j: float) -> None:
    """Write down what a stretch took and what it could have."""
    place = 3 * device.idle.states
    out.sleeps[place] += round(m.spent_j * 1e12)
    out.sleeps[place + 1] += round(min(best_j, m.spent_j) * 1e12)
    out.sleeps[place + 2] += 1


def cheapest_j(device: Device, point: int, gap_ns: int, leaves: bool) -> float:
    """Return the least that a gap can take whose end is known, delaying nobody.

    Up all the time, or in a state that is entered at once and, if somebody ``leaves`` it, left in
    time.
    """
    truth = device.idle.truth
    best_j = truth.up_w[point] * gap_ns * 1e-9
    for k in range(device.idle.states):
        rest_ns, taken_j = gap_ns - truth.entry_ns[k], truth.entry_j[k]
        if leaves:
            rest_ns, taken_j = rest_ns - truth.exit_ns[k], taken_j + truth.exit_j[k]
        if rest_ns >= 0:
            best_j = min(best_j, taken_j + truth.power_w[k] * rest_ns * 1e-9)
    return float(best_j)
