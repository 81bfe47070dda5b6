"""Calibration layers: a seeded set of shapes that a bench would run to measure a device."""

from __future__ import annotations

import numpy as np

from dfsrt.device.npu import Npu
from dfsrt.network.layer import Gemm, Kind, Layer
from dfsrt.network.precision import PRECISIONS
from dfsrt.power.made_layer import made_other, made_product


def calibration_layers(npu: Npu, count: int, seed: int) -> tuple[Layer, ...]:
    """Return ``count`` layers that spread over products, vector work and copies.

    Half are products (square to skinny, one to many), a quarter vector work, a quarter copies.
    """
    rng = np.random.default_rng(seed)
    dtype = PRECISIONS[npu.precision]
    makers = (_product, _vector, _product, _copy)
    return tuple(makers[i % 4](rng, f"calibration_{i}", dtype) for i in range(count))


def _power_of_two(rng: np.random.Generator, low: float, high: float) -> int:
    return round(2 ** rng.uniform(low, high))


def _product(rng: np.random.Generator, name: str, dtype: str) -> Layer:
    m, k, n = (_power_of_two(rng, low, high) for low, high in ((3, 14), (3, 12), (2, 11)))
    ops = int(rng.integers(0, 3))
    return made_product(name, "MatMul", Gemm(m, k, n), dtype, [(m, k)], (k, n), (m, n), ops=ops)


def _vector(rng: np.random.Generator, name: str, dtype: str) -> Layer:
    size = (_power_of_two(rng, 10, 22),)
    ops = int(rng.integers(1, 10))
    return made_other(name, "Vector", Kind.VECTOR, dtype, [size], [size], ops)


def _copy(rng: np.random.Generator, name: str, dtype: str) -> Layer:
    size = (_power_of_two(rng, 10, 22),)
    return made_other(name, "Copy", Kind.MOVE, dtype, [size], [size])
