"""Shapes and MACs against what onnxruntime really computes.

MACs come from arithmetic: with operands of ones and no padding, every output element of a product
is the number of multiply-accumulates behind it, so their sum is the operator's count.
"""

from __future__ import annotations

import math

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from dfsrt.network import from_onnx_model, network_names
from dfsrt.network.file.reader import read_model
from dfsrt.network.zoo import locate
from tests.network.builders import Builder, runnable

sizes = st.integers(1, 6)


def session(model: onnx.ModelProto) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def compute(model: onnx.ModelProto) -> list[np.ndarray]:
    """Run ``model`` on ones."""
    feeds = {
        i.name: np.ones([d.dim_value for d in i.type.tensor_type.shape.dim], np.float32)
        for i in model.graph.input
    }
    return session(runnable(model)).run(None, feeds)


def check_shape_and_macs(model: onnx.ModelProto, macs: bool = True) -> None:
    try:
        (result,) = compute(model)
    except Exception:
        assume(False)  # a combination that onnxruntime refuses
    network = from_onnx_model(model, "t", fuse=False)
    assert network.layers[-1].outputs[0].shape == result.shape
    if macs:
        assert network.macs == round(float(result.astype(np.float64).sum()))


@st.composite
def convolutions(draw, op="Conv", padding=False):
    rank, groups = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    per_group_in, per_group_out = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    kernel = [draw(st.integers(1, 4)) for _ in range(rank)]
    attributes = {
        "group": groups,
        "strides": [draw(st.integers(1, 3)) for _ in range(rank)],
        "dilations": [draw(st.integers(1, 2)) for _ in range(rank)],
    }
    if padding:
        automatic = draw(st.sampled_from(["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]))
        attributes["auto_pad"] = automatic
        if automatic == "NOTSET":
            attributes["pads"] = [draw(st.integers(0, 2)) for _ in range(2 * rank)]
    b = Builder()
    spatial = [draw(st.integers(1, 9)) for _ in range(rank)]
    x = b.input("x", [draw(st.integers(1, 2)), groups * per_group_in, *spatial])
    if op == "Conv":
        w = b.weight(groups * per_group_out, per_group_in, *kernel)
    else:
        w = b.weight(groups * per_group_in, per_group_out, *kernel)
    return b.model(b.op(op, x, w, **attributes))


@settings(max_examples=150)
@given(convolutions())
def test_convolution_macs_are_the_sum_over_ones(model):
    check_shape_and_macs(model)


@settings(max_examples=150)
@given(convolutions(padding=True))
def test_padded_convolution_has_onnxruntimes_shape(model):
    check_shape_and_macs(model, macs=False)


@settings(max_examples=100)
@given(convolutions(op="ConvTranspose"))
def test_transposed_convolution_macs_are_the_sum_over_ones(model):
    check_shape_and_macs(model)


@settings(max_examples=80)
@given(convolutions(op="ConvTranspose", padding=True))
def test_padded_transposed_convolution_has_onnxruntimes_shape(model):
    pads = next((a for a in model.graph.node[0].attribute if a.name == "auto_pad"), None)
    assume(pads is None or pads.s in (b"NOTSET", b"VALID"))
    check_shape_and_macs(model, macs=False)


@st.composite
def matmuls(draw):
    batch = draw(st.lists(st.integers(1, 4), max_size=3))
    m, k, n = draw(sizes), draw(sizes), draw(sizes)

    def side(rows, columns):
        kept = batch[draw(st.integers(0, len(batch))) :]
        return [*(1 if draw(st.booleans()) else size for size in kept), rows, columns]

    left, right = side(m, k), side(k, n)
    if draw(st.integers(0, 5)) == 0:
        left = [k]
    if draw(st.integers(0, 5)) == 0:
        right = [k]
    b = Builder()
    return b.model(b.op("MatMul", b.input("x", left), b.input("y", right)))


@settings(max_examples=150)
@given(matmuls())
def test_matmul_macs_are_the_sum_over_ones(model):
    check_shape_and_macs(model)


@st.composite
def einsums(draw):
    length = {letter: draw(st.integers(1, 4)) for letter in "abcde"}
    first = draw(st.permutations("abcde"))[: draw(st.integers(1, 4))]
    second = draw(st.permutations("abcde"))[: draw(st.integers(1, 4))]
    both = sorted(set(first) & set(second))
    single = sorted(set(first) ^ set(second))
    kept = [letter for letter in both if draw(st.booleans())]
    output = draw(st.permutations(single + kept))
    b = Builder()
    x, y = (
        b.input(name, [length[a] for a in term]) for name, term in (("x", first), ("y", second))
    )
    equation = f"{''.join(first)},{''.join(second)}->{''.join(output)}"
    return b.model(b.op("Einsum", x, y, equation=equation))


@settings(max_examples=120)
@given(einsums())
def test_einsum_macs_are_the_sum_over_ones(model):
    check_shape_and_macs(model)


@st.composite
def pools(draw):
    rank = draw(st.integers(1, 3))
    op = draw(st.sampled_from(["MaxPool", "AveragePool"]))
    attributes = {
        "kernel_shape": [draw(st.integers(1, 4)) for _ in range(rank)],
        "strides": [draw(st.integers(1, 3)) for _ in range(rank)],
    }
    if draw(st.booleans()):
        attributes["auto_pad"] = draw(st.sampled_from(["VALID", "SAME_UPPER", "SAME_LOWER"]))
    else:
        attributes["ceil_mode"] = draw(st.integers(0, 1))
        attributes["pads"] = [
            draw(st.integers(0, attributes["kernel_shape"][i % rank] - 1)) for i in range(2 * rank)
        ]
    b = Builder()
    x = b.input("x", [1, 2, *(draw(st.integers(1, 9)) for _ in range(rank))])
    return b.model(b.op(op, x, **attributes))


@settings(max_examples=120)
@given(pools())
def test_pooling_has_onnxruntimes_shape_and_a_window_of_work_per_element(model):
    check_shape_and_macs(model, macs=False)
    (layer,) = from_onnx_model(model, "t").layers
    kernel = next(a.ints for a in model.graph.node[0].attribute if a.name == "kernel_shape")
    sizes = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim[2:]]
    window = math.prod(min(k, n) for k, n in zip(kernel, sizes, strict=True))
    assert layer.vector_ops == layer.outputs[0].elements * window


def run_time_macs(model: onnx.ModelProto) -> int:
    """Count by shapes that onnxruntime reports, with no code of dfsrt."""
    counted = [n for n in model.graph.node if n.op_type in ("Conv", "Gemm", "MatMul")]
    wanted = dict.fromkeys(t for n in counted for t in (*n.input[:2], n.output[0]))
    own = {i.name for i in model.graph.input} | {o.name for o in model.graph.output}
    for name in wanted:
        if name not in own:
            value = onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            model.graph.output.append(value)
    constants = {t.name for t in model.graph.initializer}
    feeds = {
        i.name: np.zeros([d.dim_value for d in i.type.tensor_type.shape.dim], np.float32)
        for i in model.graph.input
        if i.name not in constants
    }
    runner = session(model)
    names = [o.name for o in runner.get_outputs()]
    shapes = {n: a.shape for n, a in zip(names, runner.run(names, feeds), strict=True)}
    shapes |= {name: a.shape for name, a in feeds.items()}
    total = 0
    for node in counted:
        weight, output = shapes[node.input[1]], shapes[node.output[0]]
        if node.op_type == "Conv":
            total += math.prod(output) * math.prod(weight[1:])
        else:
            turned = any(a.name == "transB" and a.i for a in node.attribute)
            total += math.prod(output) * weight[1 if turned else 0]
    return total


@pytest.mark.slow
@pytest.mark.parametrize("name", network_names())
def test_the_shelf_has_the_macs_of_onnxruntimes_run_time_shapes(name):
    model = read_model(locate(name)[1])
    macs = from_onnx_model(model, name).macs
    assert macs == run_time_macs(model)
