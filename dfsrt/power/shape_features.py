"""Features of a layer by its shapes alone, for hardware whose inside is not known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.tensor import Tensor

CACHE_BYTES = 50e6
"""Last-level cache. Source: NVIDIA H100 data sheet, 50 MB L2."""
MULTIPROCESSORS = 132
"""Source: NVIDIA H100 SXM5 white paper."""
MEMORY_BYTES_PER_S = {"cache": 5.0e12, "dram": 2.8e12}
"""Reachable bandwidth inside and outside the cache. Source: assumed, a scale to learn from only."""
MACS_PER_S = {"fp16": 400e12, "fp32": 25e12, "fp32 conv": 200e12}
"""Reachable rate of tensor cores, of plain fp32, and of TF32, in which frameworks run fp32
convolutions. Source: assumed, a scale to learn from only."""
LAUNCH_S = 1.5e-6
"""Shortest layer. Source: assumed."""

OPERATORS = (
    "Conv", "ConvTranspose", "MatMul", "Gemm", "Softmax", "LayerNormalization",
    "BatchNormalization", "InstanceNormalization", "GroupNormalization", "Add", "Mul", "Sub",
    "Div", "Relu", "LeakyRelu", "Sigmoid", "HardSwish", "Tanh", "Erf", "Gelu", "Exp", "Clip",
    "Sqrt", "Pow", "Transpose", "Concat", "Slice", "Gather", "MaxPool", "AveragePool",
    "GlobalAveragePool", "ReduceMean", "ReduceSum", "ReduceMax", "Resize",
)  # fmt: skip
"""Operators that a model may tell apart; any other has zeros in all of these columns."""

_ROWS_OF_LAST_AXIS = ("Softmax", "LogSoftmax", "LayerNormalization")
_TILES = ((128, 128), (128, 256), (64, 64))


def feature_names() -> tuple[str, ...]:
    """Return the names of the columns of ``shape_features``."""
    return (*_NUMBERS, *(f"is_{op}" for op in OPERATORS))


def shape_features(layers: Sequence[Layer]) -> Floats:
    """Return features of shape ``(n_layers, n_features)``: sizes as log2, alignments, tiles.

    An operand counts the same whether the file holds it or a caller passes it in.
    """
    rows = [[*numbers(a).values(), *(float(a.op == op) for op in OPERATORS)] for a in layers]
    return np.array(rows, dtype=np.float32).astype(np.float64).reshape(len(rows), -1)


def roofline_s(layers: Sequence[Layer]) -> Floats:
    """Return the time each layer would take at the scales above, ``(n_layers,)``, in seconds."""
    return np.array([max(_compute_s(a), _memory_s(a), LAUNCH_S) for a in layers])


def numbers(layer: Layer) -> dict[str, float]:
    """Return one layer's features by name, operator columns left out."""
    first, out = _first(layer), layer.outputs[0]
    return {
        **_sizes(layer, first, out),
        **_product(layer),
        **_image(layer, first, out),
        **_reduction(layer, first, out),
    }


def _sizes(layer: Layer, first: Tensor, out: Tensor) -> dict[str, float]:
    touched = sorted((t.touched_bytes for t in _operands(layer)), reverse=True)
    moved = _moved_bytes(layer)
    compute_s, memory_s = _compute_s(layer), _memory_s(layer)
    widest = max(t.elements for t in _operands(layer))
    narrowest = max(1, min(t.elements for t in _operands(layer)))
    return {
        "log_bytes": _log2(moved),
        "log_bytes_in": _log2(sum(touched)),
        "log_bytes_out": _log2(layer.output_bytes),
        "log_bytes_largest": _log2(touched[0]),
        "log_bytes_second": _log2(touched[1] if len(touched) > 1 else 1),
        "log_macs": _log2(layer.macs + 1),
        "log_lane_ops": _log2(layer.vector_ops + 1),
        "log_ops_per_element": _log2((layer.vector_ops + 1) / max(out.elements, first.elements, 1)),
        "log_intensity": _log2((layer.macs + 1) / moved),
        "log_compute_us": _log2(compute_s * 1e6 + 1e-3),
        "log_memory_us": _log2(memory_s * 1e6 + 1e-3),
        "log_both_us": _log2((compute_s + memory_s) * 1e6 + 1e-3),
        "log_cache_fill": _log2(moved / CACHE_BYTES),
        "is_fp32": float(out.dtype == "float32"),
        "is_bf16": float(out.dtype == "bfloat16"),
        "operands": float(len(touched)),
        "log_broadcast": _log2(widest / narrowest),
        "log_out_per_in": _log2(out.elements / max(1, first.elements)),
    }


