"""DRAM traffic: every tensor at least once, more where the buffer is small."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.cost import at_device_precision, cost_network
from dfsrt.cost.layer_traffic import layer_traffic
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.memory import network_traffic
from dfsrt.cost.traffic import Buffer
from dfsrt.device import device_names, load_device
from dfsrt.network import load_network
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.network import Network
from dfsrt.network.tensor import Tensor
from tests.helpers.tiny import tiny_npu


def product(m, k, n, name="a", source="in", extra=()):
    return Layer(
        name=name,
        op="MatMul",
        kind=Kind.MATRIX,
        nodes=(name,),
        inputs=(Tensor(source, (m, k), "int8"), *extra),
        weights=(Tensor(f"{name}_w", (k, n), "int8"),),
        outputs=(Tensor(f"{name}_out", (m, n), "int8"),),
        gemms=(Gemm(m, k, n),),
        operands=(Operands((source,), (f"{name}_w",), f"{name}_out"),),
    )


def moved(layer, buffer_bytes):
    return layer_traffic(layer, make_mapper("half-buffer"), Buffer(buffer_bytes))


def traffic(layer, buffer_bytes):
    return moved(layer, buffer_bytes).dram_bytes


def test_what_fits_crosses_once():
    layer = product(100, 50, 20)
    assert traffic(layer, 10_000) == 100 * 50 + 50 * 20 + 100 * 20


def test_the_cheaper_operand_is_fetched_again_when_neither_fits():
    # Half a buffer is 1000 B: weights of 4000 B take 4 pieces, inputs of 5000 B take 5.
    layer = product(100, 50, 80)
    weights_stay, inputs_stay = 5000 * 4 + 4000, 5000 + 4000 * 5
    assert traffic(layer, 2_000) == min(weights_stay, inputs_stay) + 100 * 80
    tiled = moved(layer, 2_000)
    assert tiled.stays == "weights+results"
    assert (tiled.input, tiled.weight, tiled.output) == (5000 * 4, 4000, 100 * 80)


def test_a_residual_operand_is_never_fetched_again():
    residual = Tensor("skip", (100, 80), "int8")
    with_skip = product(100, 50, 80, extra=(residual,))
    assert traffic(with_skip, 2_000) == traffic(product(100, 50, 80), 2_000) + 8_000


def test_a_view_moves_nothing():
    view = Layer("v", "Reshape", Kind.VIEW, ("v",), (Tensor("x", (9,), "int8"),), (), ())
    assert traffic(view, 10) == 0


sizes = st.integers(1, 400)


@given(sizes, sizes, sizes, st.integers(1, 50_000))
def test_every_tensor_crosses_at_least_once_and_a_bigger_buffer_never_costs_more(m, k, n, size):
    layer = product(m, k, n)
    once = m * k + k * n + m * n
    assert traffic(layer, size) >= once
    assert traffic(layer, 2 * size) <= traffic(layer, size)
    assert traffic(layer, 2 * max(m * k, k * n) + 2) == once


def with_resident(network, resident_bytes):
    """Bytes of each layer on a device that keeps so much from frame to frame."""
    npu = tiny_npu()
    memory = replace(npu.memory, buffer_bytes=1_000, resident_bytes=resident_bytes)
    _, crossing = network_traffic(network, replace(npu, memory=memory))
    return [layer.dram_bytes for layer in crossing]


def test_weights_stay_on_chip_from_frame_to_frame_when_all_of_them_fit():
    layers = (product(10, 10, 10, "a"), product(10, 10, 10, "b", "a_out"))
    network = Network("n", layers, 200, inputs=("in",), outputs=("b_out",))
    assert with_resident(network, 0) == [300, 300]
    assert with_resident(network, 199) == [300, 300]  # not all weights, nor both maps of a layer
    assert with_resident(network, 399) == [200, 200]
    # Maps of the widest layer, 200, fit too: the network's input and its output cross.
    assert with_resident(network, 400) == [100, 100]


def test_an_output_that_is_also_read_inside_still_goes_out():
    layers = (product(10, 10, 10, "a"), product(10, 10, 10, "b", "a_out"))
    network = Network("n", layers, 200, inputs=("in",), outputs=("a_out", "b_out"))
    assert with_resident(network, 400)[0] == 200


def test_an_input_behind_a_view_is_still_loaded():
    source, seen = (
        Tensor("in", (10, 10), "int8", touched=0),
        Tensor("seen", (100,), "int8", touched=0),
    )
    view = Layer("v", "Reshape", Kind.VIEW, ("v",), (source,), (), (seen,))
    layers = (view, product(10, 10, 10, "a", "seen"))
    network = Network("n", layers, 100, inputs=("in",), outputs=("a_out",))
    assert with_resident(network, 400) == [0, 200]


def test_index_work_runs_on_a_device_of_any_precision():
    ids, wider = Tensor("i", (1, 16), "int64"), Tensor("o", (4, 16), "int64")
    expand = Layer("e", "Expand", Kind.MOVE, ("e",), (ids,), (), (wider,))
    npu = load_device("etri-like")
    network = Network("n", (expand,), 0, inputs=("i",), outputs=("o",))
    (cost,) = cost_network(at_device_precision(network, npu), npu)
    assert (cost.precision, cost.dram_bytes) == ("fp16", 8 * 16 * 5)


@pytest.mark.parametrize("device", device_names())
@pytest.mark.parametrize("network", ["densenet121", "shufflenet"])
def test_no_copy_is_faster_than_the_chip_can_move_its_bytes(device, network):
    npu = load_device(device)
    layers = at_device_precision(load_network(network), npu)
    for cost in cost_network(layers, npu):
        if cost.layer.kind in (Kind.MOVE, Kind.VECTOR):
            worked_on = cost.actions.sram_bytes - cost.dram_bytes  # the rest goes in and out
            assert worked_on <= cost.compute_cycles * npu.vector.bytes_per_cycle
