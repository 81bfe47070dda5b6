"""ONNX operators as PyTorch runs them on a GPU: one call of a framework function each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from dfsrt.network.layer import Kind, Layer
from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.settings import Settings, whole, wholes

if TYPE_CHECKING:
    import torch

Tensors: TypeAlias = "Sequence[torch.Tensor]"
Made: TypeAlias = "torch.Tensor | Sequence[torch.Tensor]"
Operator: TypeAlias = Callable[[ModuleType, Tensors, Settings, tuple[int, ...]], Made]
"""(torch, operands, attributes, shape of the first output) -> result."""


def _conv(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    spatial = x[0].dim() - 2
    begin, end = _pads(a, x[0].shape[2:], x[1].shape[2:], spatial)
    data, padding = x[0], begin
    if begin != end:  # PyTorch pads both sides alike: the rest is a step of its own
        data, padding = t.nn.functional.pad(x[0], _both_sides(begin, end)), [0] * spatial
    run = getattr(t.nn.functional, f"conv{spatial}d")
    return run(
        data,
        x[1],
        x[2] if len(x) > 2 else None,
        stride=wholes(a, "strides", [1] * spatial),
        padding=padding,
        dilation=wholes(a, "dilations", [1] * spatial),
        groups=whole(a, "group", 1),
    )


def _conv_relu(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    """Convolution, bias and ReLU as the one kernel that cuDNN has for them."""
    begin, end = _pads(a, x[0].shape[2:], x[1].shape[2:], 2)
    if begin != end:
        raise CannotRunError(f"pads {begin} and {end} differ; the joined kernel has one for both")
    return t.cudnn_convolution_relu(
        x[0],
        x[1],
        x[2] if len(x) > 2 else None,
        wholes(a, "strides", [1, 1]),
        begin,
        wholes(a, "dilations", [1, 1]),
        whole(a, "group", 1),
    )


def _conv_transpose(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    spatial = x[0].dim() - 2
    run = getattr(t.nn.functional, f"conv_transpose{spatial}d")
    return run(
        x[0],
        x[1],
        x[2] if len(x) > 2 else None,
        stride=wholes(a, "strides", [1] * spatial),
        padding=wholes(a, "pads", [0] * spatial)[:spatial],
        output_padding=wholes(a, "output_padding", [0] * spatial),
        groups=whole(a, "group", 1),
        dilation=wholes(a, "dilations", [1] * spatial),
    )


def _pads(
    a: Settings, size: Sequence[int], kernel: Sequence[int], spatial: int
) -> tuple[list[int], list[int]]:
    mode = a.get("auto_pad", "NOTSET")
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        strides, dilations = (
            wholes(a, "strides", [1] * spatial),
            wholes(a, "dilations", [1] * spatial),
        )
        total = [
            max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            for n, k, s, d in zip(size, kernel, strides, dilations, strict=True)
        ]
        small, large = [p // 2 for p in total], [p - p // 2 for p in total]
        return (small, large) if mode == "SAME_UPPER" else (large, small)
    pads = wholes(a, "pads", [0] * (2 * spatial))
    return pads[:spatial], pads[spatial:]


def _both_sides(begin: Sequence[int], end: Sequence[int]) -> list[int]:
    """PyTorch's order: last axis first, begin and end in turn."""
    return [p for pair in zip(reversed(begin), reversed(end), strict=True) for p in pair]


