"""The device's rules as plain physics, each against hand work or a naive twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.device import load_device, rules

volts = st.integers(300_000, 1_500_000).map(lambda uv: uv * 1e-6)


def test_compute_bound_layer_takes_its_cycles_and_memory_hides():
    # 1e6 cycles at 1 GHz are 1 ms; 1 MB at 20 GB/s is 50 us; 2000 cycles of launch are 2 us
    assert rules.layer_time_ns(1e6, 1e6, 2000, 1e9, 20e9) == 1_002_000


def test_memory_bound_layer_gains_only_its_overhead_from_a_faster_clock():
    slow = rules.layer_time_ns(1e3, 20e6, 1000, 0.5e9, 20e9)
    fast = rules.layer_time_ns(1e3, 20e6, 1000, 1e9, 20e9)
    assert (slow, fast) == (1_002_000, 1_001_000)


def test_ideal_memory_leaves_compute_alone():
    assert rules.layer_time_ns(7, 1e12, 0, 1e9, float("inf")) == 7


def test_an_array_waits_for_what_memory_takes_longer_and_for_the_launch():
    # 20 MB at 20 GB/s are 1 ms, 2e5 cycles at 1 GHz 0.2 ms
    assert rules.waiting_ns(2e5, 20e6, 1e9, 20e9) == 800_000
    assert rules.waiting_ns(2e6, 20e6, 1e9, 20e9) == 0
    assert rules.waiting_ns(2e6, 20e6, 1e9, 20e9, 10_000) == 10_000


def test_a_clock_tree_that_idles_in_stalls_as_worked_by_hand():
    # 0.8 of 1 ms waiting: a gated tree flows a fifth of the time, a half-gated one three fifths
    assert rules.clock_share(800_000.0, 1_000_000.0, 0.0) == pytest.approx(0.2)
    assert rules.clock_share(800_000.0, 1_000_000.0, 0.5) == pytest.approx(0.6)
    assert rules.clock_share(800_000.0, 1_000_000.0, 1.0) == 1
    assert rules.clock_share(0.0, 0.0, 0.0) == 1


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1), st.floats(0, 1))
def test_a_clock_trees_share_lies_between_its_stall_share_and_all(waiting, time, one, other):
    less, more = sorted((one, other))
    share = rules.clock_share(waiting, time, less)
    assert less - 1e-12 <= share <= rules.clock_share(waiting, time, more) + 1e-12 <= 1 + 1e-12


def test_layer_times_broadcast_over_layers_and_levels():
    cycles = np.array([[1000.0], [2000.0]])
    times = rules.layer_time_ns(cycles, 0.0, 0.0, np.array([1e9, 2e9]), 1e9)
    assert times.tolist() == [[1000, 500], [2000, 1000]]


@pytest.mark.parametrize(
    ("rail", "ns"), [("rk8602", 65_218), ("rk806", 12_000)], ids=["65.2 us", "12 us"]
)
def test_ramp_of_150_mv_takes_the_published_time(rail, ns):
    slew = load_device(f"rk3588-npu:rail={rail}").rail.slew_uv_per_us
    assert rules.ramp_ns(700_000, 850_000, slew) == ns
    assert rules.ramp_ns(850_000, 700_000, slew) == ns


def test_on_die_ramp_of_150_mv_takes_3_ns():
    slew = load_device("rk3588-npu-ivr").rail.slew_uv_per_us
    assert rules.ramp_ns(700_000, 850_000, slew) == 3


def test_moving_rail_guarantees_the_lower_of_its_ends():
    assert rules.guaranteed_uv(700_000, 850_000) == 700_000
    assert rules.guaranteed_uv(850_000, 700_000) == 700_000


def test_clock_change_across_pll_groups_takes_the_longer_stall():
    assert rules.switch_ns(True, 100, 50_000) == 100
    assert rules.switch_ns(False, 100, 50_000) == 50_000


@given(st.floats(0, 6), volts, volts)
def test_mean_power_over_a_ramp_is_the_numerical_integral(exponent, from_v, to_v):
    # Gauss-Legendre quadrature: another method, exact to rounding for so smooth a curve.
    nodes, weights = np.polynomial.legendre.leggauss(24)
    path = from_v + (to_v - from_v) * (nodes + 1) / 2
    integral = float(np.sum(weights * path**exponent)) / 2
    mean = rules.mean_power_of_voltage(exponent, from_v, to_v)
    assert mean == pytest.approx(integral, rel=1e-8)


@given(st.floats(0, 6), volts, volts)
def test_mean_power_over_a_ramp_lies_between_its_ends(exponent, from_v, to_v):
    low, high = sorted((from_v**exponent, to_v**exponent))
    mean = rules.mean_power_of_voltage(exponent, from_v, to_v)
    assert low * (1 - 1e-9) <= mean <= high * (1 + 1e-9)


@pytest.mark.parametrize(
    ("temp_c", "published"),
    [(0, 0.0089), (25, 0.610), (50, 1.524), (70, 3.111), (85, 5.114), (100, 8.040)],
)
def test_rk1808_leakage_polynomial_has_the_published_values(temp_c, published):
    coefficients = load_device("rk3588-npu").silicon.leakage_per_c
    # rockchip_ipa.c works in milli-degrees and divides by 1e10 in all
    tsf = rules.polynomial(coefficients, temp_c) * 1000 / 1e10
    assert tsf == pytest.approx(published, rel=0.005)


def test_leakage_multiplies_by_8_4_from_25_to_85_degrees():
    coefficients = load_device("rk3588-npu").silicon.leakage_per_c
    factor = rules.leakage_at_temperature(coefficients, 85, 25)
    assert factor == pytest.approx(8.4, rel=0.005)


def test_leakage_never_turns_negative_in_the_cold():
    coefficients = load_device("rk3588-npu").silicon.leakage_per_c
    assert rules.leakage_at_temperature(coefficients, -40, 50) == 0


def test_leakage_is_one_at_the_reference_temperature():
    for name in ("rk3588-npu", "mdla", "tpu7nm", "etri-like", "systolic-128"):
        s = load_device(name).silicon
        assert rules.leakage_at_temperature(s.leakage_per_c, s.ref_temp_c, s.ref_temp_c) == 1
