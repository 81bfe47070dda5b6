"""The rail's voltage during a move, and its time averages in closed form (rule 3)."""

from __future__ import annotations

from dfsrt.device import rules


def volts_at(now_ns: int, ramp_start_ns: int, ramp_end_ns: int, from_uv: int, to_uv: int) -> float:
    """Return the voltage at ``now_ns``: linear during the ramp, still before and after it."""
    if now_ns <= ramp_start_ns:
        return from_uv * 1e-6
    if now_ns >= ramp_end_ns:
        return to_uv * 1e-6
    share = (now_ns - ramp_start_ns) / (ramp_end_ns - ramp_start_ns)
    return (from_uv + share * (to_uv - from_uv)) * 1e-6


def mean_of_power(
    exponent: float,
    start_ns: int,
    end_ns: int,
    ramp_start_ns: int,
    ramp_end_ns: int,
    from_uv: int,
    to_uv: int,
) -> float:
    """Return the time average of V^exponent from ``start_ns`` to ``end_ns``, exactly."""
    left_v = volts_at(start_ns, ramp_start_ns, ramp_end_ns, from_uv, to_uv)
    if end_ns == start_ns:
        return float(left_v**exponent)
    total, left = 0.0, start_ns
    for corner in (ramp_start_ns, ramp_end_ns, end_ns):
        right = min(max(corner, left), end_ns)
        if right > left:
            right_v = volts_at(right, ramp_start_ns, ramp_end_ns, from_uv, to_uv)
            total += rules.mean_power_of_voltage(exponent, left_v, right_v) * (right - left)
            left, left_v = right, right_v
    return total / (end_ns - start_ns)
