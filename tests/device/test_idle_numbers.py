"""What nobody measured of a device's idle power: listed with its range, and put at other values."""

from __future__ import annotations

import math

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device import load_device
from dfsrt.device.idle_numbers import idle_numbers, with_idle_numbers
from dfsrt.device.residual import standing_w


def test_numbers_are_listed_with_value_range_and_source():
    numbers = idle_numbers("rk3588-npu:rail=rk806")
    assert all(n.low <= n.value <= n.high for n in numbers.values())
    leak = numbers["silicon.leakage"]
    assert (leak.value, leak.low, leak.high) == pytest.approx((0.037, 0.02, 0.3))
    assert leak.assumed
    assert "rail.regulators.rk806.efficiency" in numbers
    assert numbers["idle.states.rail-off.exit_ns"].high == 1_500_000
    assert not any("rk8602" in key for key in numbers)


@pytest.mark.parametrize("name", ["rk3588-npu:cores=3", "tpu7nm", "ethos-u55-256"])
def test_a_device_at_its_own_numbers_is_itself(name):
    npu = load_device(name)
    same = with_idle_numbers(npu, {k: n.value for k, n in idle_numbers(name).items()})
    assert same.idle == npu.idle
    for uv in npu.opps.set_points_uv:
        assert standing_w(same, uv) == pytest.approx(standing_w(npu, uv), rel=1e-12)


def test_other_numbers_as_worked_by_hand():
    """At 0.85 V each of 3 cores leaks 0.1 W and has 0.02 W fixed, through 0.85; 0.01 W uncore."""
    npu = with_idle_numbers(
        load_device("rk3588-npu:cores=3"),
        {
            "silicon.leakage": 0.1,
            "silicon.fixed_w": 0.02,
            "silicon.uncore_w": 0.01,
            "rail.regulators.rk8602.efficiency": 0.85,
            "idle.states.collapse.power_w": 0.004,
            "idle.states.rail-off.exit_ns": 700_000.4,
        },
    )
    assert standing_w(npu, 850_000) == pytest.approx(3 * 0.12 / 0.85 + 0.01)
    assert npu.idle[0].power_w == pytest.approx(0.012)
    assert npu.idle[1].exit_ns == 700_000
    assert npu.idle[1].uncore_w == 0.01  # no state's is above the device's
    assert math.isclose(npu.silicon.leakage[0].power_w / npu.silicon.leakage[1].power_w, 25 / 12)


def test_a_number_that_a_device_does_not_have_is_named():
    with pytest.raises(DeviceError, match=r"unknown idle number of rk3588-npu 'idle.states.x.exit"):
        with_idle_numbers(load_device("rk3588-npu"), {"idle.states.x.exit_ns": 1.0})
