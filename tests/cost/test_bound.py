"""The least bytes of layers and networks: by hand, and below all that walks and policies move."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.cost import at_device_precision
from dfsrt.cost.bound import layer_bound_bytes
from dfsrt.cost.choice import with_memory
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.memory import memory_plan, memory_work, network_traffic
from dfsrt.cost.schedule.bounds import floor_shares
from dfsrt.cost.traffic import Buffer, crossing, nests_of
from dfsrt.device import load_device
from dfsrt.network import Kind, Layer, Network, Tensor, from_onnx_model, load_network
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm, Operands
from dfsrt.network.window import Window
from tests.helpers import loop_walk
from tests.helpers.convolutions import VGG16, convolution
from tests.helpers.tiny import tiny_npu
from tests.network.builders import Builder

AMPLE = Buffer(1 << 40)


def network_floor_bytes(work):
    return sum(floor_shares(work, memory_plan(work)))


def product(m, k, n, dtype="int8"):
    return Layer(
        "p", "MatMul", Kind.MATRIX, ("p",),
        inputs=(Tensor("x", (m, k), dtype),),
        weights=(Tensor("w", (k, n), dtype),),
        outputs=(Tensor("y", (m, n), dtype),),
        gemms=(Gemm(m, k, n),),
        operands=(Operands(("x",), ("w",), "y"),),
    )  # fmt: skip


def test_a_large_product_in_a_small_buffer_by_hand():
    # 2 * 512^3 / sqrt(1024) - 2 * 1024 elements: 8,386,560; each operand once are 786,432.
    assert layer_bound_bytes(product(512, 512, 512), Buffer(1024)) == 8_386_560
    assert layer_bound_bytes(product(512, 512, 512), AMPLE) == 786_432
    # Of two bytes an element half as many are held: 2 (2 * 512^3 / sqrt(512) - 2 * 512).
    wide = 2 * (2 * 512**3 / math.sqrt(512) - 1024)
    assert layer_bound_bytes(product(512, 512, 512, "float16"), Buffer(1024)) == math.floor(wide)


def test_a_window_gives_an_input_more_use_and_padding_needs_none():
    # 14 x 14 results of 3 x 3 taps, two rows and columns of padding: (3 * 14 - 2)^2 of 42^2 taps.
    macs = 512 * 512 * 40**2
    wanted = math.floor(2 * macs / math.sqrt(9 * 65_536) - 2 * 65_536)
    once = 512 * 196 * 2 + 512 * 512 * 9
    assert layer_bound_bytes(convolution(512, 14, 512, 3, 1, 1), Buffer(65_536)) == max(
        wanted, once
    )


def test_rows_that_no_result_needs_are_not_counted():
    # Kernel 1, stride 2 on 9 x 9 from 0 on, 4 x 4 results: 8 x 8 positions are passed over.
    layer = convolution(1, 9, 1, 1, 2)
    layer = replace(
        layer,
        outputs=(Tensor("y", (1, 1, 4, 4), "int8"),),
        gemms=(Gemm(16, 1, 1),),
        window=Window((Axis(9, 4, 1, 2),) * 2),
    )
    assert layer_bound_bytes(layer, AMPLE) == 64 + 1 + 16


def test_residuals_and_constants_come_once_on_top():
    plain = product(512, 512, 512)
    skip, bias = Tensor("skip", (512, 512), "int8"), Tensor("bias", (512,), "int32")
    joined = replace(plain, inputs=(*plain.inputs, skip), weights=(*plain.weights, bias))
    for buffer in (Buffer(1024), AMPLE):
        more = layer_bound_bytes(joined, buffer) - layer_bound_bytes(plain, buffer)
        assert more == 512 * 512 + 4 * 512


def test_what_lies_on_chip_need_not_cross():
    layer, buffer = product(512, 512, 512), Buffer(1024)
    assert layer_bound_bytes(layer, buffer, frozenset({"x"})) == 2 * 512 * 512
    assert layer_bound_bytes(layer, buffer, frozenset({"x", "w", "y"})) == 0


AXES = st.builds(
    Axis, st.integers(1, 6), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3),
    st.integers(-1, 2), st.integers(1, 2), st.booleans(),
)  # fmt: skip


@st.composite
def windowed(draw):
    """A convolution of any window; a transposed one where its axes are."""
    transposed = draw(st.booleans())
    rows, cols = (replace(draw(AXES), transposed=transposed) for _ in range(2))
    c, k, groups, images = (draw(st.integers(1, n)) for n in (3, 3, 2, 2))
    taps = rows.kernel * cols.kernel
    places, made = rows.size_in * cols.size_in, rows.size_out * cols.size_out
    gemm = Gemm(images * made, c * taps, k, groups)
    if transposed:
        gemm = Gemm(images * places, c, k * taps, groups)
    return Layer(
        "c", "ConvTranspose" if transposed else "Conv", Kind.MATRIX, ("c",),
        inputs=(Tensor("x", (images, c * groups, rows.size_in, cols.size_in), "int8"),),
        weights=(Tensor("w", (k * groups, c, rows.kernel, cols.kernel), "int8"),),
        outputs=(Tensor("y", (images, k * groups, rows.size_out, cols.size_out), "int8"),),
        gemms=(gemm,), operands=(Operands(("x",), ("w",), "y"),),
        window=Window((rows, cols), groups),
    )  # fmt: skip


@settings(max_examples=15)
@given(windowed(), st.integers(20, 300), st.booleans())
def test_no_walk_of_loops_moves_less(layer, size, lines):
    buffer = Buffer(size, lines=lines)
    (nest,) = nests_of(layer)
    walks = [sum(m[:3]) + 2 * m[3] for *_, m in loop_walk.search(nest, buffer)]
    assert layer_bound_bytes(layer, buffer) <= min(walks, default=math.inf)


@given(
    st.integers(1, 96), st.integers(1, 30), st.integers(1, 96), st.integers(1, 5),
    st.integers(1, 3), st.integers(0, 2), st.integers(500, 20_000),
)  # fmt: skip
def test_exhaustive_does_not_move_less(c, side, k, kernel, stride, pad, size):
    if side + 2 * pad < kernel:
        return
    layer, buffer = convolution(c, side, k, kernel, stride, pad), Buffer(size, lines=True)
    (nest,) = nests_of(layer)
    (mapping,) = make_mapper("exhaustive").map([nest], buffer)
    assert layer_bound_bytes(layer, buffer) <= crossing(nest, mapping, lines=True).total


@pytest.mark.parametrize("network", ["lstm-voice", "mobilesam-encoder", "shufflenet"])
@pytest.mark.parametrize("device", ["systolic-128", "eyeriss-v1", "ethos-u55-256"])
def test_layers_of_networks_move_no_less_and_sum_to_no_less_than_the_floor(network, device):
    npu = load_device(device)
    layers = at_device_precision(load_network(network), npu)
    for size in (None, "32KiB"):
        chosen = with_memory(npu, buffer=size)
        moved = network_traffic(layers, chosen)[1]
        assert all(traffic.bound_bytes <= traffic.dram_bytes for traffic in moved)
        assert sum(traffic.bound_bytes for traffic in moved) > 0
        floor = network_floor_bytes(memory_work(layers, chosen))
        assert 0 < floor <= sum(traffic.dram_bytes for traffic in moved)


def test_the_floor_of_a_network_is_weights_inputs_and_outputs_by_hand():
    b = Builder()
    hidden = b.op("MatMul", b.input("x", [6, 5]), b.weight(5, 7))
    seen = b.op("Reshape", hidden, b.const([42]))
    network = from_onnx_model(
        b.model(b.op("MatMul", b.op("Reshape", seen, b.const([6, 7])), b.weight(7, 3))), "t"
    ).as_precision("int8")
    npu = tiny_npu()
    work = memory_work(network, npu)
    assert network_floor_bytes(work) == 6 * 5 + 5 * 7 + 7 * 3 + 6 * 3
    held = replace(npu, memory=replace(npu.memory, resident_bytes=56))
    assert network_floor_bytes(memory_work(network, held)) == 6 * 5 + 6 * 3


def test_a_view_needs_nothing():
    view = Layer("v", "Reshape", Kind.VIEW, ("v",), (Tensor("x", (9,), "int8"),), (), ())
    assert layer_bound_bytes(view, AMPLE) == 0
    assert network_floor_bytes(memory_work(Network("n", (view,), 0), tiny_npu())) == 0


def test_vgg16_in_a_small_buffer_is_bound_by_its_products():
    bounds = [layer_bound_bytes(layer, Buffer(16 * 1024)) for layer in VGG16]
    once = [layer_bound_bytes(layer, AMPLE) for layer in VGG16]
    assert sum(bounds) > 1.5 * sum(once)
