"""Twins: TFLite files in int8 of networks that dfsrt names, layer for layer, with random weights.

Batch norms go into the convolution before them, ReLU and ReLU6 into the operator before them, and
so does padding where TensorFlow's own gives the same size; other padding is an operator of its
own. A mean over a whole map is a pooling. Weights are drawn from a normal distribution, the
largest of a channel at 127, biases are 0: nothing but a compression of the weights depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from tests.helpers.tflite import ACTIVATIONS, TfliteModel

WITHOUT_WORK = ("Identity", "Dropout", "BatchNormalization")
"""What is left out: moved into weights, or nothing at run time."""
_WITHOUT_ACTIVATION = (
    "SOFTMAX",
    "RESHAPE",
    "PAD",
    "LOGISTIC",
    "RESIZE_NEAREST_NEIGHBOR",
    "LEAKY_RELU",
)
FUSED = {"Relu": "relu", "Clip": "relu6"}


@dataclass(frozen=True)
class Step:
    """An operator of the file: what it makes, of what, and its multiply-accumulates."""

    op: str
    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    kernel: tuple[int, int]
    act: str
    macs: int


@dataclass
class Twin:
    """The file in the making: the number of each ONNX tensor, and which shape it has there."""

    model: TfliteModel
    shapes: dict[str, tuple[int, ...]]
    constants: dict[str, np.ndarray]
    users: dict[str, list[onnx.NodeProto]]
    rng: np.random.Generator
    number: dict[str, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    content: bytes = b""

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all products."""
        return sum(step.macs for step in self.steps)


def twin_of(model: onnx.ModelProto, name: str, seed: int = 20261126) -> Twin:
    """Return the twin of an ONNX model, whose ``content`` is the file.

    Raises:
        ValueError: an operator, a group or an axis that has no twin.
    """
    graph = shape_inference.infer_shapes(model, data_prop=True).graph
    infos = [*graph.input, *graph.output, *graph.value_info]
    shapes = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in infos}
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    shapes |= {key: array.shape for key, array in constants.items()}
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for read in node.input:
            users.setdefault(read, []).append(node)
    twin = Twin(TfliteModel(name), shapes, constants, users, np.random.default_rng(seed))
    fed = [i.name for i in graph.input if i.name not in constants]
    for given in fed:
        twin.number[given] = twin.model.tensor(given, _nhwc(shapes[given]))
    for node in graph.node:
        if node.op_type in ("ConstantOfShape", "Constant"):
            _constant(twin, node)
        elif node.name not in twin.done and node.output[0] not in twin.number:
            _node(twin, node)
    outputs = [twin.number[o.name] for o in graph.output]
    twin.content = twin.model.to_bytes([twin.number[g] for g in fed], outputs)
    return twin


def _nhwc(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[0], *shape[2:], shape[1]) if len(shape) == 4 else shape


def _constant(t: Twin, node: onnx.NodeProto) -> None:
    for attribute in node.attribute:
        if node.op_type == "Constant" and attribute.name == "value":
            t.constants[node.output[0]] = numpy_helper.to_array(attribute.t)
    if node.op_type == "ConstantOfShape":
        t.shapes[node.output[0]] = tuple(int(s) for s in t.constants[node.input[0]])


def _attributes(node: onnx.NodeProto) -> dict:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _node(t: Twin, node: onnx.NodeProto) -> None:
    kind = node.op_type
    if kind in WITHOUT_WORK:
        t.number[node.output[0]] = t.number[node.input[0]]
        return
    maker = _MAKERS.get(kind)
    if maker is None:
        raise ValueError(f"{kind} has no twin")
    maker(t, node, _attributes(node))


def _end(t: Twin, node: onnx.NodeProto) -> tuple[str, str]:
    """The last tensor that ``node`` makes with what joins it, and the activation."""
    tensor = node.output[0]
    while len(t.users.get(tensor, [])) == 1:
        after = t.users[tensor][0]
        if after.op_type in ("BatchNormalization", "Dropout"):
            tensor = after.output[0]
            t.done.add(after.name)
            continue
        if after.op_type in FUSED:
            t.done.add(after.name)
            return after.output[0], FUSED[after.op_type]
        break
    return tensor, ""


