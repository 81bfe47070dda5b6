"""One node of each of onnxruntime's operators that its CPU provider runs, with operands."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

SCALE, ZERO = np.float32(0.1), np.uint8(3)
RNG = np.random.default_rng(17)


def real(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def byte(*shape: int) -> np.ndarray:
    return RNG.integers(0, 255, shape, dtype=np.uint8)


def whole(*values: object, dtype: type = np.int64) -> np.ndarray:
    return np.array(values[0] if len(values) == 1 else values, dtype)


class Fixed:
    """An operand that the file holds as a constant."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array


def fixed(array) -> Fixed:
    return Fixed(np.asarray(array))


def node_model(
    op: str, operands: list, outputs: int = 1, domain: str = "com.microsoft", **attributes
) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """Return a model of one node, and what to feed it."""
    names, inputs, constants, feeds = [], [], [], {}
    for index, operand in enumerate(operands):
        if operand is None:
            names.append("")
            continue
        names.append(f"x{index}")
        array = operand.array if isinstance(operand, Fixed) else np.asarray(operand)
        if isinstance(operand, Fixed):
            constants.append(numpy_helper.from_array(array, names[-1]))
        else:
            dtype = helper.np_dtype_to_tensor_dtype(array.dtype)
            inputs.append(helper.make_tensor_value_info(names[-1], dtype, array.shape))
            feeds[names[-1]] = array
    made = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(op, names, made, name="node", domain=domain, **attributes)
    results = [onnx.ValueInfoProto(name=name) for name in made]
    graph = helper.make_graph([node], "g", inputs, results, constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    opsets += [helper.make_opsetid(domain, 1)] if domain not in ("", "com.microsoft") else []
    return helper.make_model(graph, opset_imports=opsets, ir_version=8), feeds


def quantized(*shape: int) -> list:
    return [byte(*shape), fixed(SCALE), fixed(ZERO)]


def result() -> list:
    return [fixed(SCALE), fixed(ZERO)]


def cache(*shape: int) -> list:
    return [real(*shape), real(*shape)]


def past_lengths(batch: int, total: int) -> list:
    return [np.full(batch, total - 1, np.int32), fixed(np.int32(total))]


image = (1, 6, 9, 8)

CASES: dict[str, tuple[str, list, dict]] = {
    "MatMulNBits": (
        "MatMulNBits",
        [real(2, 3, 40), fixed(byte(7, 2, 16)), fixed(real(7, 2)), None, None, fixed(real(7))],
        {"K": 40, "N": 7, "bits": 4, "block_size": 32},
    ),
    "MatMulNBits of 8 bits": (
        "MatMulNBits",
        [real(3, 64), fixed(byte(7, 2, 32)), fixed(real(7, 2)), fixed(byte(7, 2))],
        {"K": 64, "N": 7, "bits": 8, "block_size": 32},
    ),
    "MatMulBnb4": (
        "MatMulBnb4",
        [real(5, 64), fixed(byte(64 * 6 // 2)), fixed(real(64 * 6 // 32))],
        {"K": 64, "N": 6, "block_size": 32, "quant_type": 1},
    ),
    "MatMulIntegerToFloat": (
        "MatMulIntegerToFloat",
        [byte(2, 4, 8), fixed(byte(8, 5)), SCALE, fixed(SCALE), ZERO, fixed(ZERO), fixed(real(5))],
        {},
    ),
    "DynamicQuantizeMatMul": (
        "DynamicQuantizeMatMul",
        [real(2, 4, 8), fixed(byte(8, 5)), fixed(real(5)), fixed(byte(5)), fixed(real(5))],
        {},
    ),
    "MatMulInteger16": (
        "MatMulInteger16",
        [real(2, 3, 4).astype(np.int16), real(4, 5).astype(np.int16)],
        {},
    ),
    "FusedMatMul": ("FusedMatMul", [real(2, 4, 3), real(2, 5, 4)], {"transA": 1, "transB": 1}),
    "FusedMatMul with turned batches": (
        "FusedMatMul",
        [real(7, 1, 4, 6), real(9, 1, 4, 6)],
        {"transBatchA": 1, "transBatchB": 1, "transB": 1},
    ),
    "FusedMatMul that broadcasts": ("FusedMatMul", [real(2, 1, 3, 4), real(5, 4, 6)], {}),
    "TransposeMatMul": ("TransposeMatMul", [real(4, 3), real(4, 5)], {"transA": 1}),
    "FusedGemm": (
        "FusedGemm",
        [real(4, 3), real(5, 3), real(5)],
        {"transB": 1, "alpha": 0.5, "activation": "LeakyRelu", "activation_alpha": 0.1},
    ),
    "FusedConv": (
        "FusedConv",
        [real(*image), fixed(real(4, 3, 3, 3)), fixed(real(4)), real(1, 4, 5, 4)],
        {"group": 2, "pads": [1, 1, 1, 1], "strides": [2, 2], "activation": "Relu"},
    ),
    "QGemm": (
        "QGemm",
        [*quantized(3, 4), fixed(byte(5, 4)), fixed(SCALE), fixed(ZERO),
         fixed(whole([1, 2, 3, 4, 5], dtype=np.int32)), *result()],
        {"transB": 1},
    ),
    "QGemm into floats": (
        "QGemm", [*quantized(3, 4), fixed(byte(4, 5)), fixed(SCALE), fixed(ZERO)], {}
    ),
    "QLinearAdd": ("QLinearAdd", [*quantized(2, 1, 4), *quantized(3, 4), *result()], {}),
    "QLinearMul": ("QLinearMul", [*quantized(2, 3, 4), *quantized(1), *result()], {}),
    "QLinearSigmoid": ("QLinearSigmoid", [*quantized(2, 3), *result()], {}),
    "QLinearLeakyRelu": ("QLinearLeakyRelu", [*quantized(2, 3), *result()], {"alpha": 0.1}),
    "QLinearSoftmax": ("QLinearSoftmax", [*quantized(2, 3), *result()], {"opset": 13, "axis": -1}),
    "QLinearAveragePool": (
        "QLinearAveragePool",
        [*quantized(*image), *result()],
        {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 0], "ceil_mode": 1},
    ),
    "QLinearAveragePool, channels last": (
        "QLinearAveragePool",
        [*quantized(1, 9, 8, 6), *result()],
        {"kernel_shape": [3, 2], "strides": [2, 2], "channels_last": 1},
    ),
    "QLinearGlobalAveragePool": (
        "QLinearGlobalAveragePool", [*quantized(*image), *result()], {"channels_last": 0}
    ),
    "QLinearGlobalAveragePool, channels last": (
        "QLinearGlobalAveragePool", [*quantized(1, 9, 8, 6), *result()], {"channels_last": 1}
    ),
    "QLinearConv, channels last": (
        "QLinearConv",
        [*quantized(1, 9, 8, 6), fixed(byte(4, 3, 3, 3)), fixed(SCALE), fixed(ZERO), *result()],
        {"channels_last": 1, "group": 2, "strides": [2, 1]},
    ),
    "QLinearConcat": (
        "QLinearConcat", [*result(), *quantized(2, 3), *quantized(2, 4)], {"axis": 1}
    ),
    "QLinearWhere": (
        "QLinearWhere",
        [np.ones((3, 1), bool), *quantized(3, 4), *quantized(4), *result()],
        {},
    ),
    "NhwcMaxPool": (
        "NhwcMaxPool", [byte(1, 9, 8, 6)], {"kernel_shape": [3, 3], "strides": [2, 2]}
    ),
    "EmbedLayerNormalization": (
        "EmbedLayerNormalization",
        [np.ones((2, 5), np.int32), np.ones((2, 5), np.int32), fixed(real(50, 16)),
         fixed(real(10, 16)), fixed(real(2, 16)), fixed(real(16)), fixed(real(16)),
         np.ones((2, 5), np.int32)],
        {"outputs": 3},
    ),
    "SkipLayerNormalization": (
        "SkipLayerNormalization",
        [real(2, 3, 8), real(2, 3, 8), fixed(real(8)), fixed(real(8)), fixed(real(8))],
        {"outputs": 4},
    ),
    "Attention with a past": (
        "Attention",
        [real(2, 3, 8), fixed(real(8, 24)), fixed(real(24)), None, real(2, 2, 4, 5, 2)],
        {"outputs": 2, "num_heads": 4},
    ),
    "QAttention": (
        "QAttention",
        [byte(2, 3, 8), fixed(byte(8, 24)), fixed(real(24)), fixed(SCALE), fixed(SCALE), None,
         fixed(ZERO), fixed(ZERO)],
        {"num_heads": 4},
    ),
    "MultiHeadAttention with a past": (
        "MultiHeadAttention",
        [real(2, 3, 8), real(2, 3, 8), real(2, 3, 8), None, None, None, *cache(2, 4, 5, 2)],
        {"outputs": 3, "num_heads": 4},
    ),
    "MultiHeadAttention across": (
        "MultiHeadAttention", [real(2, 3, 8), *cache(2, 4, 5, 2)], {"num_heads": 4}
    ),
    "DecoderMaskedMultiHeadAttention": (
        "DecoderMaskedMultiHeadAttention",
        [real(2, 1, 8), real(2, 1, 8), real(2, 1, 8), None, None, *cache(2, 4, 9, 2),
         fixed(whole([5], dtype=np.int32))],
        {"outputs": 3, "num_heads": 4, "past_present_share_buffer": 1},
    ),
    "GroupQueryAttention": (
        "GroupQueryAttention",
        [real(1, 3, 32), real(1, 3, 16), real(1, 3, 16), *cache(1, 2, 5, 8), *past_lengths(1, 8)],
        {"outputs": 3, "num_heads": 4, "kv_num_heads": 2},
    ),
    "GroupQueryAttention, packed and turned": (
        "GroupQueryAttention",
        [real(1, 1, 64 + 32), None, None, *cache(1, 1, 5, 16), *past_lengths(1, 6),
         fixed(real(32, 8)), fixed(real(32, 8))],
        {"outputs": 3, "num_heads": 4, "kv_num_heads": 1, "do_rotary": 1, "local_window_size": 4},
    ),
    "GatherBlockQuantized": (
        "GatherBlockQuantized",
        [fixed(byte(6, 16)), whole([[1, 2, 3], [4, 5, 0]]), fixed(real(6, 2))],
        {"gather_axis": 0, "quantize_axis": 1, "block_size": 16, "bits": 4},
    ),
    "MoE": (
        "MoE",
        [real(5, 8), real(5, 4), fixed(real(4, 16, 8)), fixed(real(4, 16)),
         fixed(real(4, 8, 16)), fixed(real(4, 8))],
        {"k": 2, "activation_type": "relu"},
    ),
    "LinearAttention": (
        "LinearAttention",
        [real(2, 3, 16), real(2, 3, 8), real(2, 3, 12), real(2, 2, 4, 6), real(2, 3, 8),
         real(2, 3, 2)],
        {"outputs": 2, "q_num_heads": 4, "kv_num_heads": 2},
    ),
    "CausalConvWithState": (
        "CausalConvWithState",
        [real(2, 6, 9), fixed(real(6, 1, 4)), fixed(real(6)), real(2, 6, 3)],
        {"outputs": 2, "activation": "silu"},
    ),
    "RotaryEmbedding": (
        "RotaryEmbedding",
        [real(2, 3, 16), whole([[0, 1, 2], [0, 1, 2]]), fixed(real(9, 4)), fixed(real(9, 4))],
        {"num_heads": 2},
    ),
    "BiasGelu": ("BiasGelu", [real(2, 3, 4), fixed(real(4))], {}),
    "FastGelu": ("FastGelu", [real(2, 3, 4), fixed(real(4))], {}),
    "QuickGelu": ("QuickGelu", [real(2, 3)], {}),
    "Gelu": ("Gelu", [real(2, 3)], {}),
    "Inverse": ("Inverse", [np.eye(3, dtype=np.float32)[None].repeat(2, 0)], {}),
    "CDist": ("CDist", [real(4, 3), real(5, 3)], {"metric": "sqeuclidean"}),
    "Trilu": ("Trilu", [real(4, 3)], {"upper": 0}),
    "Pad": ("Pad", [real(2, 3), fixed(whole([0, 1, 0, 2]))], {}),
    "ExpandDims": ("ExpandDims", [real(2, 3), fixed(np.int32(-1))], {}),
    "SampleOp": ("SampleOp", [real(2, 3)], {}),
    "Unique": ("Unique", [real(9)], {"outputs": 3}),
    "GridSample": ("GridSample", [real(1, 2, 4, 5), real(1, 3, 6, 2)], {"mode": "bilinear"}),
    "ConvTransposeWithDynamicPads": (
        "ConvTransposeWithDynamicPads",
        [real(1, 3, 5, 5), fixed(real(3, 4, 3, 3)), fixed(whole([1, 1, 1, 1])), fixed(real(4))],
        {"kernel_shape": [3, 3], "strides": [2, 2], "output_padding": [1, 1]},
    ),
    "MaxpoolWithMask": (
        "MaxpoolWithMask",
        [real(1, 2, 8, 8), np.ones((1, 2, 8, 8), np.int32)],
        {"kernel_shape": [2, 2], "strides": [2, 2]},
    ),
    "UnfoldTensor": ("UnfoldTensor", [real(2, 9)], {"dim": 1, "size": 4, "step": 2}),
    "CropAndResize": (
        "CropAndResize",
        [real(2, 3, 8, 8), real(4, 4), np.zeros(4, np.int32), fixed(whole([5, 6], dtype=np.int32))],
        {},
    ),
    "QuantizeLinear": ("QuantizeLinear", [real(2, 3), fixed(SCALE), fixed(np.uint16(3))], {}),
    "DequantizeLinear": (
        "DequantizeLinear", [np.ones((2, 3), np.uint16), fixed(SCALE), fixed(np.uint16(3))], {}
    ),
}  # fmt: skip
