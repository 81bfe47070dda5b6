"""Calibration layers: a seeded set of shapes that a bench would run to measure a device."""

from __future__ import annotations

import numpy as np

from dfsrt.device.npu import Npu
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.network import PRECISIONS
from dfsrt.network.tensor import Tensor


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
    return Layer(
        name=name,
        op="MatMul",
        kind=Kind.MATRIX,
        nodes=(name,),
        inputs=(Tensor(f"{name}_in", (m, k), dtype),),
        weights=(Tensor(f"{name}_w", (k, n), dtype),),
        outputs=(Tensor(f"{name}_out", (m, n), dtype),),
        gemms=(Gemm(m, k, n),),
        operands=(Operands((f"{name}_in",), (f"{name}_w",), f"{name}_out"),),
        fused_ops=m * n * int(rng.integers(0, 3)),
    )


def _vector(rng: np.random.Generator, name: str, dtype: str) -> Layer:
    size = _power_of_two(rng, 10, 22)
    tensor = Tensor(f"{name}_in", (size,), dtype)
    out = Tensor(f"{name}_out", (size,), dtype)
    ops = size * int(rng.integers(1, 10))
    return Layer(name, "Vector", Kind.VECTOR, (name,), (tensor,), (), (out,), vector_ops=ops)


def _copy(rng: np.random.Generator, name: str, dtype: str) -> Layer:
    size = _power_of_two(rng, 10, 22)
    tensor = Tensor(f"{name}_in", (size,), dtype)
    out = Tensor(f"{name}_out", (size,), dtype)
    return Layer(name, "Copy", Kind.MOVE, (name,), (tensor,), (), (out,))
