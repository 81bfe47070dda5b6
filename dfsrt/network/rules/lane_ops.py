"""Operation counts of the vector unit: lane operations per element.

Source: assumed. One for what a lane does in one instruction; a division, a square root or a
transcendental function counts as four (a table look-up with one refinement step); the rest is
counted from the operator's definition. Statistics are one pass each.
"""

from __future__ import annotations

FUNCTION = 4
"""A division, a root, an exponential or another transcendental function."""

SOFTMAX_OPS = 4 + FUNCTION
"""Maximum, subtract, exponential, sum, scale."""

SOFTCAP_OPS = 2 + FUNCTION
"""Divide, tanh, scale."""

ELEMENTWISE: dict[str, int] = {
    # one operand
    "Abs": 1,
    "BitwiseNot": 1,
    "Cast": 1,
    "CastLike": 1,
    "Ceil": 1,
    "Floor": 1,
    "IsInf": 1,
    "IsNaN": 1,
    "Neg": 1,
    "Not": 1,
    "Relu": 1,
    "Round": 1,
    "Sign": 1,
    "Clip": 2,
    "LeakyRelu": 2,
    "ThresholdedRelu": 2,
    "HardSigmoid": 3,
    "Shrink": 3,
    "HardSwish": 4,
    "Acos": FUNCTION,
    "Acosh": FUNCTION,
    "Asin": FUNCTION,
    "Asinh": FUNCTION,
    "Atan": FUNCTION,
    "Atanh": FUNCTION,
    "Cos": FUNCTION,
    "Cosh": FUNCTION,
    "Erf": FUNCTION,
    "Exp": FUNCTION,
    "Log": FUNCTION,
    "Reciprocal": FUNCTION,
    "Sigmoid": FUNCTION,
    "Sin": FUNCTION,
    "Sinh": FUNCTION,
    "Sqrt": FUNCTION,
    "Tan": FUNCTION,
    "Tanh": FUNCTION,
    "Softsign": FUNCTION + 2,
    "Swish": FUNCTION + 1,
    "Elu": FUNCTION + 2,
    "Selu": FUNCTION + 3,
    "Celu": FUNCTION + 3,
    "Softplus": 2 * FUNCTION + 1,
    # experimental ones of operator sets before 7, which converters wrote for years
    "Affine": 2,
    "ImageScaler": 2,
    "ParametricSoftplus": 2 * FUNCTION + 3,
    "Scale": 1,
    "ScaledTanh": FUNCTION + 2,
    "Mish": 3 * FUNCTION + 2,
    # two or three operands
    "Add": 1,
    "And": 1,
    "BitShift": 1,
    "BitwiseAnd": 1,
    "BitwiseOr": 1,
    "BitwiseXor": 1,
    "Equal": 1,
    "Greater": 1,
    "GreaterOrEqual": 1,
    "Less": 1,
    "LessOrEqual": 1,
    "Mul": 1,
    "Or": 1,
    "Sub": 1,
    "Where": 1,
    "Xor": 1,
    "PRelu": 2,
    "Div": FUNCTION,
    "Mod": FUNCTION,
    "Pow": FUNCTION,
    # Gelu by the error function, by tanh, by the sigmoid
    "Gelu": FUNCTION + 4,
    "BiasGelu": FUNCTION + 5,
    "FastGelu": FUNCTION + 7,
    "QuickGelu": FUNCTION + 2,
    # quantization: scale, round, shift and saturate; and back
    "QuantizeLinear": 3,
    "DequantizeLinear": 2,
}
"""Per output element, of operators whose output has the (broadcast) shape of their operands."""

VARIADIC: dict[str, int] = {"Max": 0, "Mean": 1, "Min": 0, "Sum": 0}
"""Operators on any number of operands: one per further operand, plus this."""

PER_INPUT_ELEMENT: dict[str, int] = {
    "ArgMax": 1,
    "ArgMin": 1,
    "CumProd": 1,
    "CumSum": 1,
    "GlobalAveragePool": 1,
    "GlobalLpPool": 2,
    "GlobalMaxPool": 1,
    "ReduceL1": 2,
    "ReduceL2": 2,
    "ReduceLogSum": 1,
    "ReduceLogSumExp": FUNCTION + 3,
    "ReduceMax": 1,
    "ReduceMean": 1,
    "ReduceMin": 1,
    "ReduceProd": 1,
    "ReduceSum": 1,
    "ReduceSumSquare": 2,
    "DynamicQuantizeLinear": 5,
    # normalizations: mean, subtract, square and add, scale; then gain and shift
    "BatchNormalization": 2,
    "GroupNorm": 7,
    "GroupNormalization": 7,
    "InstanceNormalization": 7,
    "LayerNormalization": 7,
    "LpNormalization": 3,
    "MeanVarianceNormalization": 5,
    "RMSNormalization": 4,
    "SimplifiedLayerNormalization": 4,
    "SkipLayerNormalization": 8,
    "SkipSimplifiedLayerNormalization": 5,
    "Hardmax": 2,
    "LogSoftmax": SOFTMAX_OPS,
    "Softmax": SOFTMAX_OPS,
    "RotaryEmbedding": 3,
}
"""Per element of the first operand."""

PER_OUTPUT_ELEMENT: dict[str, int] = {
    "RandomNormal": 2 * FUNCTION,
    "RandomNormalLike": 2 * FUNCTION,
    "RandomUniform": FUNCTION,
    "RandomUniformLike": FUNCTION,
    "Bernoulli": FUNCTION + 1,
    "Multinomial": FUNCTION + 2,
    "Range": 2,
    "Trilu": 1,
    "SwiGLU": FUNCTION + 2,
}
"""Per element of the first output, of operators whose output shape is their own."""

LRN_OPS = 3 + 2 * FUNCTION
"""Besides one per channel of the window: square, scale, offset, power, division."""

POOL_OPS: dict[str, int] = {"AveragePool": 1, "LpPool": 2, "MaxPool": 1}
"""Per element of the kernel and element of the output."""

RESIZE_TAPS: dict[str, int] = {"nearest": 1, "linear": 2, "cubic": 4}
"""Elements read along each resized axis, one operation each."""