def _product(layer: Layer) -> dict[str, float]:
    """Sizes, alignment and tiles of the matrix product inside, zeros where there is none."""
    g = layer.gemms[0] if layer.gemms else None
    m, k, n, count = (g.m, g.k, g.n, g.count) if g else (0, 0, 0, 0)
    found = {
        "log_m": _log2(m + 1),
        "log_k": _log2(k + 1),
        "log_n": _log2(n + 1),
        "log_count": _log2(count + 1),
        "twos_m": _twos(m),
        "twos_k": _twos(k),
        "twos_n": _twos(n),
    }
    for rows, cols in _TILES:
        tiles = -(-m // rows) * -(-n // cols) * count
        waves = max(1, -(-tiles // MULTIPROCESSORS))
        found[f"log_tiles_{rows}x{cols}"] = _log2(tiles / MULTIPROCESSORS + 1e-3)
        found[f"fill_{rows}x{cols}"] = m * n * count / (waves * MULTIPROCESSORS * rows * cols)
    return found


def _image(layer: Layer, first: Tensor, out: Tensor) -> dict[str, float]:
    """What a convolution, a pool or a copy sees: channels, pixels, kernel, stride, groups."""
    shape = first.shape
    pixels, pixels_out = math.prod(shape[2:]), math.prod(out.shape[2:])
    kernel = _kernel(layer)
    is_image = len(shape) == len(out.shape) == 4
    stride = shape[2] / max(1, out.shape[2]) if is_image else 1.0
    return {
        "rank": float(len(shape)),
        "log_first": _log2(shape[0] if shape else 1),
        "log_channels": _log2(shape[1] if len(shape) > 1 else 1),
        "log_pixels": _log2(pixels),
        "log_pixels_out": _log2(pixels_out),
        "log_last": _log2(shape[-1] if shape else 1),
        "log_last_out": _log2(out.shape[-1] if out.shape else 1),
        "twos_pixels": _twos(pixels),
        "twos_pixels_out": _twos(pixels_out),
        "twos_channels": _twos(shape[1] if len(shape) > 1 else 0),
        "twos_last": _twos(shape[-1] if shape else 0),
        "log_stride": _log2(stride),
        "log_kernel": _log2(math.prod(kernel)),
        "smallest_kernel": float(min(kernel)),
        "log_groups": _log2(layer.gemms[0].count if layer.gemms and len(kernel) > 1 else 1),
        "is_patch": float(is_image and min(kernel) > 1 and abs(stride - kernel[0]) < 0.5),
    }


def _reduction(layer: Layer, first: Tensor, out: Tensor) -> dict[str, float]:
    """How many rows a norm, a softmax or a reduction has, and whether they fill the chip."""
    rows = _rows(layer, first, out)
    return {
        "log_rows": _log2(rows + 1),
        "log_row_length": _log2(first.elements / rows) if rows else 0.0,
        "row_fill": min(1.0, rows / (2 * MULTIPROCESSORS)) if rows else 1.0,
    }


def _rows(layer: Layer, first: Tensor, out: Tensor) -> int:
    if layer.op in _ROWS_OF_LAST_AXIS:
        return math.prod(first.shape[:-1])
    if layer.op == "InstanceNormalization":
        return math.prod(first.shape[:2])
    if layer.op.startswith(("Reduce", "Global")):
        return out.elements
    return 0


def _kernel(layer: Layer) -> tuple[int, ...]:
    """Spatial size of a convolution's weights, (1,) for every other layer."""
    if not layer.op.startswith("Conv"):
        return (1,)
    weights = [t for t in _operands(layer)[1:] if len(t.shape) > 2]
    return weights[0].shape[2:] if weights else (1,)


def _compute_s(layer: Layer) -> float:
    wide = layer.precision == "fp32"
    rate = "fp16" if not wide else "fp32 conv" if layer.op.startswith("Conv") else "fp32"
    return layer.macs / MACS_PER_S[rate]


def _memory_s(layer: Layer) -> float:
    moved = _moved_bytes(layer)
    return moved / MEMORY_BYTES_PER_S["cache" if moved < 0.8 * CACHE_BYTES else "dram"]


def _moved_bytes(layer: Layer) -> int:
    return sum(t.touched_bytes for t in (*layer.inputs, *layer.weights, *layer.outputs))


def _operands(layer: Layer) -> tuple[Tensor, ...]:
    """What the layer reads; a generator, which reads nothing, counts with what it makes."""
    return (*layer.inputs, *layer.weights) or layer.outputs


def _first(layer: Layer) -> Tensor:
    """The data operand: the first that holds no indices."""
    operands = _operands(layer)
    return next((t for t in operands if not t.dtype.startswith("int")), operands[0])


def _log2(value: float) -> float:
    return math.log2(max(value, 1e-9))


def _twos(value: int) -> float:
    """How often 2 divides ``value``, at most 4: what vector loads and tensor cores ask for."""
    return 4.0 if value <= 0 else float(min(4, (value & -value).bit_length() - 1))


_SOME = Tensor("some", (1, 1, 1, 1), "float16")
_NUMBERS = tuple(numbers(Layer("some", "Relu", Kind.VECTOR, (), (_SOME,), (), (_SOME,))))
