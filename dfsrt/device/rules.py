"""The device's rules: the physics, written once, as pure functions of numbers.

Every engine calls these. They use only arithmetic that means the same for a Python scalar, a
numpy array and compiled code, so that one formula serves the table, the runtime and the kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from dfsrt.base.arrays import Floats

# Scalars or arrays, int or float: numpy broadcasting rules apply throughout.
Number = TypeVar("Number", float, Floats)


def compute_ns(cycles: float | Number, freq_hz: Number) -> Number:
    """Return how long ``cycles`` take at a clock."""
    return cycles * 1e9 / freq_hz


def memory_ns(dram_bytes: Number, bandwidth_bytes_per_s: float | Number) -> Number:
    """Return how long ``dram_bytes`` take to cross."""
    return dram_bytes * 1e9 / bandwidth_bytes_per_s


def layer_time_ns(
    compute_cycles: Floats,
    dram_bytes: Floats,
    overhead_cycles: Floats,
    freq_hz: Floats,
    bandwidth_bytes_per_s: float | Floats,
    launch_ns: float | Floats = 0.0,
) -> Floats:
    """Return a layer's time: the slower of compute and memory, plus fill and launch (rule 4).

    A launch takes cycles, which a faster clock shortens, and nanoseconds, which none does.

    Arrays of any shape, which broadcast.

    Rounded to the nearest nanosecond, as a float without fraction; work of any kind takes one
    at least, so that its energy has a time to flow in.
    """
    work = np.maximum(
        compute_ns(compute_cycles, freq_hz), memory_ns(dram_bytes, bandwidth_bytes_per_s)
    )
    nanoseconds = np.rint(work + compute_ns(overhead_cycles, freq_hz) + launch_ns)
    nothing = (compute_cycles <= 0) & (dram_bytes <= 0) & (overhead_cycles <= 0)
    idle = nothing & (np.asarray(launch_ns) <= 0)
    return np.where(idle, nanoseconds, np.maximum(nanoseconds, 1.0))


def ramp_ns(from_uv: Number, to_uv: Number, slew_uv_per_us: float) -> Number:
    """Return how long the rail itself moves, command and settling left out (rule 3)."""
    nanoseconds: Number = np.ceil(np.abs(to_uv - from_uv) * 1e3 / slew_uv_per_us)
    return nanoseconds


def switch_ns(same_pll: bool, freq_switch_ns: int, pll_switch_ns: int) -> int:
    """Return how long the core stalls for a change of clock (rule 2)."""
    return freq_switch_ns if same_pll else pll_switch_ns


def guaranteed_uv(from_uv: int, to_uv: int) -> int:
    """Return the voltage that a moving rail does not go below until it has settled (rules 1, 3).

    Going up that is where it came from; going down, where it is going to.
    """
    return min(from_uv, to_uv)


def dynamic_w(
    switched_farad_per_s: float | Number, clock_farad: float | Number, freq_hz: Number
) -> Number:
    """Return dynamic power per squared volt, W/V²: switched work plus the clock tree (rule 5).

    ``switched_farad_per_s`` is the layer's switched capacitance over its time, so that
    ``C·activity·f`` holds for memory-bound layers too, whose array waits most of the time.
    """
    return switched_farad_per_s + clock_farad * freq_hz


def mac_activity(nonzero: Number, zero_gating: float | Number) -> Number:
    """Return the share of a multiply-accumulate's energy that flows (rule 5).

    ``nonzero`` is the share of them of which both operands are not zero, ``zero_gating`` what of
    its energy one is spared that has a zero in it; registers count as the multiplier does.
    """
    return 1 - zero_gating * (1 - nonzero)


def leakage_w(scale_w: float | Number, volt_to_n: Number) -> Number:
    """Return one leakage term: its power at 1 V times V^n, or times the mean of V^n (rule 5)."""
    return scale_w * volt_to_n


def regulator_loss_w(rail_w: Number, efficiency: float | Number) -> Number:
    """Return what a regulator burns to deliver ``rail_w`` (rule 3)."""
    return rail_w / efficiency - rail_w


def mean_power_of_voltage(exponent: float, from_v: float, to_v: float) -> float:
    """Return the time average of V^exponent while V moves linearly from one value to another.

    The closed form of the ramp's integral (rule 3); equal voltages give V^exponent itself.
    """
    if from_v == to_v:
        still: float = from_v**exponent
        return still
    n = exponent + 1.0
    moving: float = (to_v**n - from_v**n) / (n * (to_v - from_v))
    return moving


def polynomial(coefficients: Sequence[float] | Floats, x: float) -> float:
    """Return the polynomial with ``coefficients``, ``(n_coefficients,)``, lowest power first."""
    total = 0.0
    for k in range(len(coefficients) - 1, -1, -1):
        total = total * x + coefficients[k]
    return total


def leakage_at_temperature(
    coefficients: Sequence[float] | Floats, temp_c: float, ref_temp_c: float
) -> float:
    """Return leakage at ``temp_c`` over leakage at ``ref_temp_c``, never below zero.

    ``coefficients``, ``(n_coefficients,)``, are of a polynomial in degrees, lowest power first.
    """
    reference = polynomial(coefficients, ref_temp_c)
    return max(polynomial(coefficients, temp_c) / reference, 0.0)
