"""Graphs as converters lay them out: tf2onnx around NHWC, paddle2onnx with its chains of shapes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from onnx import TensorProto

from dfsrt.network import Kind, from_onnx_model
from tests.network.builders import Builder
from tests.network.test_against_onnxruntime import session


def tf_size(b: Builder, x: str, axis: int) -> str:
    """One size as tf2onnx reads it: in int32, by a slice and a squeeze."""
    shape = b.op("Cast", b.op("Shape", x), to=TensorProto.INT32)
    part = b.op("Slice", shape, b.const([axis]), b.const([axis + 1]), b.const([0]))
    return b.op("Squeeze", part, b.const([0]))


def tf_shape(b: Builder, *parts: str) -> str:
    rows = [b.op("Unsqueeze", part, b.const([0])) for part in parts]
    return b.op("Cast", b.op("Concat", *rows, axis=0), to=TensorProto.INT64)


def tf_network() -> Builder:
    """Two convolutions on NHWC images, resized to double size, flattened, and a dense layer."""
    b = Builder(opset=15)
    x = b.input("input_1:0", ["unk__7", 8, 8, 3])
    y = b.op("Transpose", x, perm=[0, 3, 1, 2])
    pads = b.const([0, 0, 0, 0, 0, 0, 1, 1])
    y = b.op("Conv", b.op("Pad", y, pads), b.weight(16, 3, 3, 3), strides=[2, 2])
    y = b.op("Relu", b.op("Add", y, b.weight(1, 16, 1, 1)))
    y = b.op("Transpose", y, perm=[0, 2, 3, 1])
    y = b.op("Transpose", y, perm=[0, 3, 1, 2])
    y = b.op("Conv", y, b.weight(16, 1, 3, 3), group=16, pads=[1, 1, 1, 1])
    sizes = [b.op("Mul", tf_size(b, y, axis), b.const(2, np.int32)) for axis in (2, 3)]
    size = tf_shape(b, tf_size(b, y, 0), b.const(16, np.int32), *sizes)
    y = b.op("Resize", y, "", "", size, mode="linear")
    y = b.op("Transpose", y, perm=[0, 2, 3, 1])
    flat = tf_shape(b, tf_size(b, y, 0), b.const(-1, np.int32))
    b.last = b.op("MatMul", b.op("Reshape", y, flat), b.weight(1024, 10))  # type: ignore[attr-defined]
    return b


def paddle_size(b: Builder, x: str, axis: int) -> str:
    shape = b.op("Cast", b.op("Shape", x), to=TensorProto.INT32)
    return b.op("Slice", shape, b.const([axis]), b.const([axis + 1]), b.const([0]))


def paddle_network() -> Builder:
    """A convolution with a hard swish, its pixels as a sequence, a product and a softmax."""
    b = Builder(opset=11)
    x = b.input("x", ["DynamicDimension.0", 3, 16, 16])
    y = b.op("Conv", x, b.weight(8, 3, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], name="p2o.Conv.0")
    y = b.op("BatchNormalization", y, *(b.weight(8) for _ in range(4)))
    gate = b.op(
        "Clip",
        b.op("Add", y, b.const(3, np.float32)),
        b.const(0, np.float32),
        b.const(6, np.float32),
    )
    y = b.op("Div", b.op("Mul", y, gate), b.const(6, np.float32))
    rest = b.op("Mul", paddle_size(b, y, 2), paddle_size(b, y, 3))
    parts = [paddle_size(b, y, 0), b.const([8], np.int32), rest]
    target = b.op("Cast", b.op("Concat", *parts, axis=0), to=TensorProto.INT64)
    y = b.op("Transpose", b.op("Reshape", y, target, name="p2o.Reshape.0"), perm=[0, 2, 1])
    y = b.op("Add", b.op("MatMul", y, b.weight(8, 5)), b.weight(5))
    y = b.op("Squeeze", b.op("Unsqueeze", y, axes=[1]), axes=[1])
    b.last = b.op("Softmax", y, axis=2)  # type: ignore[attr-defined]
    return b


@pytest.mark.parametrize(
    ("build", "batch", "macs", "last"),
    [
        (tf_network, "unk__7", 16 * 16 * 27 + 16 * 16 * 9 + 1024 * 10, (10,)),
        (paddle_network, "DynamicDimension.0", 64 * 8 * 27 + 64 * 8 * 5, (64, 5)),
    ],
)
def test_converters_graphs_are_counted_and_shaped_as_they_run(build, batch, macs, last):
    b = build()
    model = b.model(b.last)
    network = from_onnx_model(model, "t", dims={batch: 2})
    assert network.macs == 2 * macs
    for output in model.graph.output:
        output.type.tensor_type.elem_type = TensorProto.FLOAT
    name = model.graph.input[0].name
    shape = [d.dim_value or 2 for d in model.graph.input[0].type.tensor_type.shape.dim]
    (run,) = session(model).run(None, {name: np.zeros(shape, np.float32)})
    assert network.layers[-1].outputs[0].shape == run.shape == (2, *last)
    assert math.prod(run.shape) > 0


def test_no_arithmetic_on_shapes_runs():
    b = paddle_network()
    network = from_onnx_model(b.model(b.last), "t", dims={"DynamicDimension.0": 1})
    kinds = [(layer.op, layer.kind) for layer in network.layers if layer.kind is not Kind.VIEW]
    assert [op for op, _ in kinds] == ["Conv", "Transpose", "MatMul", "Softmax"]


def paddle_detector(b: Builder) -> tuple[str, str]:
    """The tail of a detector as paddle2onnx writes it: kept boxes, then the best of all classes."""
    boxes, scores = b.input("boxes", [1, 40, 4]), b.input("scores", [1, 3, 40])
    kept = b.op("NonMaxSuppression", boxes, scores, b.const([20]), b.const([0.5], np.float32),
                b.const([0.1], np.float32), name="p2o.NonMaxSuppression.0")  # fmt: skip
    rows = b.op("Squeeze", b.op("Gather", kept, b.const([2]), axis=1), axes=[1])
    picked = b.op("Gather", b.op("Squeeze", boxes, axes=[0]), rows)
    flat = b.op("Reshape", scores, b.const([-1]))
    score = b.op("Gather", flat, rows)
    count = b.op("Shape", score)
    k = b.op("ReduceMin", b.op("Concat", count, b.const([10]), axis=0), axes=[0], keepdims=1)
    best, index = b.op("TopK", score, k, n=2)
    return b.op("Gather", picked, index), best


@pytest.mark.parametrize(("given", "most"), [({}, 10), ({"p2o.NonMaxSuppression.0.count": 4}, 4)])
def test_a_count_made_of_a_run_time_shape_follows_it(given, most):
    b = Builder(opset=11)
    model = b.model(*paddle_detector(b))
    network = from_onnx_model(model, "t", dims=given, fuse=False)
    assert network.layers[-1].outputs[0].shape == (most, 4)
