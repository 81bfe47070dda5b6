"""A buffer in which no tile fits is refused with one that does, for the whole network."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dfsrt.base.errors import InputError
from dfsrt.cost.choice import with_memory
from dfsrt.cost.memory import network_traffic
from dfsrt.network import from_onnx_model
from tests.helpers.tiny import tiny_npu
from tests.network.builders import Builder


@pytest.fixture(scope="module")
def network():
    """Two convolutions, of which the second needs more."""
    b = Builder()
    hidden = b.op("Conv", b.input("x", [1, 4, 12, 12]), b.weight(6, 4, 3, 3))
    model = b.model(b.op("Conv", hidden, b.weight(8, 6, 5, 5)))
    return from_onnx_model(model, "t").as_precision("int8")


def npu_with(buffer, double):
    npu = with_memory(tiny_npu(), buffer=buffer)
    return replace(npu, memory=replace(npu.memory, double_buffer=double))


@pytest.mark.parametrize(
    ("buffer", "double", "least"),
    [
        ("20", False, "54"),  # 25 inputs, 25 weights and a partial sum of four bytes
        ("20", True, "108"),
        ("25+9+4", False, "25+25+4"),
        ("9+9+9", True, "50+50+8"),
    ],
)
def test_the_advice_names_the_layer_and_works(network, buffer, double, least):
    with pytest.raises(InputError) as error:
        network_traffic(network, npu_with(buffer, double))
    text = str(error.value)
    assert re.match(r"layer '[^']+': no tile fits in a buffer of [\d+]+ bytes; give at least", text)
    assert text.endswith(f" {least}, which does for all layers")
    network_traffic(network, npu_with(least, double))
    parts = [int(part) for part in least.split("+")]
    less = "+".join(str(part - 1) for part in parts)
    with pytest.raises(InputError, match="no tile fits"):
        network_traffic(network, npu_with(less, double))


def test_half_buffer_makes_do_with_any(network):
    moved = network_traffic(network, with_memory(tiny_npu(), buffer="1", mapper="half-buffer"))[1]
    assert all(traffic.dram_bytes > 0 for traffic in moved)
