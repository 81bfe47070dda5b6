"""An array's efficiency stretches its products' cycles, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.network import load_network
from tests.study.boards import device_file


def test_half_of_the_efficiency_is_twice_the_cycles_of_products_alone():
    npu = load_device("systolic-128")
    half = replace(npu, array=replace(npu.array, efficiency=0.5))
    network = at_device_precision(load_network("vgg19"), npu)
    for whole, slow in zip(cost_network(network, npu), cost_network(network, half), strict=True):
        factor = 2 if whole.layer.gemms else 1  # vgg19: no drain or lane is longer than products
        assert slow.compute_cycles == factor * whole.compute_cycles
        assert slow.dram_bytes == whole.dram_bytes


@pytest.mark.parametrize("efficiency", [0.0, 4.5])
def test_an_efficiency_that_no_array_has_is_refused(efficiency, tmp_path):
    path = device_file(tmp_path, {"array.efficiency": efficiency}, "tpu7nm")
    with pytest.raises(DeviceError, match=r"array.efficiency is .*; allowed is above 0 up to 4"):
        load_device(str(path))
