"""Fusion: what joins which layer, and what must stay true whatever joins."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.network import Kind, Network, from_onnx_model, load_network, network_names
from tests.network.builders import (
    Builder,
    gelu,
    group_norm,
    layer_norm,
    linear,
    silu,
    transformer_block,
    unet,
)


def check_invariants(fused: Network, raw: Network) -> None:
    nodes = [name for layer in fused.layers for name in layer.nodes]
    assert sorted(nodes) == sorted(layer.name for layer in raw.layers)
    assert (fused.macs, fused.params) == (raw.macs, raw.params)
    made_ever = {t.name for layer in fused.layers for t in layer.outputs}
    made_now: set[str] = set()
    for layer in fused.layers:
        for tensor in layer.inputs:
            assert tensor.name in made_now or tensor.name not in made_ever, layer
        made_now |= {t.name for t in layer.outputs}
    shapes = {t.name: t.shape for layer in raw.layers for t in layer.outputs}
    assert all(shapes[t.name] == t.shape for layer in fused.layers for t in layer.outputs)


def both(model) -> tuple[Network, Network]:
    fused, raw = (from_onnx_model(model, "t", fuse=fuse) for fuse in (True, False))
    check_invariants(fused, raw)
    return fused, raw


@pytest.mark.parametrize("name", network_names())
def test_every_node_of_the_shelf_is_in_one_layer_and_order_is_valid(name):
    check_invariants(load_network(name), load_network(name, fuse=False))


def test_a_unet_block_becomes_its_norms_products_and_transposes():
    fused, raw = both(unet(1))
    assert len(raw.layers) == 84
    assert len(fused.layers) == 26
    convolutions = [layer for layer in fused.layers if layer.op == "Conv"]
    assert [t.name for t in convolutions[1].inputs][1] == "x"  # the residual rides along
    assert not any(layer.kind is Kind.VIEW for layer in fused.layers)


def test_time_embedding_is_added_by_the_convolution_although_made_after_it():
    fused, _ = both(unet(1))
    (conv,) = [a for a in fused.layers if a.op == "Conv" and any("Add_42" in n for n in a.nodes)]
    assert len(conv.inputs) == 2


def one_layer(b: Builder, y: str):
    fused, _ = both(b.model(y))
    (layer,) = fused.layers
    return layer


def small_conv(b: Builder, x: str, bias: bool = False) -> str:
    constants = [b.weight(8, 8, 1, 1), *([b.weight(8)] if bias else [])]
    return b.op("Conv", x, *constants)


@pytest.mark.parametrize("activation", [silu, gelu])
def test_an_activation_that_forks_and_meets_again_is_taken_in_whole(activation):
    b = Builder()
    layer = one_layer(b, activation(b, small_conv(b, b.input("x", [1, 8, 4, 4]))))
    assert layer.op == "Conv"
    assert layer.fused_ops > 0


def test_hard_swish_written_out_is_taken_in():
    b = Builder()
    y = small_conv(b, b.input("x", [1, 8, 4, 4]))
    inner = b.op(
        "Clip",
        b.op("Add", y, b.const(3, np.float32)),
        b.const(0, np.float32),
        b.const(6, np.float32),
    )
    assert one_layer(b, b.op("Div", b.op("Mul", y, inner), b.const(6, np.float32))).op == "Conv"


@pytest.mark.parametrize(
    "norm", [lambda b, x: layer_norm(b, x, 8), lambda b, x: group_norm(b, x, [1, 16, 8, 8])]
)
def test_a_norm_written_out_is_one_vector_layer(norm):
    b = Builder()
    layer = one_layer(b, norm(b, b.input("x", [1, 16, 8, 8])))
    assert layer.kind is Kind.VECTOR
    assert [t.name for t in layer.inputs] == ["x"]


def test_batch_norm_leaves_one_bias_vector_and_no_work():
    b = Builder()
    y = small_conv(b, b.input("x", [1, 8, 4, 4]))
    layer = one_layer(b, b.op("BatchNormalization", y, *(b.weight(8) for _ in range(4))))
    assert [t.shape for t in layer.weights] == [(8, 8, 1, 1), (8,)]
    assert layer.fused_ops == 0


def test_batch_norm_after_a_bias_adds_no_constant():
    b = Builder()
    y = small_conv(b, b.input("x", [1, 8, 4, 4]), bias=True)
    layer = one_layer(b, b.op("BatchNormalization", y, *(b.weight(8) for _ in range(4))))
    assert len(layer.weights) == 2


def test_batch_norm_after_an_activation_is_work():
    b = Builder()
    y = b.op("Relu", small_conv(b, b.input("x", [1, 8, 4, 4])))
    layer = one_layer(b, b.op("BatchNormalization", y, *(b.weight(8) for _ in range(4))))
    assert layer.fused_ops == 3 * 128
    assert len(layer.weights) == 3


def test_a_scalar_shift_becomes_a_bias_per_channel():
    b = Builder()
    y = b.op("Add", b.op("MatMul", b.input("x", [3, 4]), b.weight(4, 5)), b.const(1, np.float32))
    assert [t.shape for t in one_layer(b, y).weights] == [(4, 5), (5,)]


def test_a_product_of_two_run_time_tensors_folds_nothing():
    b = Builder()
    y = b.op("MatMul", b.input("x", [3, 4]), b.input("y", [4, 5]))
    layer = one_layer(b, b.op("Mul", y, b.weight(5)))
    assert layer.fused_ops == 15


def test_a_residual_add_joins_the_later_of_two_convolutions():
    b = Builder()
    x = b.input("x", [1, 8, 4, 4])
    first, second = small_conv(b, x), small_conv(b, x)
    fused, _ = both(b.model(b.op("Relu", b.op("Add", first, second))))
    assert [len(layer.nodes) for layer in fused.layers] == [1, 3]
    assert [t.name for t in fused.layers[1].inputs] == ["x", first]


def test_a_tensor_that_leaves_the_network_ends_the_layer():
    b = Builder()
    y = small_conv(b, b.input("x", [1, 8, 4, 4]))
    z = b.op("Relu", y)
    fused, _ = both(b.model(z, y))
    assert [layer.op for layer in fused.layers] == ["Conv", "Relu"]


def test_a_tensor_with_another_reader_ends_the_layer():
    b = Builder()
    y = small_conv(b, b.input("x", [1, 8, 4, 4]))
    z = b.op("Relu", y)
    fused, _ = both(b.model(small_conv(b, y), z))
    assert [layer.op for layer in fused.layers] == ["Conv", "Relu", "Conv"]


def test_views_cost_nothing_and_join_a_neighbour():
    b = Builder()
    y = b.op("Reshape", b.input("x", [1, 128]), b.const([1, 8, 4, 4]))
    y = b.op("Reshape", small_conv(b, y), b.const([8, 16]))
    fused, raw = both(b.model(y))
    (layer,) = fused.layers
    assert [t.name for t in layer.inputs] == ["x"]
    assert layer.outputs[0].shape == (8, 16)
    views = [a for a in raw.layers if a.kind is Kind.VIEW]
    assert len(views) == 2
    assert not any(a.input_bytes + a.output_bytes + a.weight_bytes for a in views)


def test_a_lone_view_stays_as_a_layer_without_cost():
    b = Builder()
    y = b.op("Reshape", b.input("x", [2, 3]), b.const([6]))
    assert one_layer(b, y).output_bytes == 0


def test_one_layer_reads_a_gathered_table_by_its_rows():
    b = Builder()
    layer = one_layer(b, b.op("Gather", b.weight(1000, 8), b.input("i", [1, 5], 7)))
    assert layer.weights[0].touched_bytes == 5 * 8 * 4
    assert layer.weight_bytes == 1000 * 8 * 4


@st.composite
def random_graphs(draw):
    """Chains with branches of everything that fusion looks at, on one shape."""
    b = Builder(opset=16)
    shape = [1, 8, 4, 4]
    tensors = [b.input("x", shape)]
    for _ in range(draw(st.integers(1, 14))):
        x = tensors[draw(st.integers(max(0, len(tensors) - 4), len(tensors) - 1))]
        z = tensors[draw(st.integers(0, len(tensors) - 1))]
        kind = draw(st.integers(0, 9))
        if kind <= 1:
            y = small_conv(b, x, bias=bool(kind))
        elif kind == 2:
            y = b.op("BatchNormalization", x, *(b.weight(8) for _ in range(4)))
        elif kind == 3:
            y = b.op(draw(st.sampled_from(["Relu", "Sigmoid", "Softmax", "Identity"])), x)
        elif kind <= 5:
            y = b.op("Add", x, z)
        elif kind == 6:
            y = b.op("Mul", x, b.weight(8, 1, 1))
        elif kind == 7:
            y = b.op("Reshape", b.op("Reshape", x, b.const([1, -1])), b.const(shape))
        elif kind == 8:
            y = b.op("Sub", x, b.op("ReduceMean", z, axes=[-1]))
        else:
            y = b.op("Concat", *b.op("Split", x, b.const([4, 4]), n=2, axis=1), axis=1)
        tensors.append(y)
    return b.model(*dict.fromkeys([tensors[-1], tensors[draw(st.integers(1, len(tensors) - 1))]]))


@settings(max_examples=200)
@given(random_graphs())
def test_random_graphs_keep_every_node_once_in_a_valid_order(model):
    both(model)


@settings(max_examples=60)
@given(random_graphs())
def test_results_that_leave_the_network_are_written_by_some_layer(model):
    fused = from_onnx_model(model, "t")
    written = {t.name for layer in fused.layers for t in layer.outputs}
    assert {o.name for o in model.graph.output} <= written


def test_a_transformer_block_has_a_layer_for_each_product():
    b = Builder(opset=16)
    fused, _ = both(b.model(transformer_block(b, b.input("x", [1, 6, 8]), 6, 8)))
    assert sum(layer.op == "MatMul" for layer in fused.layers) == 8
    assert not any(layer.op in ("Add", "Erf", "Mul", "Div", "Pow") for layer in fused.layers)


def test_linear_takes_its_bias_in():
    b = Builder()
    layer = one_layer(b, linear(b, b.input("x", [1, 6, 8]), 8, 4))
    assert (layer.op, layer.fused_ops, len(layer.weights)) == ("MatMul", 0, 2)


def sigmoids(count: int):
    b = Builder()
    x = b.input("x", [1, 8, 4, 4])
    for _ in range(count):
        x = b.op("Sigmoid", x)
    return one_layer(b, x)


def test_twenty_chained_sigmoids_take_twenty_times_the_vector_work_of_one():
    one, twenty = sigmoids(1), sigmoids(20)
    assert twenty.vector_ops == 20 * one.vector_ops
    assert twenty.fused_ops == 0


def test_a_layer_norm_written_out_costs_about_the_single_operator():
    b = Builder()
    written = one_layer(b, layer_norm(b, b.input("x", [1, 16, 64]), 64))
    b = Builder()
    norm = b.op("LayerNormalization", b.input("x", [1, 16, 64]), b.weight(64), b.weight(64))
    single = one_layer(b, norm)
    assert 0.5 < written.vector_ops / single.vector_ops < 2
    assert written.fused_ops == 0


def test_many_views_handed_to_one_reader_keep_the_order_of_the_file():
    b = Builder()
    views = [b.op("Reshape", b.input(f"x{i}", [4]), b.const([2, 2])) for i in range(50)]
    fused, raw = both(b.model(b.op("Concat", *views, axis=0)))
    assert fused.layers[0].nodes == tuple(layer.name for layer in raw.layers)


@pytest.mark.parametrize("fuse", [True, False])
def test_a_network_names_its_run_time_inputs_and_its_outputs(fuse):
    b = Builder(opset=8)
    y = b.op("MatMul", b.input("x", [3, 4]), b.weight(4, 5, name="w"))
    model = b.model(b.op("Relu", y), y)
    model.graph.input.append(onnx.helper.make_tensor_value_info("w", 1, [4, 5]))
    network = from_onnx_model(model, "t", fuse=fuse)
    assert network.inputs == ("x",)
    assert network.outputs == tuple(o.name for o in model.graph.output)


def test_a_weight_that_two_layers_share_is_stored_once():
    b = Builder()
    w = b.weight(8, 8)
    y = b.op("MatMul", b.op("MatMul", b.input("x", [2, 8]), w), w)
    network = from_onnx_model(b.model(y), "t")
    assert [layer.weight_bytes for layer in network.layers] == [256, 256]
    assert network.weight_bytes == 256
