"""The device's rules: the physics, written once, as pure functions of numbers.

Every engine calls these. They use only arithmetic that means the same for a Python scalar, a
numpy array and compiled code, so that one formula serves the table, the runtime and the kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# Scalars or arrays, int or float: numpy broadcasting rules apply throughout.
Number = Any


def compute_ns(cycles: Number, freq_hz: Number) -> Number:
    """Return how long ``cycles`` take at a clock."""
    return cycles * 1e9 / freq_hz


def memory_ns(dram_bytes: Number, bandwidth_bytes_per_s: Number) -> Number:
    """Return how long ``dram_bytes`` take to cross."""
    return dram_bytes * 1e9 / bandwidth_bytes_per_s


def layer_time_ns(
    compute_cycles: Number,
    dram_bytes: Number,
    overhead_cycles: Number,
    freq_hz: Number,
    bandwidth_bytes_per_s: Number,
) -> Number:
    """Return a layer's time: the slower of compute and memory, plus fill and launch (rule 4).

    Rounded to the nearest nanosecond, as a float without fraction; work of any kind takes one
    at least, so that its energy has a time to flow in.
    """
    work = np.maximum(
        compute_ns(compute_cycles, freq_hz), memory_ns(dram_bytes, bandwidth_bytes_per_s)
    )
    nanoseconds = np.rint(work + compute_ns(overhead_cycles, freq_hz))
    idle = (compute_cycles <= 0) & (dram_bytes <= 0) & (overhead_cycles <= 0)
    return np.where(idle, nanoseconds, np.maximum(nanoseconds, 1.0))


def ramp_ns(from_uv: Number, to_uv: Number, slew_uv_per_us: Number) -> Number:
    """Return how long the rail itself moves, command and settling left out (rule 3)."""
    return np.ceil(np.abs(to_uv - from_uv) * 1e3 / slew_uv_per_us)


def switch_ns(same_pll: bool, freq_switch_ns: int, pll_switch_ns: int) -> int:
    """Return how long the core stalls for a change of clock (rule 2)."""
    return freq_switch_ns if same_pll else pll_switch_ns


def guaranteed_uv(from_uv: int, to_uv: int) -> int:
    """Return the voltage that a moving rail does not go below until it has settled (rules 1, 3).

    Going up that is where it came from; going down, where it is going to.
    """
    return min(from_uv, to_uv)


def dynamic_w(switched_farad_per_s: Number, clock_farad: Number, freq_hz: Number) -> Number:
    """Return dynamic power per squared volt, W/V²: switched work plus the clock tree (rule 5).

    ``switched_farad_per_s`` is the layer's switched capacitance over its time, so that
    ``C·activity·f`` holds for memory-bound layers too, whose array waits most of the time.
    """
    return switched_farad_per_s + clock_farad * freq_hz


def leakage_w(scale_w: Number, volt_to_n: Number) -> Number:
    """Return one leakage term: its power at 1 V times V^n, or times the mean of V^n (rule 5)."""
    return scale_w * volt_to_n


def regulator_loss_w(rail_w: Number, efficiency: Number) -> Number:
    """Return what a regulator burns to deliver ``rail_w`` (rule 3)."""
    return rail_w / efficiency - rail_w


def mean_power_of_voltage(exponent: Number, from_v: Number, to_v: Number) -> Number:
    """Return the time average of V^exponent while V moves linearly from one value to another.

    The closed form of the ramp's integral (rule 3); equal voltages give V^exponent itself.
    """
    if from_v == to_v:
        return from_v**exponent
    n = exponent + 1.0
    return (to_v**n - from_v**n) / (n * (to_v - from_v))


def polynomial(coefficients: Any, x: float) -> float:
    """Return the polynomial with ``coefficients``, lowest power first, at ``x``."""
    total = 0.0
    for k in range(len(coefficients) - 1, -1, -1):
        total = total * x + coefficients[k]
    return total


def leakage_at_temperature(coefficients: Any, temp_c: float, ref_temp_c: float) -> float:
    """Return leakage at ``temp_c`` over leakage at ``ref_temp_c``, never below zero."""
    reference = polynomial(coefficients, ref_temp_c)
    return max(polynomial(coefficients, temp_c) / reference, 0.0)
