"""The row-stationary engine: worked by hand, against a walk over its passes, with wrong facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.device.engine import engine_of, make_engine
from dfsrt.device.engines.row_stationary import _buffer_words
from dfsrt.device.row_mapping import Array, Mapping, Shape, fits, least_traffic
from dfsrt.network import Network, load_network
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm
from dfsrt.network.window import Window, window_of_sizes
from tests.helpers.channel import conv_layer
from tests.helpers.row_stationary import try_all, walk

NPU = load_device("eyeriss-v1")
ENGINE = engine_of(NPU)
CHIP = Array(12, 14, 224, 12, 24, 25, 2048)
BUSES = {"weights": 4, "inputs": 1, "sums": 4}


def test_cycles_of_a_small_layer_are_as_worked_by_hand():
    """Four 3 x 3 filters over two channels of 6 x 6, 4 x 4 results, one image.

    All sums, 4 x 16, and both channels, 2 x 36 words, fit in the buffer: one strip of 4 rows. A set
    is 3 x 4 processors; 12 x 14 hold 4 x 3 of them. Two take the channels apart, four the filters:
    8 sets, so one pass in which a processor makes 4 x 3 products. Its 4 x 2 x 9 weights take 18
    cycles, the first window of 6 rows of two channels 36, all inputs 72; sums take 16, work 12.
    """
    shape = Shape(1, 2, 4, 3, 3, 4, 4, 1)
    x = ENGINE.mapping(shape, NPU, "fp16")
    assert (x.m, x.n, x.e, x.q * x.r, x.p * x.t) == (4, 1, 4, 2, 4)
    assert ENGINE.cycles(x, shape) == 18 + 36 + 72
    layer = valid_conv(6, 2, 4, 3)
    assert ENGINE.product_cycles(layer, NPU, "fp16") == 126
    assert ENGINE.sram_bytes(layer, NPU, "fp16", 16) == 2 * (72 + 2 * 64 + 72)


def valid_conv(side, inputs, outputs, kernel, groups=1, dtype="float16"):
    """A convolution without padding."""
    layer = conv_layer((side, side), inputs, outputs, kernel, groups, dtype=dtype)
    out = side - kernel + 1
    gemm = replace(layer.gemms[0], m=out * out)
    y = replace(layer.outputs[0], shape=(1, outputs, out, out))
    window = window_of_sizes((side, side), (out, out), (kernel, kernel), groups)
    return replace(layer, gemms=(gemm,), outputs=(y,), window=window)


@pytest.mark.parametrize(
    ("x", "cycles"),
    [
        # Work binds: 4 images x 16 filters x 3 channels x 3 taps x 13 columns.
        (Mapping(64, 4, 13, 16, 3, 2, 2), 7_488 + 1_728 // 4 + 3 * 15 * 6),
        # Sums bind: 4 images x 64 filters x 13 x 13, four a cycle.
        (Mapping(64, 4, 13, 16, 4, 1, 4), 10_816 + 2_304 // 4 + 3 * 15 * 4),
        # Inputs bind: 4 images x 12 channels x 15 x 15, one a cycle.
        (Mapping(4, 4, 13, 4, 4, 3, 1), 10_800 + 432 // 4 + 3 * 15 * 12),
    ],
)
def test_a_pass_takes_as_long_as_the_slowest_of_work_sums_and_inputs(x, cycles):
    assert ENGINE.pass_cycles(x, Shape(4, 256, 384, 3, 3, 13, 13, 1), 13) == cycles


shapes = st.builds(
    Shape,
    images=st.integers(1, 3),
    channels=st.integers(1, 4),
    filters=st.integers(1, 6),
    kernel_h=st.integers(1, 3),
    kernel_w=st.integers(1, 3),
    out_h=st.integers(1, 5),
    out_w=st.integers(1, 5),
    stride=st.integers(1, 2),
)
small = st.integers(1, 3)


@given(shapes, small, small, small, small, small, small, st.integers(1, 2))
def test_cycles_and_words_equal_a_walk_over_all_passes(shape, n, e, p, q, r, t, slow):
    n, e = min(n, shape.images), min(e, shape.out_h)
    x = Mapping(shape.filters, n, e, p, q, r, t)
    cycles, buffer, dram = walk(shape, x, BUSES, slow)
    assert ENGINE.cycles(x, shape, slow) == cycles
    assert x.dram_words(shape) == dram
    assert _buffer_words(x, shape) == buffer


@settings(max_examples=25)
@given(
    shapes,
    st.builds(Array, st.integers(3, 4), st.integers(2, 3), *(st.integers(3, 6),) * 3, small, small),
    st.integers(4, 24),
)
def test_the_mapping_is_the_best_of_all_that_could_be_written(shape, array, bank_words):
    array = replace(array, bank_words=bank_words)
    best = try_all(shape, array, BUSES, Mapping)
    found = least_traffic(shape, array)
    if best is None:
        assert not found
        return
    assert all(fits(x, shape, array) for x in found)
    ours = min(walk(shape, x, BUSES)[::-1] for x in found)
    cycles = min(walk(shape, x, BUSES)[0] for x in found)
    assert (ours[0], cycles) == best[:2]


@given(shapes)
def test_no_layer_is_faster_than_all_processors_at_work(shape):
    x = ENGINE.mapping(shape, NPU, "fp16")
    assert fits(x, shape, CHIP)
    macs = shape.images * shape.channels * shape.filters * shape.kernel_h * shape.kernel_w
    assert ENGINE.cycles(x, shape) * 168 >= macs * shape.out_h * shape.out_w


def test_groups_come_one_after_the_other():
    both, one = valid_conv(9, 16, 32, 3, 2), valid_conv(9, 8, 16, 3)
    cycles = [ENGINE.product_cycles(layer, NPU, "fp16") for layer in (both, one)]
    assert cycles[0] == 2 * cycles[1]


@pytest.mark.parametrize(
    ("in_h", "kernel", "out_h", "stride"),
    [(227, 11, 55, 4), (224, 11, 54, 4), (27, 5, 27, 1), (224, 3, 112, 2), (7, 7, 1, 1)],
)
def test_the_stride_is_that_of_the_window(in_h, kernel, out_h, stride):
    layer = conv_layer((in_h, in_h), 3, 8, kernel, dtype="float16")
    y = replace(layer.outputs[0], shape=(1, 8, out_h, out_h))
    window = Window((Axis(in_h, out_h, kernel, stride),) * 2)
    layer = replace(
        layer, outputs=(y,), gemms=(replace(layer.gemms[0], m=out_h**2),), window=window
    )
    ((shape, gemm),) = ENGINE.shapes(layer, NPU, "fp16")
    assert (shape.stride, gemm.count) == (stride, 1)


def test_a_layer_recorded_without_a_window_gets_the_one_that_its_sizes_make_likely():
    layer = valid_conv(60, 64, 96, 3)
    shapes = [ENGINE.shapes(a, NPU, "fp16") for a in (layer, replace(layer, window=None))]
    assert shapes[0] == shapes[1]


def test_a_kernel_taller_than_the_array_is_a_matrix_product():
    layer = conv_layer((32, 32), 3, 8, 16, dtype="float16")
    ((shape, _),) = ENGINE.shapes(layer, NPU, "fp16")
    assert shape == Shape(1, 3 * 256, 8, 1, 1, 1024, 1, 1)
    assert ENGINE.product_cycles(layer, NPU, "fp16") * 168 >= layer.macs


def test_bytes_of_a_layer_are_those_that_its_passes_fetch():
    layer = valid_conv(60, 64, 96, 3)
    ((shape, _),) = ENGINE.shapes(layer, NPU, "fp16")
    x = ENGINE.mapping(shape, NPU, "fp16")
    assert x.input_fetches(shape) > 1 or x.weight_fetches(shape) > 1
    (cost,) = cost_network(Network("one", (layer,), 0, inputs=("x",)), NPU)
    assert cost.dram_bytes == 2 * x.dram_words(shape)
    assert cost.traffic.mappings == ()


def test_results_leave_while_the_array_waits():
    layer = valid_conv(60, 64, 96, 3)
    (cost,) = cost_network(Network("one", (layer,), 0), NPU)
    assert cost.launch_ns == -(-2 * 96 * 58 * 58 * 10**9 // 480_000_000)
    fast = replace(NPU, memory=replace(NPU.memory, bandwidth_bytes_per_s=float("inf")))
    assert cost_network(Network("one", (layer,), 0), fast)[0].launch_ns == 0


def test_a_product_of_nothing_takes_nothing():
    layer = valid_conv(6, 2, 4, 3)
    empty = replace(layer, gemms=(Gemm(0, 18, 4),))
    assert ENGINE.product_cycles(empty, NPU, "fp16") == ENGINE.sram_bytes(empty, NPU, "fp16", 16)
    assert ENGINE.product_cycles(empty, NPU, "fp16") == 0
    assert ENGINE.in_dram(empty, frozenset(), NPU).weights == layer.weights


def test_all_layers_of_a_network_have_a_cost():
    network = at_device_precision(load_network("squeezenet"), NPU)
    for cost in cost_network(network, NPU):
        assert cost.compute_cycles * 168 >= cost.layer.macs
        assert cost.dram_bytes >= cost.layer.output_bytes


def test_a_network_in_another_precision_is_refused_in_one_line():
    layer = valid_conv(6, 2, 4, 3, dtype="float32")
    with pytest.raises(InputError, match="is in fp32, which eyeriss-v1 does not have"):
        cost_network(Network("one", (layer,), 0), NPU)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"banks": 0}, "banks is 0; allowed is 1 to 1000000000"),
        ({"bank_bytes": 3}, "bank_bytes is 3; allowed is 4 to 1000000000"),
        ({"sums_per_cycle": -4}, "sums_per_cycle is -4; allowed is 1 to"),
        ({"pe_inputs": 1.5}, "'pe_inputs' is .*; give a whole number"),
        ({"rows": 3}, "unknown key 'rows'"),
    ],
)
def test_wrong_facts_are_one_line(facts, message):
    with pytest.raises(DeviceError, match=message) as error:
        make_engine("row", {**NPU.engine, **facts}, "mine")
    assert "\n" not in str(error.value)


def test_missing_facts_are_one_line():
    with pytest.raises(DeviceError, match=r"engine.row: key 'pe_weights' is missing"):
        make_engine("row", {}, "mine")


def test_a_buffer_too_small_for_one_row_is_one_line():
    tiny = replace(NPU, engine={**NPU.engine, "banks": 1, "bank_bytes": 4})
    layer = replace(valid_conv(6, 2, 4, 3), gemms=(Gemm(16, 18, 4),))
    with pytest.raises(DeviceError, match="fits in 1 banks of 4 bytes; give more or larger"):
        cost_network(Network("one", (layer,), 0), tiny)
