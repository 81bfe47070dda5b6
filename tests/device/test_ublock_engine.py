"""The engine of micro-blocks: worked by hand, against plain walks, and with wrong facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError
from dfsrt.base.tomltext import toml_text
from dfsrt.cost import cost_network
from dfsrt.device import load_device
from dfsrt.device.engine import engine_of
from dfsrt.device.load import parse_device_file
from dfsrt.device.micro_block import Buffers, Shape, least_fetches
from dfsrt.network import load_network
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import window_of_sizes
from tests.helpers.channel import conv_layer
from tests.helpers.ublock import best_block, steps_of

NPU = load_device("ethos-u55-256")
ENGINE = engine_of(NPU)
BUFFERS = Buffers(2, 2, 8, 44)
START = 700


def products(layer):
    return ENGINE.product_cycles(layer, NPU, "int8")


def shape_of(c, k, n, out, stride=1, depthwise=False):
    size = (out - 1) * stride + k
    return Shape(1, size, size, c, n, k, k, out, out, stride, stride, depthwise)


def gemm_layer(m, k, n):
    a, b, y = Tensor("a", (m, k), "int8"), Tensor("b", (k, n), "int8"), Tensor("y", (m, n), "int8")
    return Layer(
        *("g", "Gemm", Kind.MATRIX, ("g",), (a,), (b,), (y,), (Gemm(m, k, n),)),
        operands=(Operands(("a",), ("b",), "y"),),
    )


def test_one_block_worked_by_hand():
    """8 x 8 pixels: 16 micro-blocks, 64 cycles a step; nine taps of 32 channels, twice 8 results.

    They take 64 · 9 · 2 = 1,152 cycles, and 1,024 results leave in 256 after the last.
    """
    assert products(conv_layer((8, 8), 32, 16, 3)) == 1152 + 256 + START


def test_few_channels_are_taken_four_taps_at_once():
    """8 channels: nine taps in three steps: 64 · 3 · 2 cycles."""
    assert products(conv_layer((8, 8), 8, 16, 3)) == 384 + 256 + START


def test_a_depthwise_convolution_takes_four_taps_a_step_and_no_other_channel():
    """64 · 3 · 2 cycles for nine taps of 16 channels."""
    assert products(conv_layer((8, 8), 16, 16, 3, 16)) == 384 + 256 + START


def test_a_product_of_one_row_waits_for_its_weights():
    """32 cycles a step of 32 inputs by 8 results: 2 · 2 steps; ten results leave in three."""
    assert products(gemm_layer(1, 64, 10)) == 128 + 3 + START


def test_wide_maps_with_few_inputs_wait_for_the_memory_of_maps():
    """56 x 56, 96 to 24: bytes of inputs and results at 8 a cycle, above all multiplier cycles."""
    layer = conv_layer((56, 56), 96, 24, 1)
    ((shape, block, _),) = ENGINE.shapes(layer, NPU)
    work = ENGINE.multiplier_cycles(shape, block, NPU, 4.0)
    least = 56 * 56 * (96 + 32) / 8  # 24 results lie in bricks of 16
    assert products(layer) > work
    assert products(layer) >= least


def test_a_table_look_up_takes_a_cycle_a_result():
    plain, looked_up = (conv_layer((8, 8), 8, 16, 3, joined=ops) for ops in ((), ("Sigmoid",)))
    assert products(looked_up) - products(plain) == (1024 + 384) - (384 + 256)


def test_an_addition_that_joined_a_product_is_a_pass_of_its_own():
    """0.75 cycles for each of 1,024 results; the product by itself is what it was."""
    x, z = Tensor("x", (1, 32, 8, 8), "int8"), Tensor("z", (1, 16, 8, 8), "int8")
    plain = conv_layer((8, 8), 32, 16, 3)
    added = replace(plain, nodes=("c", "a"), inputs=(x, z), joined=("Add",))
    assert products(added) == products(plain)
    assert ENGINE.vector_cycles(plain, NPU, "int8") == 0
    assert ENGINE.vector_cycles(added, NPU, "int8") == pytest.approx(768, abs=1)


def test_a_pooling_takes_four_cycles_a_tap_and_micro_block():
    """3 x 3 to 8 x 8 pixels of 16 channels: 32 micro-blocks of nine taps."""
    x, y = Tensor("x", (1, 16, 17, 17), "int8"), Tensor("y", (1, 16, 8, 8), "int8")
    pool = Layer("p", "MaxPool", Kind.VECTOR, ("p",), (x,), (), (y,), vector_ops=9 * y.elements)
    assert ENGINE.vector_cycles(pool, NPU, "int8") == 32 * 9 * 4 + START


def test_what_a_compiler_writes_in_place_takes_a_cycle_and_no_bytes():
    x, y = Tensor("x", (1, 16, 8, 8), "int8"), Tensor("y", (1, 32, 8, 8), "int8")
    concat = Layer("c", "Concat", Kind.MOVE, ("c",), (x, x), (), (y,))
    assert ENGINE.vector_cycles(concat, NPU, "int8") == 1
    assert sum(t.touched_bytes for t in ENGINE.in_dram(concat, frozenset(), NPU).outputs) == 0


def test_a_concatenation_in_a_network_switches_no_more_than_it_has_time_for():
    network = load_network("squeezenet").as_precision("int8")
    concats = [c for c in cost_network(network, NPU) if c.layer.op == "Concat"]
    assert len(concats) == 8
    assert {(c.compute_cycles, c.actions.sram_bytes) for c in concats} == {(1, 8)}


def test_flash_gives_packed_weights_and_a_scale_a_channel_and_no_maps():
    network = load_network("tiny-keywords").as_precision("int8")
    pointwise = next(c for c in cost_network(network, NPU) if c.layer.name == "0.pointwise")
    assert pointwise.dram_bytes == -(-64 * 64 * 93 // 100) + 64 * 10


def test_maps_that_outgrow_the_arena_come_from_outside():
    layer = conv_layer((512, 512), 16, 16, 1)
    stored = ENGINE.in_dram(layer, frozenset(), NPU)
    assert (stored.input_bytes, stored.output_bytes) == (layer.input_bytes, layer.output_bytes)


channels = st.integers(1, 140)


@given(channels, st.integers(1, 9), channels, st.integers(1, 40), st.integers(1, 3))
def test_the_block_is_the_one_that_a_plain_search_finds(c, k, n, out, stride):
    block = least_fetches(shape_of(c, k, n, out, stride), BUFFERS)
    assert (block.rows, block.cols, block.channels) == best_block(c, k, n, out, stride)


@given(channels, st.integers(1, 9), st.integers(1, 40))
def test_a_depthwise_block_is_the_one_that_a_plain_search_finds(c, k, out):
    block = least_fetches(shape_of(c, k, c, out, depthwise=True), BUFFERS)
    assert (block.rows, block.cols, block.channels) == best_block(c, k, c, out, depthwise=True)


@given(channels, st.integers(1, 9), channels, st.integers(2, 40), st.booleans())
def test_cycles_equal_a_walk_over_blocks_and_micro_blocks(c, k, n, out, depthwise):
    n = c if depthwise else n
    shape = shape_of(c, k, n, out, depthwise=depthwise)
    block = least_fetches(shape, BUFFERS)
    walked = steps_of((block.rows, block.cols, block.channels), c, k, n, out, depthwise)
    assert ENGINE.multiplier_cycles(shape, block, NPU, 4.0) == walked + START


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 5), st.integers(1, 60))
def test_no_convolution_is_faster_than_all_multipliers_and_its_own_results(c, n, k, out):
    layer = conv_layer((out, out), c, n, k)
    assert products(layer) * 256 >= layer.macs
    assert products(layer) * 4 >= out * out * n


def test_a_kernel_that_no_block_holds_is_multiplied_as_a_matrix():
    """Strides of 16 reach further than the banks: patches of a transformer."""
    x, w = Tensor("x", (1, 64, 224, 224), "int8"), Tensor("w", (64, 64, 16, 16), "int8")
    y = Tensor("y", (1, 64, 14, 14), "int8")
    layer = Layer(
        *("c", "Conv", Kind.MATRIX, ("c",), (x,), (w,), (y,), (Gemm(196, 16_384, 64),)),
        operands=(Operands(("x",), ("w",), "y"),),
        window=window_of_sizes((224, 224), (14, 14), (16, 16), 1),
    )
    ((shape, _, _),) = ENGINE.shapes(layer, NPU)
    assert (shape.channels, shape.taps) == (16_384, 1)


@pytest.mark.parametrize("name", ["vit_b_16", "alexnet", "shufflenet", "yolov8n:image=64"])
def test_networks_of_other_kinds_run_too(name):
    network = load_network(name).as_precision("int8")
    assert all(c.compute_cycles >= 0 for c in cost_network(network, NPU))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("block_rows", 0, "block_rows is 0; allowed is above 0"),
        ("weight_share", 2.5, "weight_share is 2.5; allowed is above 0 to 2"),
        ("start_cycles", -1, "start_cycles is -1; allowed is 0 to 1e+12"),
        ("shared_banks", 44.5, "'shared_banks' is a number; give a whole number"),
        ("sram_bytes_per_cycle", None, "key 'sram_bytes_per_cycle' is missing; add it"),
        ("activation_per_cycle", {"none": 4.0}, "activation_per_cycle has no entry for relu"),
        ("activation_per_cycle", {"rely": 4.0}, "unknown activation 'rely'"),
        ("operator_per_cycle", {"Add": 0.0}, "operator_per_cycle.Add is 0.0"),
    ],
)
def test_wrong_facts_are_one_line(preset_table, name, value, message):
    table = preset_table("ethos-u55-256")
    facts = table["engine"]["ublock"]
    facts[name] = value
    if value is None:
        del facts[name], facts["source"][name]
    with pytest.raises(DeviceError) as error:
        parse_device_file(toml_text(table), "mine")
    assert str(error.value).startswith("device 'ethos-u55-256': engine.ublock: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_banks_that_hold_no_block_are_told_when_a_layer_is_reckoned(preset_table, write_device):
    table = preset_table("ethos-u55-256")
    table["engine"]["ublock"]["shared_banks"] = 8
    npu = load_device(write_device(table))
    with pytest.raises(DeviceError, match="not one block fits in shared_banks = 8; give more"):
        engine_of(npu).product_cycles(conv_layer((8, 8), 8, 8, 3), npu, "int8")
