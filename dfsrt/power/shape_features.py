"""Features of a layer by its shapes alone, for hardware whose inside is not known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.tensor import Tensor
from dfsrt.power.shape_facts import Facts
from dfsrt.power.shape_scale import (
    CACHE_BYTES,
    MULTIPROCESSORS,
    compute_s,
    is_fast_grouped,
    memory_s,
    moved_bytes,
    multiply_s,
    scale_s,
    slow_groups_s,
    tile_s,
    traffic_s,
)

OPERATORS = (
    "Conv", "ConvTranspose", "MatMul", "Gemm", "Softmax", "LayerNormalization",
    "BatchNormalization", "InstanceNormalization", "GroupNormalization", "Add", "Mul", "Sub",
    "Div", "Relu", "LeakyRelu", "Sigmoid", "HardSwish", "Tanh", "Erf", "Gelu", "Exp", "Clip",
    "Sqrt", "Pow", "Transpose", "Concat", "Slice", "Gather", "MaxPool", "AveragePool",
    "GlobalAveragePool", "ReduceMean", "ReduceSum", "ReduceMax", "Resize",
)  # fmt: skip
"""Operators that a model may tell apart; any other has zeros in all of these columns."""

_TILES = ((128, 128), (128, 256), (64, 64))


def feature_names() -> tuple[str, ...]:
    """Return the names of the columns of ``shape_features``."""
    return (*_NUMBERS, *(f"is_{op}" for op in OPERATORS))


def shape_features(layers: Sequence[Layer], layouts: Sequence[str] = ()) -> Floats:
    """Return features of shape ``(n_layers, n_features)``: sizes as log2, alignments, tiles.

    ``layouts`` are those in which the layers' images lie, ``nhwc`` or ``nchw``, one a layer; none
    is that of ONNX. An operand counts the same whether the file holds it or a caller passes it in.
    """
    return described(Facts(layers, layouts, OPERATORS))


def roofline_s(layers: Sequence[Layer], layouts: Sequence[str] = ()) -> Floats:
    """Return the time each layer would take at the scales of ``shape_scale``, ``(n_layers,)``."""
    return scale_s(Facts(layers, layouts, OPERATORS))


def described(facts: Facts) -> Floats:
    """Return the features of layers whose facts are known, ``(n_layers, n_features)``."""
    known = (facts.operator[:, None] == np.arange(len(OPERATORS))).astype(np.float64)
    table = np.column_stack([*numbers(facts).values(), known])
    return np.asarray(table.astype(np.float32).astype(np.float64))


def numbers(facts: Facts) -> dict[str, Floats]:
    """Return the features by name, ``(n_layers,)`` each, operator columns left out."""
    parts = (_sizes(facts), _guess(facts), _product(facts), _image(facts), _reduction(facts))
    return {name: column for part in parts for name, column in part.items()}


def _sizes(f: Facts) -> dict[str, Floats]:
    moved = moved_bytes(f)
    compute, memory = compute_s(f), memory_s(f)
    return {
        "log_bytes": _log2(moved),
        "log_bytes_in": _log2(np.maximum(f.bytes_in, f.bytes_largest)),
        "log_bytes_out": _log2(f.bytes_out),
        "log_bytes_largest": _log2(f.bytes_largest),
        "log_bytes_second": _log2(f.bytes_second),
        "log_macs": _log2(f.macs + 1),
        "log_lane_ops": _log2(f.lane_ops + 1),
        "log_ops_per_element": _log2(
            (f.lane_ops + 1) / np.maximum(np.maximum(f.elements_out, f.elements_first), 1)
        ),
        "log_intensity": _log2((f.macs + 1) / moved),
        "log_compute_us": _log2(compute * 1e6 + 1e-3),
        "log_memory_us": _log2(memory * 1e6 + 1e-3),
        "log_both_us": _log2((compute + memory) * 1e6 + 1e-3),
        "log_cache_fill": _log2(moved / CACHE_BYTES),
        "is_fp32": f.is_fp32,
        "is_bf16": f.is_bf16,
        "is_nhwc": f.is_last,
        "has_bias": f.has_bias,
        "is_joined": f.is_joined,
        "operands": f.operands,
        "log_broadcast": _log2(f.widest / np.maximum(1, f.narrowest)),
        "log_out_per_in": _log2(f.elements_out / np.maximum(1, f.elements_first)),
        "log_middle": _log2(f.middle),
    }


def _guess(f: Facts) -> dict[str, Floats]:
    """The first guess of the time, and which share of it each cause has."""
    guess = scale_s(f)

    def share(seconds: Floats) -> Floats:
        return _log2(seconds * 1e6 + 0.01) - _log2(guess * 1e6)

    return {
        "log_scale_us": _log2(guess * 1e6),
        "share_multiply": share(multiply_s(f)),
        "share_traffic": share(traffic_s(f)),
        "share_tiles": share(tile_s(f)),
        "log_slow_groups_us": _log2(slow_groups_s(f) * 1e6 + 0.01),
        "log_group_us": _log2(guess * 1e6 / np.maximum(1, f.count)),
        "is_fast_grouped": is_fast_grouped(f).astype(np.float64),
    }


def _product(f: Facts) -> dict[str, Floats]:
    """Sizes, alignment and tiles of the matrix product inside, zeros where there is none."""
    found = {
        "log_m": _log2(f.m + 1),
        "log_k": _log2(f.k + 1),
        "log_n": _log2(f.n + 1),
        "log_count": _log2(f.count + 1),
        "twos_m": _twos(f.m),
        "twos_k": _twos(f.k),
        "twos_n": _twos(f.n),
        "log_tile_us": _log2(tile_s(f) * 1e6 + 1e-3),
        "log_short": _log2(np.minimum(f.m, f.n) + 1),
        "log_long": _log2(np.maximum(f.m, f.n) + 1),
    }
    for rows, cols in _TILES:
        tiles = np.ceil(f.m / rows) * np.ceil(f.n / cols) * f.count
        waves = np.maximum(1, np.ceil(tiles / MULTIPROCESSORS))
        found[f"log_tiles_{rows}x{cols}"] = _log2(tiles / MULTIPROCESSORS + 1e-3)
        found[f"fill_{rows}x{cols}"] = f.m * f.n * f.count / (waves * MULTIPROCESSORS * rows * cols)
    return found


def _image(f: Facts) -> dict[str, Floats]:
    """What a convolution, a pool or a copy sees: channels, pixels, kernel, stride, groups."""
    stride = np.where(f.is_image > 0, f.height / np.maximum(1, f.height_out), 1.0)
    groups = np.where((f.is_conv > 0) & (f.count > 0), f.count, 1.0)
    is_patch = (f.is_image > 0) & (f.smallest_kernel > 1)
    is_patch &= np.abs(stride - f.smallest_kernel) < 0.5
    return {
        "rank": f.rank,
        "log_first": _log2(f.first),
        "log_channels": _log2(f.channels),
        "log_channels_out": _log2(f.channels_out),
        "log_group_width": np.where(f.is_conv > 0, _log2(f.channels / groups), 0.0),
        "log_pixels": _log2(f.pixels),
        "log_pixels_out": _log2(f.pixels_out),
        "log_last": _log2(f.last),
        "log_last_out": _log2(f.last_out),
        "twos_pixels": _twos(f.pixels),
        "twos_pixels_out": _twos(f.pixels_out),
        "twos_channels": _twos(f.channels),
        "twos_channels_out": _twos(f.channels_out),
        "twos_last": _twos(f.last),
        "log_stride": _log2(stride),
        "log_kernel": _log2(f.kernel),
        "smallest_kernel": f.smallest_kernel,
        "log_groups": _log2(groups),
        "is_patch": is_patch.astype(np.float64),
    }


def _reduction(f: Facts) -> dict[str, Floats]:
    """How many rows a norm, a softmax or a reduction has, and whether they fill the chip."""
    some = f.rows > 0
    return {
        "log_rows": _log2(f.rows + 1),
        "log_row_length": np.where(some, _log2(f.elements_first / np.maximum(f.rows, 1)), 0.0),
        "row_fill": np.where(some, np.minimum(1.0, f.rows / (2 * MULTIPROCESSORS)), 1.0),
    }


def _log2(values: Floats) -> Floats:
    return np.asarray(np.log2(np.maximum(values, 1e-9)))


def _twos(values: Floats) -> Floats:
    """How often 2 divides each value, at most 4: what vector loads and tensor cores ask for."""
    found = np.zeros(len(values))
    for power in (2, 4, 8, 16):
        found += values % power == 0
    return found


_SOME = Tensor("some", (1, 1, 1, 1), "float16")
_NUMBERS = tuple(
    numbers(Facts([Layer("some", "Relu", Kind.VECTOR, (), (_SOME,), (), (_SOME,))], (), ()))
)