def _made(
    t: Twin, node: onnx.NodeProto, op: str, inputs: list[int], shape, macs: int = 0, **options
) -> None:
    last, act = _end(t, node)
    kernel = (options.get("filter_h", 1), options.get("filter_w", 1))
    if macs and op != "FULLY_CONNECTED":
        kernel = t.model.shape(inputs[1])[1:3]
    t.steps.append(Step(op, last, t.model.shape(inputs[0]), tuple(shape), kernel, act, macs))
    code = {"act": ACTIVATIONS[act]} if op not in _WITHOUT_ACTIVATION else {}
    scale, zero = (1 / 256, -128) if op in ("SOFTMAX", "LOGISTIC") else (0.05, 0)
    out = t.model.tensor(last, shape, scale, zero)
    t.number[last] = t.model.operator(op, inputs, out, **options, **code)
    if last != node.output[0]:
        t.number[node.output[0]] = out


def _weights(t: Twin, shape: tuple[int, ...], channel_axis: int) -> np.ndarray:
    drawn = t.rng.standard_normal(shape)
    axes = tuple(a for a in range(len(shape)) if a != channel_axis)
    most = np.abs(drawn).max(axis=axes, keepdims=True)
    return np.rint(drawn / most * 127)


def _padded(
    t: Twin, node: onnx.NodeProto, x: int, kernel, strides, dilations, out
) -> tuple[int, int]:
    """The input, padded where TensorFlow's SAME (0) and VALID (1) give other sizes, and which."""
    pads = _attributes(node).get("pads", [0, 0, 0, 0])
    sizes = t.model.shape(x)[1:3]
    sides = zip(sizes, kernel, strides, dilations, strict=True)
    valid = [(s - d * (k - 1) - 1) // st + 1 for s, k, st, d in sides]
    if not any(pads) and valid == list(out):
        return x, 1
    if [-(-s // st) for s, st in zip(sizes, strides, strict=True)] == list(out):
        return x, 0
    around = [[0, 0], [pads[0], pads[2]], [pads[1], pads[3]], [0, 0]]
    shape = [s + sum(p) for s, p in zip(t.model.shape(x), around, strict=True)]
    table = t.model.ints(f"{node.name}.pads", np.array(around))
    padded = t.model.tensor(f"{node.name}.padded", shape)
    return t.model.operator("PAD", [x, table], padded), 1


def _conv(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    weight, groups = t.shapes[node.input[1]], a.get("group", 1)
    kernel, strides = list(weight[2:]), list(a.get("strides", [1, 1]))
    dilations, channels = list(a.get("dilations", [1, 1])), weight[0]
    out = _nhwc(t.shapes[node.output[0]])
    x, padding = _padded(t, node, t.number[node.input[0]], kernel, strides, dilations, out[1:3])
    depthwise = groups > 1 and weight[1] == 1 and groups == channels
    if groups > 1 and not depthwise:
        raise ValueError(f"{groups} groups have no twin")
    shape = (1, *kernel, channels) if depthwise else (channels, *kernel, weight[1])
    axis = 3 if depthwise else 0
    scales = [0.01] * channels
    w = t.model.weight(f"{node.name}.w", _weights(t, shape, axis), scales, axis)
    b = t.model.bias(f"{node.name}.b", np.zeros(channels), [0.01 * 0.05] * channels)
    macs = int(np.prod(out)) * int(np.prod(kernel)) * weight[1]
    more = {"multiplier": 1} if depthwise else {}
    _made(
        t, node, "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", [x, w, b], out, macs,
        padding=padding, stride_w=strides[1], stride_h=strides[0],
        dilation_w=dilations[1], dilation_h=dilations[0], **more,
    )  # fmt: skip


def _gemm(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    weight = t.shapes[node.input[1]]
    t.shapes.setdefault(node.input[1], weight)
    outs, ins = weight if a.get("transB", 0) else weight[::-1]
    x = _flat(t, node, t.number[node.input[0]])
    w = t.model.weight(f"{node.name}.w", _weights(t, (outs, ins), 0), [0.01])
    b = t.model.bias(f"{node.name}.b", np.zeros(outs), [0.01 * 0.05])
    rows = t.model.shape(x)[0]
    _made(t, node, "FULLY_CONNECTED", [x, w, b], (rows, outs), rows * outs * ins)


def _flat(t: Twin, node: onnx.NodeProto, x: int) -> int:
    shape = t.model.shape(x)
    if len(shape) == 2:
        return x
    flat = (shape[0], int(np.prod(shape[1:])))
    table = t.model.ints(f"{node.name}.flat", flat)
    return t.model.operator("RESHAPE", [x, table], t.model.tensor(f"{node.name}.flat.out", flat))


def _sigmoid(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    x = t.number[node.input[0]]
    out = t.model.tensor(node.output[0], t.model.shape(x), 1 / 256, -128)
    t.number[node.output[0]] = t.model.operator("LOGISTIC", [x], out)


def _flatten(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    t.number[node.output[0]] = _flat(t, node, t.number[node.input[0]])


def _pool(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    x, out = t.number[node.input[0]], _nhwc(t.shapes[node.output[0]])
    kernel = list(a.get("kernel_shape", t.model.shape(x)[1:3]))
    strides = list(a.get("strides", [1, 1]))
    whole = node.op_type == "GlobalAveragePool"
    x, padding = (x, 1) if whole else _padded(t, node, x, kernel, strides, [1, 1], out[1:3])
    op = "MAX_POOL_2D" if node.op_type == "MaxPool" else "AVERAGE_POOL_2D"
    _made(
        t, node, op, [x], out, padding=padding, stride_w=strides[1], stride_h=strides[0],
        filter_w=kernel[1], filter_h=kernel[0],
    )  # fmt: skip


def _sum(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    x, y = (t.number[name] for name in node.input[:2])
    if np.prod(t.model.shape(x)) < np.prod(t.model.shape(y)):
        x, y = y, x
    _made(
        t, node, {"Add": "ADD", "Sum": "ADD", "Mul": "MUL"}[node.op_type], [x, y], t.model.shape(x)
    )


def _concat(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    if a["axis"] != 1:
        raise ValueError(f"a concat on axis {a['axis']} has no twin")
    parts = [t.number[name] for name in node.input]
    shape = t.model.shape(parts[0])
    _made(
        t, node, "CONCATENATION", parts,
        (*shape[:-1], sum(t.model.shape(p)[-1] for p in parts)), axis=len(shape) - 1,
    )  # fmt: skip


def _resize(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    x, out = t.number[node.input[0]], _nhwc(t.shapes[node.output[0]])
    _made(t, node, "RESIZE_NEAREST_NEIGHBOR", [x, t.model.ints(f"{node.name}.size", out[1:3])], out)


def _leaky(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    x = t.number[node.input[0]]
    _made(t, node, "LEAKY_RELU", [x], t.model.shape(x), alpha=a.get("alpha", 0.01))


def _softmax(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    x = _flat(t, node, t.number[node.input[0]])
    _made(t, node, "SOFTMAX", [x], t.model.shape(x), beta=1.0)


def _activation(t: Twin, node: onnx.NodeProto, a: dict) -> None:
    x = t.number[node.input[0]]
    _made(t, node, {"Relu": "RELU", "Clip": "RELU6"}[node.op_type], [x], t.model.shape(x))


_MAKERS = {
    "Conv": _conv, "Gemm": _gemm, "Flatten": _flatten, "Reshape": _flatten, "MaxPool": _pool,
    "AveragePool": _pool, "GlobalAveragePool": _pool, "Add": _sum, "Sum": _sum, "Mul": _sum,
    "Concat": _concat, "Softmax": _softmax, "Sigmoid": _sigmoid, "Relu": _activation,
    "Clip": _activation, "Resize": _resize, "LeakyRelu": _leaky,
}  # fmt: skip
