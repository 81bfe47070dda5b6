"""Launch nanoseconds pass at every clock; launch cycles shrink with it."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import rules
from dfsrt.network import load_network
from dfsrt.power.workload import workload
from tests.helpers.channel import channel_npu


def times(**run):
    npu = channel_npu(**run)
    network = at_device_precision(load_network("squeezenet"), npu)
    return workload(cost_network(network, npu), npu).duration_ns


def test_no_clock_shortens_launch_nanoseconds():
    difference = times(launch_ns=10_000) - times()
    assert (difference == 10_000).all()


def test_launch_cycles_shrink_with_the_clock():
    difference = times(launch_cycles=3_000) - times()
    assert (abs(difference[:, 0] - 10_000) <= 1).all()  # 300 MHz
    assert (abs(difference[:, -1] - 3_000) <= 1).all()  # 1 GHz


def test_a_layer_that_only_launches_takes_that_long():
    assert rules.layer_time_ns(0, 0, 0, 1e9, 1e9, 10_000) == 10_000
    assert rules.layer_time_ns(0, 0, 0, 1e9, 1e9, 0) == 0


def test_a_negative_launch_is_refused():
    with pytest.raises(DeviceError, match=r"run.launch_ns is -1; allowed is 0"):
        channel_npu(launch_ns=-1)
