"""Half buffer moves the bytes that dfsrt counted before other mappers were there."""

from __future__ import annotations

import pytest

from dfsrt.cost import at_device_precision
from dfsrt.cost.choice import with_memory
from dfsrt.cost.memory import network_traffic
from dfsrt.device import load_device
from dfsrt.network import load_network

EARLIER = {
    # Bytes of a frame as counted by commit 8873c07. Where channels are padded, only of networks
    # without maps that products share with others: those had two sizes then.
    ("rk3588-npu", "vgg19"): 196_070_368,
    ("rk3588-npu", "shufflenet"): 21_078_048,
    ("systolic-128", "vgg19"): 176_602_080,
    ("systolic-128", "shufflenet"): 12_899_360,
    ("systolic-128", "lstm-voice"): 320_370,
    ("systolic-128", "mobilesam-encoder"): 182_002_940,
    ("etri-like", "vgg19"): 287_637_536,
    ("etri-like", "shufflenet"): 303_056,
    ("etri-like", "lstm-voice"): 2_178,
    ("etri-like", "mobilesam-encoder"): 1_605_632,
}


@pytest.mark.parametrize(("device", "network"), EARLIER)
def test_earlier_bytes_come_out_again(device, network):
    npu = load_device(device)
    layers = at_device_precision(load_network(network), npu)
    _, moved = network_traffic(layers, with_memory(npu, mapper="half-buffer", schedule="layerwise"))
    assert sum(traffic.dram_bytes for traffic in moved) == EARLIER[device, network]
