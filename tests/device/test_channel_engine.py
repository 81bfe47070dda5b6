"""The channel engine: worked by hand, against a walk over its steps, and with wrong facts."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError
from dfsrt.base.tomltext import toml_text
from dfsrt.cost import cost_network
from dfsrt.device.activation import ACTIVATIONS, activation
from dfsrt.device.engine import engine_of
from dfsrt.device.load import parse_device_file
from dfsrt.network import from_onnx_model
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from tests.helpers.channel import FACTS, channel_npu, channel_table, conv_layer
from tests.network.builders import Builder, silu

NPU = channel_npu()
ENGINE = engine_of(NPU)


def counted(layer, precision="int8"):
    return ENGINE.counted_cycles(layer, NPU, precision)


@pytest.mark.parametrize(
    ("layer", "cycles"),
    [
        # 3 of 32 lanes in each of nine taps: 9 steps a pixel for up to 32 outputs.
        (conv_layer((960, 960), 3, 16, 3), 960 * 960 * 9),
        # One tap of two groups of 32 inputs: 2 steps, but results need 4 to leave.
        (conv_layer((240, 240), 64, 64, 1), 57_600 * 2 * 4),
        # One tap of 12 groups of inputs, 8 of outputs.
        (conv_layer((60, 60), 384, 256, 1), 3_600 * 8 * 12),
        # Depthwise, 64 channels a step: published rows of a profile, 14,400 and 28,800.
        (conv_layer((20, 20), 256, 256, 3, 256), 14_400),
        (conv_layer((40, 40), 128, 128, 3, 128), 28_800),
        # Two groups of 33 inputs by 40 outputs: 2 x 2 blocks of 9 taps each, twice.
        (conv_layer((5, 4), 66, 80, 3, 2), 20 * 2 * (9 * 2) * 2),
    ],
)
def test_counted_cycles_are_as_worked_by_hand(layer, cycles):
    assert counted(layer) == cycles


IMAGES = channel_npu({**FACTS, "image_channels": 4})
JOINED = channel_npu({**FACTS, "joined_groups": True})


@pytest.mark.parametrize(
    ("layer", "cycles"),
    [
        # Seven rows of 7 x 3 inputs, 21 of 32 lanes: 7 steps a pixel for each 32 of 64 outputs.
        (conv_layer((112, 112), 3, 64, 7), 112 * 112 * 7 * 2),
        # Three rows of 3 x 4 inputs: 3 steps, but results need 4 to leave.
        (conv_layer((10, 10), 4, 32, 3), 100 * 4),
        # Five channels are no image, one tap has no row, and groups are no image either.
        (conv_layer((10, 10), 5, 32, 3), 100 * 9),
        (conv_layer((10, 10), 3, 32, 1), 100 * 4),
        (conv_layer((10, 10), 8, 64, 3, 2), 100 * 9 * 2),
    ],
)
def test_taps_of_a_kernels_row_share_a_step_where_images_have_few_channels(layer, cycles):
    assert engine_of(IMAGES).counted_cycles(layer, IMAGES, "int8") == cycles


@pytest.mark.parametrize(
    ("layer", "cycles", "results"),
    [
        # 32 groups of 4 by 4: 8 of them fill 32 lanes, so 4 blocks of 9 steps.
        (conv_layer((10, 10), 128, 128, 3, 32), 100 * 9 * 4, 100 * 128),
        # 3 groups of 12 by 20: outputs let but one in at a time.
        (conv_layer((10, 10), 36, 60, 3, 3), 100 * 9 * 3, 100 * 32 * 3),
        # 5 groups of 8 by 8: 4 and one, both a block.
        (conv_layer((10, 10), 40, 40, 3, 5), 100 * 9 * 2, 100 * 32 * 2),
        # Wide groups, depthwise and plain products are as ever.
        (conv_layer((5, 4), 66, 80, 3, 2), 20 * 2 * (9 * 2) * 2, 20 * 64 * 2),
        (conv_layer((20, 20), 256, 256, 3, 256), 14_400, 400 * 256),
        (conv_layer((10, 10), 64, 40, 1), 100 * 2 * 4, 100 * 64),
    ],
)
def test_narrow_groups_share_the_array_where_they_are_joined(layer, cycles, results):
    engine = engine_of(JOINED)
    assert engine.counted_cycles(layer, JOINED, "int8") == cycles
    assert engine.padded_results(layer, JOINED) == results


@given(st.integers(1, 6), st.integers(1, 70), st.integers(1, 70), st.integers(1, 40))
def test_joined_groups_are_never_slower_than_one_by_one_nor_faster_than_all_lanes(
    h, cin, cout, groups
):
    layer = conv_layer((h, h), cin * groups, cout * groups, 3, groups)
    joined = engine_of(JOINED).counted_cycles(layer, JOINED, "int8")
    assert joined <= counted(layer)
    if cin > 1:  # one input a group is a depthwise convolution
        assert joined * 32 * 32 >= layer.macs


def test_efficiency_stretches_what_is_counted():
    layer = conv_layer((60, 60), 384, 256, 1)
    assert ENGINE.product_cycles(layer, NPU, "int8") == -(-345_600 * 100 // 81)


def test_half_precision_takes_two_clocks_a_step_and_the_way_out_is_as_wide():
    wide, narrow = conv_layer((10, 10), 384, 32, 1), conv_layer((10, 10), 32, 32, 1)
    assert (counted(wide), counted(wide, "fp16")) == (1200, 2400)
    assert counted(narrow) == counted(narrow, "fp16") == 400


def matmul(m, k, n, count=1):
    a, b, y = Tensor("a", (m, k), "int8"), Tensor("b", (k, n), "int8"), Tensor("y", (m, n), "int8")
    return Layer(
        *("mm", "MatMul", Kind.MATRIX, ("mm",), (a,), (b,), (y,), (Gemm(m, k, n, count),)),
        operands=(Operands(("a",), ("b",), "y"),),
    )


def test_a_matrix_product_is_a_convolution_of_one_tap():
    assert counted(matmul(77, 512, 2048)) == 77 * 64 * 16
    assert counted(matmul(77, 64, 77, count=8)) == 77 * 3 * 4 * 8


sizes = st.integers(1, 6)
channels = st.integers(1, 140)


def steps(pixels, inputs, outputs, kernel, groups, lanes=32, results=8, depthwise=64):
    """Walk over pixels, groups, blocks of outputs, taps and blocks of inputs; count the steps."""
    total = 0
    for _ in range(pixels):
        if groups > 1 and inputs == groups:
            for _ in range(0, outputs, depthwise):
                total += kernel * kernel
            continue
        for _ in range(groups):
            for _ in range(0, outputs // groups, lanes):
                inner = 0
                for _ in range(kernel * kernel):
                    for _ in range(0, inputs // groups, lanes):
                        inner += 1
                total += max(inner, lanes // results)
    return total


@given(sizes, sizes, channels, channels, st.integers(1, 3), st.sampled_from([1, 2, 5]))
def test_counted_cycles_equal_a_walk_over_the_steps(h, w, cin, cout, kernel, groups):
    layer = conv_layer((h, w), cin * groups, cout * groups, kernel, groups)
    assert counted(layer) == steps(h * w, cin * groups, cout * groups, kernel, groups)


@given(sizes, channels, st.integers(1, 3), st.integers(1, 2))
def test_depthwise_equals_a_walk_over_its_steps(h, groups, kernel, multiplier):
    layer = conv_layer((h, h), groups, groups * multiplier, kernel, groups)
    assert counted(layer) == steps(h * h, groups, groups * multiplier, kernel, groups)


@given(sizes, channels, channels, st.integers(1, 4))
def test_no_product_is_faster_than_all_lanes_at_work_and_more_channels_never_shorten(
    h, cin, cout, kernel
):
    cycles = counted(conv_layer((h, h), cin, cout, kernel))
    assert cycles * 32 * 32 >= h * h * cin * cout * kernel**2
    assert counted(conv_layer((h, h), cin + 1, cout, kernel)) >= cycles
    assert counted(conv_layer((h, h), cin, cout + 1, kernel)) >= cycles


def test_results_pass_an_activation_at_its_pace_padded_channels_too():
    plain, slow = (conv_layer((10, 10), 64, 40, 1, joined=ops) for ops in ((), ("Sigmoid", "Mul")))
    assert ENGINE.drain_cycles(plain, NPU, "int8") == 100 * 64 / 8
    assert ENGINE.drain_cycles(slow, NPU, "int8") == 100 * 64 / 1.6
    depthwise = conv_layer((10, 10), 40, 40, 3, 40)
    assert ENGINE.drain_cycles(depthwise, NPU, "int8") == 100 * 64 / 8


@pytest.mark.parametrize(
    ("joined", "kind"),
    [
        ((), "none"),
        (("Add",), "none"),
        (("Add", "Relu"), "relu"),
        (("Clip",), "clip"),
        (("Sigmoid",), "sigmoid"),
        (("Sigmoid", "Mul"), "silu"),
        (("Swish",), "silu"),
        (("HardSwish",), "silu"),
        (("Div", "Erf", "Add", "Mul", "Mul"), "gelu"),
        (("Pow", "Mul", "Add", "Mul", "Tanh", "Add", "Mul", "Mul"), "gelu"),
        (("Div",), "none"),
    ],
)
def test_joined_operators_are_an_activation(joined, kind):
    assert activation(joined) == kind


def test_activations_are_seen_in_a_network():
    b = Builder()
    y = silu(b, b.op("Conv", b.input("x", [1, 3, 8, 8]), b.weight(16, 3, 3, 3)))
    y = b.op("Relu", b.op("Conv", y, b.weight(8, 16, 1, 1)))
    first, second = from_onnx_model(b.model(y), "t").layers
    assert (activation(first.joined), activation(second.joined)) == ("silu", "relu")


def test_images_lie_in_dram_with_their_channels_padded_but_the_callers():
    b = Builder()
    y = b.op("Conv", b.input("x", [1, 3, 8, 8]), b.weight(20, 3, 1, 1))
    y = b.op("Conv", y, b.weight(5, 20, 1, 1))
    network = from_onnx_model(b.model(y), "t").as_precision("int8")
    first, second = cost_network(network, NPU)
    assert first.dram_bytes == 64 * 3 + 20 * 3 + 64 * 32
    assert second.dram_bytes == 64 * 32 + 5 * 20 + 64 * 16
    assert first.layer.outputs[0].touched is None  # the layer itself is as it was


def test_an_operator_with_its_own_pace_takes_it():
    x, y = Tensor("x", (1, 32, 10, 10), "int8"), Tensor("y", (1, 32, 20, 20), "int8")
    resize = Layer("r", "Resize", Kind.VECTOR, ("r",), (x,), (), (y,), vector_ops=12_800)
    assert ENGINE.vector_cycles(resize, NPU, "int8") == -(-12_800 * 10 // 68)


def test_buffer_bytes_are_inputs_a_group_weights_once_and_results_once():
    layer = conv_layer((4, 5), 8, 40, 3)
    bytes_int8 = 20 * 72 * 2 + 72 * 40 + 20 * 40
    assert ENGINE.sram_bytes(layer, NPU, "int8", 8) == bytes_int8
    assert ENGINE.sram_bytes(layer, NPU, "fp16", 16) == 2 * bytes_int8


def spoiled(name, value):
    facts = copy.deepcopy(dict(FACTS))
    if value is None:
        del facts[name]
    elif isinstance(value, dict):
        facts[name] = {k: v for k, v in {**facts[name], **value}.items() if v is not None}
    else:
        facts[name] = value
    return facts


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        *((name, None, f"key '{name}' is missing; add it") for name in FACTS if name[0] != "o"),
        ("image_channels", -1, "image_channels is -1; allowed is 0 to 1024"),
        ("mac_efficiency", 0.0, "mac_efficiency is 0.0; allowed is above 0 up to 1"),
        ("mac_efficiency", 1.01, "mac_efficiency is 1.01; allowed is above 0 up to 1"),
        ("results_per_cycle", 0, "results_per_cycle is 0; allowed is above 0"),
        ("results_per_cycle", 8.5, "'results_per_cycle' is a number; give a whole number"),
        ("depthwise_lanes", -64, "depthwise_lanes is -64; allowed is above 0"),
        ("activation_per_cycle", {"gelu": None}, "has no entry for gelu; add it"),
        ("activation_per_cycle", {"silo": 1.0}, "unknown activation 'silo'; did you mean 'silu'"),
        ("activation_per_cycle", {"silu": 0.0}, "activation_per_cycle.silu is 0.0"),
        ("operator_per_cycle", {"Resize": -1.0}, "operator_per_cycle.Resize is -1.0"),
        ("operator_per_cycle", 3, "is a whole number; give a table"),
    ],
)
def test_wrong_constants_are_one_line(name, value, message):
    text = toml_text(channel_table(spoiled(name, value)))
    with pytest.raises(DeviceError) as error:
        parse_device_file(text, "channel")
    assert str(error.value).startswith("device 'channel': engine.channel: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_channel_engine_without_its_table_is_one_line():
    table = channel_table()
    del table["engine"]
    with pytest.raises(DeviceError, match=r"engine.channel: key 'results_per_cycle' is missing"):
        parse_device_file(toml_text(table), "channel")


def test_every_activation_that_is_told_apart_has_a_pace():
    assert set(FACTS["activation_per_cycle"]) == set(ACTIVATIONS)
