"""Devices whose layers never end: one error, and no warning beside it."""

from __future__ import annotations

import pytest

from dfsrt import load_device
from dfsrt.base.errors import InputError
from dfsrt.cost import cost_network
from dfsrt.network import load_network
from dfsrt.power.workload import workload


@pytest.mark.parametrize(
    "number",
    ["engine.channel.activation_per_cycle.clip=1e-300", "cores.bandwidth_bytes_per_s=1e-300"],
)
def test_a_layer_that_never_ends_is_refused_without_a_warning(number):
    npu = load_device(f"rk3588-npu:{number}")
    costs = cost_network(load_network("mobilenetv2"), npu)
    with pytest.raises(InputError, match="longer than the simulator can count"):
        workload(costs, npu)
