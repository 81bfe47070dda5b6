"""DRAM traffic: every tensor at least once, more where the buffer is small."""

from __future__ import annotations

import pytest
from dfsrt.cost.tiling import HalfBuffer
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.cost import at_device_precision, cost_network
from dfsrt.cost.traffic import Residency, dram_bytes, residency
from dfsrt.device import device_names, load_device
from dfsrt.device.npu import Memory
from dfsrt.network import load_network
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.network import Network
from dfsrt.network.tensor import Tensor

NOTHING_KEPT = Residency(False, False, frozenset())


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


def traffic(layer, buffer_bytes, kept=NOTHING_KEPT):
    return dram_bytes(layer, HalfBuffer().tile(layer, buffer_bytes), kept)


def test_what_fits_crosses_once():
    layer = product(100, 50, 20)
    assert traffic(layer, 10_000) == 100 * 50 + 50 * 20 + 100 * 20


def test_the_cheaper_operand_is_fetched_again_when_neither_fits():
    # Half a buffer is 1000 B: weights of 4000 B take 4 pieces, inputs of 5000 B take 5.
    layer = product(100, 50, 80)
    weights_stay, inputs_stay = 5000 * 4 + 4000, 5000 + 4000 * 5
    assert traffic(layer, 2_000) == min(weights_stay, inputs_stay) + 100 * 80
    assert HalfBuffer().tile(layer, 2_000).stays == "weights"


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


def test_weights_stay_on_chip_from_frame_to_frame_when_all_of_them_fit():
    layers = (product(10, 10, 10, "a"), product(10, 10, 10, "b", "a_out"))
    network = Network("n", layers, 200, inputs=("in",), outputs=("b_out",))
    kept = residency(network, Memory(1e9, 1_000, resident_bytes=399))
    assert (kept.weights, kept.activations) == (True, False)
    kept = residency(network, Memory(1e9, 1_000, resident_bytes=400))
    assert (kept.weights, kept.activations) == (True, True)
    first, second = network.layers
    assert traffic(first, 1_000, kept) == 100  # the network's input; its output stays
    assert traffic(second, 1_000, kept) == 100  # the network's output
    assert residency(network, Memory(1e9, 1_000)) == Residency(
        False, False, frozenset({"in", "b_out"})
    )


def test_an_output_that_is_also_read_inside_still_goes_out():
    layers = (product(10, 10, 10, "a"), product(10, 10, 10, "b", "a_out"))
    network = Network("n", layers, 200, inputs=("in",), outputs=("a_out", "b_out"))
    kept = residency(network, Memory(1e9, 1_000, resident_bytes=400))
    assert traffic(layers[0], 1_000, kept) == 200


def test_an_input_behind_a_view_is_still_loaded():
    source, seen = (
        Tensor("in", (10, 10), "int8", touched=0),
        Tensor("seen", (100,), "int8", touched=0),
    )
    view = Layer("v", "Reshape", Kind.VIEW, ("v",), (source,), (), (seen,))
    layers = (view, product(10, 10, 10, "a", "seen"))
    network = Network("n", layers, 100, inputs=("in",), outputs=("a_out",))
    kept = residency(network, Memory(1e9, 1_000, resident_bytes=400))
    assert traffic(layers[1], 1_000, kept) == 200


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
