"""Files as exporters write them: dynamic axes, old and new operator sets, half precision."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from dfsrt.network import Gemm, Kind, from_onnx_model, load_network
from dfsrt.network.graph import node_of
from dfsrt.network.shapes.evaluate import _run_reference, evaluate
from tests.network.builders import Builder, unet


def shapes(network) -> dict[str, tuple[int, ...]]:
    return {t.name: t.shape for layer in network.layers for t in layer.outputs}


def dim(b: Builder, x: str, axis: int) -> str:
    """One size of ``x``, as torch exports ``x.size(axis)``."""
    return b.op("Unsqueeze", b.op("Gather", b.op("Shape", x), b.const(axis)), b.const([0]))


def test_shape_arithmetic_of_dynamic_axes_is_folded_away():
    b = Builder()
    x = b.input("x", ["batch", "seq", 12])
    target = b.op("Concat", dim(b, x, 0), dim(b, x, 1), b.const([3]), b.const([4]), axis=0)
    y = b.op("Transpose", b.op("Reshape", x, target), perm=[0, 2, 1, 3])
    network = from_onnx_model(b.model(y), "t", dims={"batch": 2, "seq": 5}, fuse=False)
    assert [layer.op for layer in network.layers] == ["Reshape", "Transpose"]
    assert shapes(network)[y] == (2, 3, 5, 4)


def test_expand_through_where_and_equal_is_folded_away():
    b = Builder()
    x = b.input("x", ["batch", 4])
    mask = b.input("mask", [1, 4])
    wanted = b.op("Concat", dim(b, x, 0), b.const([-1]), axis=0)
    ones = b.op(
        "ConstantOfShape", b.op("Shape", wanted), value=helper.make_tensor("v", 7, [1], [1])
    )
    negative = b.op("Equal", wanted, b.op("Mul", ones, b.const(-1)))
    y = b.op("Expand", mask, b.op("Where", negative, ones, wanted))
    network = from_onnx_model(b.model(b.op("Add", x, y)), "t", dims={"batch": 3}, fuse=False)
    assert [layer.op for layer in network.layers] == ["Expand", "Add"]
    assert shapes(network)[y] == (3, 4)


def test_resize_to_a_computed_size():
    b = Builder()
    x = b.input("x", [1, 2, "h", "w"])
    doubled = b.op("Mul", b.op("Slice", b.op("Shape", x), b.const([2]), b.const([4])), b.const(2))
    size = b.op("Concat", b.const([1, 2]), b.op("Floor", b.op("Cast", doubled, to=1)), axis=0)
    del b.nodes[-1]
    whole = b.op("Cast", b.op("Floor", b.op("Cast", doubled, to=1)), to=7)
    size = b.op("Concat", b.const([1, 2]), whole, axis=0)
    y = b.op("Resize", x, "", "", size, mode="linear")
    (layer,) = from_onnx_model(b.model(y), "t", dims={"h": 3, "w": 5}).layers
    assert layer.outputs[0].shape == (1, 2, 6, 10)
    assert layer.vector_ops == 4 * 120


def test_positions_by_range_are_constants():
    b = Builder()
    x = b.input("ids", ["n", "seq"], TensorProto.INT64)
    length = b.op("Gather", b.op("Shape", x), b.const(1))
    positions = b.op("Range", b.const(0), length, b.const(1))
    y = b.op("Add", b.op("Gather", b.weight(100, 8), x), b.op("Gather", b.weight(50, 8), positions))
    network = from_onnx_model(b.model(y), "t", dims={"n": 1, "seq": 7})
    assert shapes(network)[y] == (1, 7, 8)
    assert network.layers[0].weights[0].touched == 56


def test_an_axis_without_a_name_is_set_by_input_and_position():
    b = Builder()
    y = b.op("Relu", b.input("x", [None, 3]))
    assert shapes(from_onnx_model(b.model(y), "t", dims={"x.0": 4}))[y] == (4, 3)


def if_model(condition: str, b: Builder, x: str) -> onnx.ModelProto:
    def branch(op: str, name: str):
        node = helper.make_node(op, [x], [name], name="inner")
        return helper.make_graph([node], name, [], [onnx.ValueInfoProto(name=name)])

    then, other = branch("Relu", "then"), branch("Sigmoid", "other")
    node = helper.make_node("If", [condition], ["y"], "if", then_branch=then, else_branch=other)
    b.nodes.append(node)
    return b.model(b.op("Neg", "y"))


@pytest.mark.parametrize(("size", "op"), [(1, "Relu"), (2, "Sigmoid")])
def test_an_if_on_a_shape_becomes_the_branch_taken(size, op):
    b = Builder()
    x = b.input("x", ["n", 4])
    model = if_model(b.op("Equal", dim(b, x, 0), b.const([1])), b, x)
    network = from_onnx_model(model, "t", dims={"n": size}, fuse=False)
    assert [layer.op for layer in network.layers] == [op, "Identity", "Neg"]


def test_local_functions_are_written_out():
    body = [helper.make_node("Sigmoid", ["a"], ["s"]), helper.make_node("Mul", ["a", "s"], ["o"])]
    opsets = [helper.make_opsetid("", 17)]
    b = Builder()
    y = b.op("Silu", b.input("x", [2, 3]), domain="local")
    model = b.model(y, imports={"local": 1})
    model.functions.append(helper.make_function("local", "Silu", ["a"], ["o"], body, opsets))
    network = from_onnx_model(model, "t", fuse=False)
    assert [layer.op for layer in network.layers] == ["Sigmoid", "Mul"]


def test_external_data_that_is_absent_is_not_needed(tmp_path):
    model = unet(1)
    path = tmp_path / "unet.onnx"
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=256)
    (tmp_path / "weights.bin").unlink()
    loaded = load_network(path)
    assert loaded.name == "unet"
    assert loaded.layers == from_onnx_model(model, "unet").layers


def test_weights_of_constant_nodes_count_like_initializers():
    b = Builder()
    value = helper.make_tensor("v", 1, [4, 5], np.ones(20, np.float32))
    y = b.op("MatMul", b.input("x", [3, 4]), b.op("Constant", value=value))
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert layer.gemms == (Gemm(3, 4, 5),)
    assert layer.weight_bytes == 80


def test_weights_computed_from_constants_are_folded():
    b = Builder()
    w = b.op("Transpose", b.op("Mul", b.weight(50, 40), b.weight(1)), perm=[1, 0])
    network = from_onnx_model(b.model(b.op("MatMul", b.input("x", [3, 40]), w)), "t", fuse=False)
    (layer,) = network.layers
    assert [t.shape for t in layer.weights] == [(40, 50)]


def test_old_files_list_weights_among_the_inputs():
    b = Builder(opset=8)
    model = b.model(b.op("MatMul", b.input("x", [3, 4]), b.weight(4, 5, name="w")))
    model.graph.input.append(helper.make_tensor_value_info("w", 1, [4, 5]))
    model.ir_version = 3
    (layer,) = from_onnx_model(model, "t").layers
    assert [t.name for t in layer.inputs] == ["x"]


def test_half_precision_is_kept():
    b = Builder(dtype=TensorProto.FLOAT16)
    y = b.op("MatMul", b.input("x", [3, 4]), b.weight(4, 5))
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert layer.precision == "fp16"
    assert (layer.input_bytes, layer.weight_bytes, layer.output_bytes) == (24, 40, 30)


def quantized_model() -> onnx.ModelProto:
    """A convolution between dequantize and quantize nodes, as quantizing tools write it."""
    b = Builder()
    scale, zero = b.const(0.1, np.float32), b.const(0, np.int8)
    b.dtype = TensorProto.INT8
    w = b.op("DequantizeLinear", b.weight(8, 3, 3, 3), scale, zero)
    x = b.op("DequantizeLinear", b.input("x", [1, 3, 8, 8]), scale, zero)
    y = b.op("QuantizeLinear", b.op("Relu", b.op("Conv", x, w)), scale, zero)
    y = b.op("MaxPool", b.op("DequantizeLinear", y, scale, zero), kernel_shape=[2, 2])
    return b.model(b.op("QuantizeLinear", y, scale, zero))


def test_a_quantized_convolution_reads_and_writes_bytes():
    conv, pool = from_onnx_model(quantized_model(), "t").layers
    assert (conv.op, conv.precision) == ("Conv", "int8")
    assert (conv.input_bytes, conv.output_bytes) == (192, 8 * 36)
    assert conv.weights[0].bytes == 8 * 27
    assert (pool.op, pool.input_bytes, pool.output_bytes) == ("MaxPool", 8 * 36, 8 * 25)


OLD_AND_NEW = {
    "squeeze": (
        lambda b, x: b.op("Squeeze", x, axes=[0]),
        lambda b, x: b.op("Squeeze", x, b.const([0])),
    ),
    "unsqueeze": (
        lambda b, x: b.op("Unsqueeze", x, axes=[0]),
        lambda b, x: b.op("Unsqueeze", x, b.const([0])),
    ),
    "slice": (
        lambda b, x: b.op("Slice", x, starts=[1], ends=[3], axes=[1]),
        lambda b, x: b.op("Slice", x, b.const([1]), b.const([3]), b.const([1])),
    ),
    "split": (
        lambda b, x: b.op("Split", x, n=2, split=[1, 3], axis=1)[1],
        lambda b, x: b.op("Split", x, b.const([1, 3]), n=2, axis=1)[1],
    ),
    "pad": (
        lambda b, x: b.op("Pad", x, pads=[0, 1, 0, 2]),
        lambda b, x: b.op("Pad", x, b.const([0, 1, 0, 2])),
    ),
    "clip": (
        lambda b, x: b.op("Clip", x, min=0.0, max=6.0),
        lambda b, x: b.op("Clip", x, b.const(0, np.float32), b.const(6, np.float32)),
    ),
    "reduce": (
        lambda b, x: b.op("ReduceSum", x, axes=[1], keepdims=0),
        lambda b, x: b.op("ReduceSum", x, b.const([1]), keepdims=0),
    ),
}


@pytest.mark.parametrize("case", OLD_AND_NEW)
def test_attributes_of_old_operator_sets_equal_operands_of_new_ones(case):
    layers = []
    for opset, build in zip((9, 18), OLD_AND_NEW[case], strict=True):
        b = Builder(opset)
        y = build(b, b.input("x", [1, 4]))
        (layer,) = from_onnx_model(b.model(y), "t", fuse=False).layers
        weights = [t.shape for t in layer.weights]
        layers.append((layer.kind, layer.vector_ops, layer.outputs[0].shape, weights))
    assert layers[0] == layers[1]


def test_upsample_of_operator_set_7_and_9():
    for opset, attributes in ((7, {"scales": [1.0, 1.0, 2.0, 2.0]}), (9, {})):
        b = Builder(opset)
        operands = [b.const([1, 1, 2, 2], np.float32)] if opset == 9 else []
        y = b.op("Upsample", b.input("x", [1, 2, 3, 4]), *operands, mode="nearest", **attributes)
        (layer,) = from_onnx_model(b.model(y), "t").layers
        assert (layer.outputs[0].shape, layer.vector_ops) == ((1, 2, 6, 8), 96)


def test_the_unused_mask_of_dropout_needs_no_shape():
    b = Builder()
    y, _mask = b.op("Dropout", b.input("x", [2, 3]), n=2)
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert layer.kind is Kind.VIEW
    assert [t.name for t in layer.outputs] == [y]


def test_a_transpose_of_axes_of_size_one_is_a_view():
    kinds = []
    for perm in ([0, 2, 1, 3], [1, 0, 2, 3], [0, 3, 2, 1]):
        b = Builder()
        y = b.op("Transpose", b.input("x", [1, 3, 1, 4]), perm=perm)
        kinds.append(from_onnx_model(b.model(y), "t").layers[0].kind)
    assert kinds == [Kind.VIEW, Kind.VIEW, Kind.MOVE]


def test_nodes_without_a_name_of_their_own_get_one():
    b = Builder()
    x = b.input("x", [2])
    for name in ("", "twin", "twin"):
        x = b.op("Relu", x, name=name)
    names = [layer.name for layer in from_onnx_model(b.model(x), "t", fuse=False).layers]
    assert names == ["Relu_0", "twin", "Relu_2"]


def test_nodes_that_no_output_needs_are_dropped():
    b = Builder()
    x = b.input("x", [2])
    b.op("Sigmoid", x)
    assert len(from_onnx_model(b.model(b.op("Relu", x)), "t").layers) == 1


def test_random_noise_is_work_not_a_constant():
    b = Builder()
    x = b.input("x", [2, 3])
    network = from_onnx_model(b.model(b.op("Add", x, b.op("RandomNormalLike", x))), "t", fuse=False)
    assert [layer.op for layer in network.layers] == ["RandomNormalLike", "Add"]


ARITHMETIC = {
    "Add": [[3, 5], [2]],
    "Div": [[-7, 7, 9], [2, -2, 3]],
    "Sub": [[3, 5], [2]],
    "Mul": [[3, 5], [2, 4]],
    "Equal": [[3, -1], [-1, -1]],
    "Greater": [[3, -1], [-1, -1]],
    "Less": [[3, -1], [4, -1]],
    "Gather": [[3, 5, 7], [2, 0, -1]],
    "Range": [2, 11, 3],
    "Squeeze": [[[3]], [0]],
    "Unsqueeze": [[3], [0, 2]],
}


@pytest.mark.parametrize("op", ARITHMETIC)
def test_fast_shape_arithmetic_equals_the_reference_evaluator(op):
    operands = [np.array(value, np.int64) for value in ARITHMETIC[op]]
    names = [f"i{k}" for k in range(len(operands))]
    node = node_of(helper.make_node(op, names, ["o"]), "n")
    (fast,) = evaluate(node, operands, {"": 17}, sized=False)
    (slow,) = _run_reference(node, operands, {"": 17})
    assert (fast.shape, fast.element) == (slow.shape, slow.element)
    np.testing.assert_array_equal(fast.value, slow.value)


def test_a_quantized_operator_of_its_own_computes_in_int8():
    b = Builder()
    scale, zero = b.const(0.1, np.float32), b.const(0, np.int8)
    b.dtype = TensorProto.INT8
    x, w = b.input("x", [1, 3, 8, 8]), b.weight(4, 3, 3, 3)
    y = b.op("QLinearConv", x, scale, zero, w, scale, zero, scale, zero)
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert (layer.precision, layer.gemms) == ("int8", (Gemm(36, 27, 4),))
    assert [t.name for t in layer.weights] == [w]


def test_a_wide_residual_does_not_widen_the_product():
    b = Builder(dtype=TensorProto.FLOAT16)
    y = b.op("MatMul", b.input("x", [3, 4]), b.weight(4, 5))
    y = b.op("Add", b.op("Cast", y, to=TensorProto.FLOAT), b.input("r", [3, 5], TensorProto.FLOAT))
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert layer.precision == "fp16"
    assert layer.output_bytes == 60


def test_a_gather_of_a_half_precision_table_computes_in_half_precision():
    b = Builder(dtype=TensorProto.FLOAT16)
    y = b.op("Gather", b.weight(100, 8), b.input("ids", [1, 5], TensorProto.INT64))
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert (layer.precision, layer.index_only) == ("fp16", False)


def test_a_layer_on_indices_alone_takes_the_narrowest_arithmetic():
    b = Builder()
    ids = b.input("ids", [1, 5], TensorProto.INT64)
    (layer,) = from_onnx_model(b.model(b.op("Add", ids, b.const(1))), "t").layers
    assert (layer.precision, layer.index_only) == ("int8", True)


def if_branch(*nodes, weights=(), declared=()) -> onnx.GraphProto:
    """A branch whose result is ``out``."""
    tensors = [onnx.numpy_helper.from_array(np.ones(s, np.float32), n) for n, s in weights]
    outputs = [onnx.ValueInfoProto(name="out")]
    return helper.make_graph(nodes, "branch", [], outputs, tensors, value_info=declared)


def two_ifs(b: Builder, first: onnx.GraphProto, second: onnx.GraphProto) -> onnx.ModelProto:
    for index, branch in enumerate((first, second)):
        b.nodes.append(
            helper.make_node(
                "If", [b.const(True, np.bool_)], [f"y{index}"], f"if{index}",
                then_branch=branch, else_branch=branch,
            )
        )  # fmt: skip
    return b.model(b.op("Neg", "y0"), b.op("Neg", "y1"))


def test_branches_of_two_ifs_may_both_have_a_weight_of_one_name():
    b = Builder()
    b.input("x", [2, 4])
    node = helper.make_node("MatMul", ["x", "w"], ["out"])
    model = two_ifs(b, *(if_branch(node, weights=[("w", (4, n))]) for n in (3, 5)))
    network = from_onnx_model(model, "t", fuse=False)
    products = [layer for layer in network.layers if layer.op == "MatMul"]
    assert [layer.gemms for layer in products] == [(Gemm(2, 4, 3),), (Gemm(2, 4, 5),)]
    assert network.params == 12 + 20


@pytest.mark.parametrize("fuse", [True, False])
def test_branches_of_two_ifs_may_both_make_a_tensor_of_one_name(fuse):
    b = Builder()
    x = b.input("x", [2, 4])
    first = if_branch(helper.make_node("Relu", [x], ["out"]))
    second = if_branch(helper.make_node("Transpose", [x], ["out"], perm=[1, 0]))
    network = from_onnx_model(two_ifs(b, first, second), "t", fuse=fuse)
    made = [t.name for layer in network.layers for t in layer.outputs]
    assert len(made) == len(set(made))
    assert [t.shape for layer in network.layers for t in layer.outputs if t.name in
            network.outputs] == [(2, 4), (4, 2)]  # fmt: skip


def test_an_if_inside_a_branch_reads_what_the_branch_makes():
    b = Builder()
    x = b.input("x", [2, 4])
    inner = if_branch(helper.make_node("Neg", ["t"], ["out"]))
    yes = helper.make_tensor("yes", TensorProto.BOOL, [], [True])
    outer = if_branch(
        helper.make_node("Relu", [x], ["t"]),
        helper.make_node("Constant", [], ["c"], value=yes),
        helper.make_node("If", ["c"], ["out"], "in", then_branch=inner, else_branch=inner),
    )
    network = from_onnx_model(two_ifs(b, outer, outer), "t", fuse=False)
    work = [layer.op for layer in network.layers if layer.op != "Identity"]
    assert work == ["Relu", "Neg", "Relu", "Neg", "Neg", "Neg"]


def test_a_branch_may_declare_the_shape_of_what_it_makes():
    b = Builder()
    x = b.input("x", ["n", 4])
    magic = helper.make_node("Magic", [x], ["t"], domain="my.own")
    declared = [helper.make_tensor_value_info("t", 1, ["n", 7])]
    branch = if_branch(magic, helper.make_node("Relu", ["t"], ["out"]), declared=declared)
    model = two_ifs(b, branch, branch)
    model.opset_import.append(helper.make_opsetid("my.own", 1))
    network = from_onnx_model(model, "t", dims={"n": 2}, unknown_ops="memory")
    assert network.layers[-1].outputs[0].shape == (2, 7)


def stripped(model: onnx.ModelProto) -> onnx.ModelProto:
    for tensor in model.graph.initializer:
        tensor.ClearField("raw_data")
    return model


def test_weights_may_be_stripped_from_the_file():
    def model():
        b = Builder()
        y = b.op("Conv", b.input("x", [1, 3, 8, 8]), b.weight(4, 3, 3, 3), b.weight(4))
        return b.model(y)

    assert from_onnx_model(stripped(model()), "t") == from_onnx_model(model(), "t")


def test_a_dimension_that_only_an_output_declares_can_be_set():
    b = Builder()
    model = b.model(b.op("Relu", b.input("x", [1, 3])))
    output = helper.make_tensor_value_info(model.graph.output[0].name, 1, ["batch", 3])
    model.graph.output[0].CopyFrom(output)
    assert from_onnx_model(model, "t", dims={"batch": 1}).layers[0].outputs[0].shape == (1, 3)
