"""Fused operators of onnxruntime, taken apart into the products and steps they were made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.rules.contrib.domains import CHANNELS_LAST, ONNXRUNTIME
from dfsrt.network.rules.contrib.write import Pen, Value
from dfsrt.network.rules.lane_ops import ELEMENTWISE


def _activated(pen: Pen, result: str, activation: str) -> None:
    """Write the activation at the end, if there is one; its parameters change no cost."""
    end = pen.node.outputs[:1]
    if activation.lower() in ("silu", "swish"):
        pen.write("Mul", [result, pen.write("Sigmoid", [result])], end)
    elif activation in ELEMENTWISE and onnx.defs.has(activation):
        pen.write(activation, [result], end, version=ACTIVATIONS)
    elif activation == "Softmax":
        axis = pen.node.attribute("activation_axis", -1)
        pen.write("Softmax", [result], end, {"axis": axis})
    elif activation:
        raise NetworkError(
            f"node '{pen.node.name}' ({pen.node.op}) has activation '{activation}', which is "
            f"unknown; use one of {', '.join(_USUAL)}, or export the file again without fusion"
        )


ACTIVATIONS = 20
"""The first operator set with all activations that are fused."""

_USUAL = ("Relu", "LeakyRelu", "Sigmoid", "Tanh", "Clip", "HardSigmoid", "HardSwish", "Softmax")


def _activation(pen: Pen) -> str:
    name = pen.node.attribute("activation", "")
    return "" if name.lower() in ("none", "identity") else name


def convolution(pen: Pen, domain: str = "", own: Mapping[str, Value] | None = None) -> None:
    """Write a convolution, what is added to it, and an activation."""
    operands = [pen.operand(0), pen.operand(1), *filter(None, [pen.optional(2)])]
    result = pen.write(
        "Conv", operands, () if has_more(pen) else pen.node.outputs[:1], own, domain=domain
    )
    finish(pen, result)


def has_more(pen: Pen) -> bool:
    """Return whether an addition or an activation follows."""
    return bool(pen.optional(3) or _activation(pen))


def finish(pen: Pen, result: str) -> None:
    """Write what is added to a result, and its activation."""
    activation, other = _activation(pen), pen.optional(3)
    if other:
        result = pen.write("Add", [result, other], () if activation else pen.node.outputs[:1])
    _activated(pen, result, activation)


def _nhwc_conv(pen: Pen) -> None:
    """Here the weights have their channels last, too."""
    weight = pen.write("Transpose", [pen.operand(1)], (), {"perm": (0, 3, 1, 2)})
    operands = [pen.operand(0), weight, *filter(None, [pen.optional(2)])]
    pen.write("Conv", operands, pen.node.outputs[:1], domain=CHANNELS_LAST)


def _product(op: str, domain: str = "") -> Callable[[Pen], None]:
    """A product and its activation."""

    def write(pen: Pen) -> None:
        activation = _activation(pen)
        operands = [pen.operand(0), pen.operand(1), *filter(None, [pen.optional(2)])]
        end = () if activation else pen.node.outputs[:1]
        _activated(pen, pen.write(op, operands, end, domain=domain), activation)

    return write


def _gemm_fast_gelu(pen: Pen) -> None:
    product = pen.write("MatMul", [pen.operand(0), pen.operand(1)])
    operands = [product, *filter(None, [pen.optional(2)])]
    pen.write("FastGelu", operands, pen.node.outputs[:1], domain=ONNXRUNTIME)


def _dynamic_quantize_matmul(pen: Pen) -> None:
    """The activations are quantized on the way in."""
    parts = [pen.fresh(part) for part in ("quantized", "scale", "zero_point")]
    pen.write("DynamicQuantizeLinear", [pen.operand(0)], parts)
    operands = [parts[0], pen.operand(1), parts[1], pen.operand(2), parts[2], pen.optional(3)]
    operands += filter(None, [pen.optional(4)])
    pen.write("MatMulIntegerToFloat", operands, pen.node.outputs[:1], domain=ONNXRUNTIME)


def _bias_add(pen: Pen) -> None:
    shifted = pen.write("Add", [pen.operand(0), pen.operand(1)])
    pen.write("Add", [shifted, pen.operand(2)], pen.node.outputs[:1])


def _bias_softmax(pen: Pen) -> None:
    masked = pen.write("Add", [pen.operand(0), pen.operand(1)])
    pen.write("Softmax", [masked], pen.node.outputs[:1])


def _convtranspose(pen: Pen) -> None:
    """Pads come as an operand."""
    pads = pen.facts.value(pen.optional(2))
    if pen.optional(2) and pads is None:
        raise NetworkError(
            f"node '{pen.node.name}' ({pen.node.op}) has pads that are known at run time only; "
            "export the network with constant pads"
        )
    sizes = [] if pads is None else [int(size) for size in pads.reshape(-1).tolist()]
    own = {"pads": sizes} if sizes else {}
    operands = [pen.operand(0), pen.operand(1), *filter(None, [pen.optional(3)])]
    pen.write("ConvTranspose", operands, pen.node.outputs[:1], own)


FUSED: dict[str, Callable[[Pen], None]] = {
    "BiasAdd": _bias_add,
    "BiasSoftmax": _bias_softmax,
    "ConvTransposeWithDynamicPads": _convtranspose,
    "DynamicQuantizeMatMul": _dynamic_quantize_matmul,
    "FusedConv": convolution,
    "FusedGemm": _product("Gemm"),
    "FusedMatMulActivation": _product("FusedMatMul", ONNXRUNTIME),
    "GemmFastGelu": _gemm_fast_gelu,
    "NhwcConv": _nhwc_conv,
    "NhwcFusedConv": lambda pen: convolution(pen, CHANNELS_LAST),
    "TransposeMatMul": _product("FusedMatMul", ONNXRUNTIME),
}