def _gemm(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    left = x[0].t() if whole(a, "transA", 0) else x[0]
    right = x[1].t() if whole(a, "transB", 0) else x[1]
    return t.addmm(x[2], left, right) if len(x) > 2 else t.mm(left, right)


def _layer_norm(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    shape = x[0].shape[whole(a, "axis", -1) :]
    bias = x[2] if len(x) > 2 else None
    return t.nn.functional.layer_norm(x[0], shape, x[1].reshape(shape), bias)


def _group_norm(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    return t.nn.functional.group_norm(x[0], whole(a, "num_groups"), x[1], x[2])


def _batch_norm(t: ModuleType, x: Tensors, _a: Settings, _out: tuple[int, ...]) -> Made:
    return t.nn.functional.batch_norm(x[0], x[3], x[4].abs(), x[1], x[2])


def _instance_norm(t: ModuleType, x: Tensors, _a: Settings, _out: tuple[int, ...]) -> Made:
    return t.nn.functional.instance_norm(x[0], weight=x[1], bias=x[2])


def _lrn(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    return t.nn.functional.local_response_norm(x[0], whole(a, "size"))


def _pool(kind: str) -> Operator:
    def run(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
        kernel = wholes(a, "kernel_shape")
        spatial = len(kernel)
        begin, end = _pads(a, x[0].shape[2:], kernel, spatial)
        data, padding = x[0], begin
        if begin != end or any(2 * p > k for p, k in zip(begin, kernel, strict=True)):
            data, padding = t.nn.functional.pad(x[0], _both_sides(begin, end)), [0] * spatial
        return getattr(t.nn.functional, f"{kind}_pool{spatial}d")(
            data,
            kernel,
            stride=wholes(a, "strides", [1] * spatial),
            padding=padding,
            ceil_mode=bool(whole(a, "ceil_mode", 0)),
        )

    return run


def _reduce(name: str) -> Operator:
    def run(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
        axes = a.get("axes", a.get("@1")) or list(range(x[0].dim()))
        return getattr(t, name)(x[0], dim=axes, keepdim=bool(whole(a, "keepdims", 1)))

    return run


def _global_mean(_t: ModuleType, x: Tensors, _a: Settings, _out: tuple[int, ...]) -> Made:
    return x[0].mean(dim=list(range(2, x[0].dim())), keepdim=True)


def _resize(t: ModuleType, x: Tensors, a: Settings, out: tuple[int, ...]) -> Made:
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(str(a.get("mode")), "nearest")
    return t.nn.functional.interpolate(x[0], size=list(out[2:]), mode=mode)


def _softmax(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    return t.softmax(x[0], dim=whole(a, "axis", -1))


def _log_softmax(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    return t.log_softmax(x[0], dim=whole(a, "axis", -1))


def permuted(_t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> torch.Tensor:
    """Return the first operand under another order of axes; nothing is moved."""
    return x[0].permute(*wholes(a, "perm", list(reversed(range(x[0].dim())))))


def _transpose(t: ModuleType, x: Tensors, a: Settings, out: tuple[int, ...]) -> Made:
    """Really move: a clone would keep the view's strides, which is a copy in the old order."""
    turned = permuted(t, x, a, out)
    return turned.contiguous() if not turned.is_contiguous() else turned.clone()


def _concat(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    return t.cat(list(x), dim=whole(a, "axis", 0))


def _gather(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    axis = whole(a, "axis", 0)
    found = t.index_select(x[0], axis, x[1].reshape(-1))
    return found.reshape(*x[0].shape[:axis], *x[1].shape, *x[0].shape[axis + 1 :])


def _gelu(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    return t.nn.functional.gelu(x[0], approximate=a.get("approximate", "none"))


def _clip(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    return t.clamp(x[0], a.get("min", a.get("@1", 0.0)), a.get("max", a.get("@2", 6.0)))


def _depth_to_space(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    return t.nn.functional.pixel_shuffle(x[0], whole(a, "blocksize"))


def _unary(name: str) -> Operator:
    return lambda t, x, _a, _out: getattr(t, name)(x[0])


def _functional(name: str) -> Operator:
    return lambda t, x, _a, _out: getattr(t.nn.functional, name)(x[0])


def _binary(name: str) -> Operator:
    return lambda t, x, a, _out: getattr(t, name)(*_pair(x, a))


def _pair(x: Tensors, a: Settings) -> tuple[torch.Tensor, torch.Tensor | int | float]:
    """Two operands, where one may be a scalar constant, which frameworks pass by value."""
    scalar = a.get("@1")
    return x[0], scalar if isinstance(scalar, int | float) else x[1]


def _power(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    base, exponent = _pair(x, a)
    return t.pow(base.abs() if base.is_floating_point() else base, exponent)


def _variadic(name: str) -> Operator:
    def run(t: ModuleType, x: Tensors, _a: Settings, _out: tuple[int, ...]) -> Made:
        total = x[0]
        for other in x[1:]:
            total = getattr(t, name)(total, other)
        return total if len(x) > 1 else x[0].clone()

    return run


def _slice(_t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    starts, ends = wholes(a, "@1"), wholes(a, "@2")
    axes = wholes(a, "@3", range(len(starts)))
    steps = wholes(a, "@4", [1] * len(starts))
    part = x[0]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        index = [slice(None)] * part.dim()
        index[axis] = slice(start, end, step)
        part = part[tuple(index)]
    return part.clone()


def _pad(t: ModuleType, x: Tensors, a: Settings, _out: tuple[int, ...]) -> Made:
    pads = wholes(a, "pads" if "pads" in a else "@1")
    half = len(pads) // 2
    return t.nn.functional.pad(x[0], _both_sides(pads[:half], pads[half:]))


def _expand(_t: ModuleType, x: Tensors, _a: Settings, out: tuple[int, ...]) -> Made:
    return x[0].expand(out).clone()


def _split(t: ModuleType, x: Tensors, a: Settings, out: tuple[int, ...]) -> Made:
    axis = whole(a, "axis", 0)
    return [part.clone() for part in t.split(x[0], out[axis], dim=axis)]


def _where(t: ModuleType, x: Tensors, _a: Settings, _out: tuple[int, ...]) -> Made:
    return t.where(x[0].bool(), x[1], x[2])


OPERATORS: dict[str, Operator] = {
    "Add": _binary("add"),
    "AveragePool": _pool("avg"),
    "BatchNormalization": _batch_norm,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "DepthToSpace": _depth_to_space,
    "Expand": _expand,
    "Max": _variadic("maximum"),
    "Min": _variadic("minimum"),
    "Pad": _pad,
    "Slice": _slice,
    "Split": _split,
    "Sum": _variadic("add"),
    "Div": _binary("div"),
    "Elu": _functional("elu"),
    "Erf": _unary("erf"),
    "Exp": _unary("exp"),
    "Gather": _gather,
    "Gelu": _gelu,
    "Gemm": _gemm,
    "GlobalAveragePool": _global_mean,
    "GroupNormalization": _group_norm,
    "HardSigmoid": _functional("hardsigmoid"),
    "HardSwish": _functional("hardswish"),
    "InstanceNormalization": _instance_norm,
    "LRN": _lrn,
    "LayerNormalization": _layer_norm,
    "LeakyRelu": _functional("leaky_relu"),
    "LogSoftmax": _log_softmax,
    "MatMul": _binary("matmul"),
    "MaxPool": _pool("max"),
    "Mul": _binary("mul"),
    "Neg": _unary("neg"),
    "Pow": _power,
    "Reciprocal": _unary("reciprocal"),
    "Softplus": _functional("softplus"),
    "Sin": _unary("sin"),
    "Cos": _unary("cos"),
    "Abs": _unary("abs"),
    "ReduceMax": _reduce("amax"),
    "ReduceMean": _reduce("mean"),
    "ReduceSum": _reduce("sum"),
    "Relu": _unary("relu"),
    "Resize": _resize,
    "Sigmoid": _unary("sigmoid"),
    "Softmax": _softmax,
    "Sqrt": _unary("sqrt"),
    "Sub": _binary("sub"),
    "Tanh": _unary("tanh"),
    "Transpose": _transpose,
    "Where": _where,
}
"""Operators that the nvidia bench can run."""

JOINED: dict[tuple[str, ...], Operator] = {("Conv", "Relu"): _conv_relu}
"""Operators with those that joined them, where one kernel does all."""


def operator_of(layer: Layer) -> Operator | None:
    """Return what runs ``layer``, None where the bench has nothing for it."""
    if layer.kind is Kind.VIEW:
        return _view
    return JOINED.get((layer.op, *layer.joined)) if layer.joined else OPERATORS.get(layer.op)


def _view(_t: ModuleType, x: Tensors, _a: Settings, out: tuple[int, ...]) -> Made:
    return x[0].reshape(out)
