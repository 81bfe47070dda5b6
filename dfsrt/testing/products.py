"""Layers with a product to try a mapper on, and buffers: ordinary ones and the odd corners."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.cost.traffic import Buffer
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window


def make_product(m: int = 40, k: int = 64, n: int = 48, dtype: str = "int8") -> Layer:
    """Return an (m, k) by (k, n) product of a map and weights."""
    return Layer(
        *("product", "MatMul", Kind.MATRIX, ("product",)),
        inputs=(Tensor("x", (m, k), dtype),),
        weights=(Tensor("w", (k, n), dtype),),
        outputs=(Tensor("y", (m, n), dtype),),
        gemms=(Gemm(m, k, n),),
        operands=(Operands(("x",), ("w",), "y"),),
    )


def make_convolution(
    channels: int, filters: int, axis: Axis, groups: int = 1, images: int = 1
) -> Layer:
    """Return a convolution whose rows and columns are alike; channels and filters of a group."""
    size, results, kernel = axis.size_in, axis.size_out, axis.kernel
    gemm = Gemm(images * results**2, channels * kernel**2, filters, groups)
    if axis.transposed:
        gemm = Gemm(images * size**2, channels, filters * kernel**2, groups)
    return Layer(
        *("conv", "ConvTranspose" if axis.transposed else "Conv", Kind.MATRIX, ("conv",)),
        inputs=(Tensor("x", (images, channels * groups, size, size), "int8"),),
        weights=(Tensor("w", (filters * groups, channels, kernel, kernel), "int8"),),
        outputs=(Tensor("y", (images, filters * groups, results, results), "int8"),),
        gemms=(gemm,),
        operands=(Operands(("x",), ("w",), "y"),),
        window=Window((axis, axis), groups),
    )


def _attention() -> Layer:
    """Two heads of scores that are made and used in the layer."""
    q, k, v = (Tensor(name, (1, 2, 30, 16), "int8") for name in "qkv")
    return Layer(
        *("attention", "Attention", Kind.MATRIX, ("attention",)),
        inputs=(q, k, v),
        weights=(),
        outputs=(Tensor("y", (1, 2, 30, 16), "int8"),),
        gemms=(Gemm(30, 16, 30, 2), Gemm(30, 30, 16, 2)),
        operands=(Operands(("q",), ("k",)), Operands((), ("v",), "y")),
    )


def odd_layers() -> dict[str, Layer]:
    """Return layers that break careless mappers, by what is odd about them."""
    plain, strided = Axis(14, 14, 3, 1, 1), Axis(15, 7, 3, 2, 0)
    wide = make_product(dtype="float16")
    return {
        "a product": make_product(),
        "one of everything": make_product(1, 1, 1),
        "prime sizes": make_product(31, 53, 37),
        "a single row": make_product(1, 500, 300),
        "two bytes an element": wide,
        "half a byte a weight": replace(wide, weights=(Tensor("w", (64, 48), "int4"),)),
        "a convolution": make_convolution(16, 24, plain),
        "strides without padding": make_convolution(6, 8, strided),
        "depthwise": make_convolution(1, 1, plain, groups=32),
        "several images": make_convolution(4, 4, plain, images=3),
        "transposed": make_convolution(4, 6, Axis(7, 14, 4, 2, 1, transposed=True)),
        "scores that stay inside": _attention(),
    }


def odd_buffers() -> dict[str, Buffer]:
    """Return buffers of all kinds, by what they are; not every layer fits into the small ones."""
    small = Buffer(2_000)
    parts = Buffer(5_600, (1_000, 4_000, 600))
    return {
        "150 bytes": Buffer(150),
        "2,000 bytes": small,
        "2,000 bytes, doubled": replace(small, double=True),
        "2,000 bytes, with lines": replace(small, lines=True),
        "1,000+4,000+600 bytes": parts,
        "1,000+4,000+600 bytes, doubled": replace(parts, double=True),
        "1 MiB": Buffer(1 << 20),
    }
