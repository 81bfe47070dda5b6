"""The sweep: made-up layers that fill the space of shapes evenly, from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from dfsrt.network.probe import Probe, make_probe

Point = Sequence[float]
"""Coordinates in 0..1, one for each free size of a family."""
Make = Callable[[str, Point, str], Probe]

MOST_ELEMENTS = 2**28
"""Elements of one tensor at most: half a gigabyte in fp16."""
MOST_MACS = 4 * 10**12
"""Multiply-accumulates of one layer at most: larger ones are left out of the sweep."""


Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Family:
    """Layers of one shape family: ``share`` of the sweep, ``axes`` free coordinates."""

    name: str
    share: float
    axes: int
    make: Make


def sweep_probes(count: int, seed: int, dtype: str) -> Iterator[tuple[str, Probe]]:
    """Yield (family, probe) pairs of ``FAMILIES``, about ``count`` in all."""
    yield from sweep_of(FAMILIES, count, seed, dtype)


def sweep_of(
    families: Sequence[Family], count: int, seed: int, dtype: str
) -> Iterator[tuple[str, Probe]]:
    """Yield (family, probe) pairs, about ``count`` in all, evenly spread within each family.

    Points come from a scrambled Sobol sequence for each family, so that a longer sweep with the
    same seed holds the shorter one's points.
    """
    from scipy.stats import qmc

    total = sum(f.share for f in families)
    for index, family in enumerate(families):
        wanted = round(count * family.share / total)
        if not wanted:
            continue
        sobol = qmc.Sobol(family.axes, seed=np.random.default_rng([seed, index]))
        points = sobol.random(1 << (wanted - 1).bit_length())[:wanted]
        for number, point in enumerate(points):
            probe = family.make(f"{family.name}_{number}", point, "float16").as_type(dtype)
            if probe.layer.macs <= MOST_MACS:
                yield family.name, probe


def whole(x: float, low: float, high: float, step: int = 1) -> int:
    """Return a whole number, log-uniform from ``low`` to ``high``, a multiple of ``step``."""
    value = float(low * (high / low) ** x)
    return max(step, round(value / step) * step)


def pick(x: float, choices: Sequence[Choice]) -> Choice:
    """Return one of ``choices``, the first for 0 and the last for 1."""
    return choices[min(int(x * len(choices)), len(choices) - 1)]


def width(x: float, low: float, high: float, odd: float) -> int:
    """Return a channel count or width: mostly a multiple of 8, as networks have; sometimes not."""
    return whole(x, low, high, 1 if odd > 0.8 else 8)


def batched_image(p: Point, channels: int) -> tuple[int, int, int, int]:
    """Return (N, C, H, W) within the size limit: batch gives way first, then the image."""
    size, batch = whole(p[0], 7, 224), whole(p[1], 1, 128)
    while batch * channels * size * size > MOST_ELEMENTS and batch > 1:
        batch //= 2
    while channels * size * size > MOST_ELEMENTS:
        size //= 2
    return batch, channels, size, size


def _conv(name: str, p: Point, dtype: str) -> Probe:
    channels, filters = width(p[2], 8, 2048, p[6]), width(p[3], 8, 2048, p[6])
    kernel, stride = pick(p[4], (1, 1, 3, 3, 3, 5, 7)), pick(p[5], (1, 1, 1, 2))
    batch, channels, size, _ = batched_image(p, max(channels, filters) if stride == 1 else channels)
    return convolution(
        name, dtype, (batch, min(channels, width(p[2], 8, 2048, p[6])), size, size), filters,
        kernel, stride, 1,
    )  # fmt: skip


def _depthwise(name: str, p: Point, dtype: str) -> Probe:
    image = batched_image(p, whole(p[2], 16, 2048, 8))
    return convolution(
        name, dtype, image, image[1], pick(p[3], (3, 3, 5, 7)), pick(p[4], (1, 1, 2)), image[1]
    )


def _grouped(name: str, p: Point, dtype: str) -> Probe:
    groups = pick(p[3], (2, 4, 8, 16, 32, 64))
    channels = groups * pick(p[2], (4, 8, 16, 24, 32, 48, 64))
    image = batched_image(p, channels)
    return convolution(name, dtype, image, channels, 3, pick(p[4], (1, 1, 2)), groups)


def convolution(
    name: str,
    dtype: str,
    image: tuple[int, int, int, int],
    filters: int,
    kernel: int,
    stride: int,
    groups: int,
    bias: bool = True,
) -> Probe:
    """Return a convolution of (N, C, H, W) that keeps its size but for its stride."""
    weights = (filters, image[1] // groups, kernel, kernel)
    shapes: list[tuple[int, ...]] = [image, weights, *([(filters,)] if bias else [])]
    return make_probe(
        name,
        "Conv",
        shapes,
        dtype,
        kernel_shape=[kernel, kernel],
        pads=[kernel // 2] * 4,
        strides=[stride, stride],
        group=groups,
    )


def _patch(name: str, p: Point, dtype: str) -> Probe:
    """A convolution that cuts an image into patches: kernel and stride are the same."""
    kernel = pick(p[3], (2, 4, 8, 14, 16))
    batch, channels, size = whole(p[0], 1, 160), pick(p[2], (3, 3, 32, 96)), 28 * kernel // 2
    filters = whole(p[1], 64, 1280, 8)
    batch = max(1, min(batch, MOST_ELEMENTS // (channels * size * size)))
    weights = (filters, channels, kernel, kernel)
    return make_probe(
        name,
        "Conv",
        [(batch, channels, size, size), weights, (filters,)],
        dtype,
        kernel_shape=[kernel] * 2,
        strides=[kernel] * 2,
    )


def _conv_transpose(name: str, p: Point, dtype: str) -> Probe:
    channels, filters = whole(p[2], 16, 1024, 8), whole(p[3], 8, 512, 8)
    batch, channels, size, _ = batched_image((p[0] * 0.7, p[1] * 0.8), channels * 2)
    weights = (channels // 2, filters, 2, 2)
    image = (batch, channels // 2, size, size)
    return make_probe(
        name, "ConvTranspose", [image, weights], dtype, kernel_shape=[2, 2], strides=[2, 2]
    )


def _matmul(name: str, p: Point, dtype: str) -> Probe:
    m, k, n = whole(p[0], 1, 32768), width(p[1], 32, 16384, p[3]), width(p[2], 32, 16384, p[3])
    m = min(m, MOST_ELEMENTS // n)
    return make_probe(name, "MatMul", [(m, k), (k, n)], dtype)


def _gemm(name: str, p: Point, dtype: str) -> Probe:
    m, k, n = whole(p[0], 1, 4096), width(p[1], 32, 8192, p[3]), width(p[2], 10, 8192, p[3])
    return make_probe(name, "Gemm", [(m, k), (n, k), (n,)], dtype, transB=1)


def _batched(name: str, p: Point, dtype: str) -> Probe:
    heads, m = whole(p[0], 4, 1024), whole(p[1], 16, 2048)
    inner = pick(p[2], (32, 40, 64, 64, 80, 96, 128))
    while heads * m * m > MOST_ELEMENTS:
        heads //= 2
    if p[3] < 0.5:  # queries by keys
        return make_probe(name, "MatMul", [(1, heads, m, inner), (1, heads, inner, m)], dtype)
    return make_probe(name, "MatMul", [(1, heads, m, m), (1, heads, m, inner)], dtype)


def _rows(p: Point, widest: int = 8192) -> tuple[int, int]:
    cols = whole(p[1], 16, widest)
    return min(whole(p[0], 16, 2**19), MOST_ELEMENTS // cols), cols


def _softmax(name: str, p: Point, dtype: str) -> Probe:
    return make_probe(name, "Softmax", [_rows(p)], dtype, axis=-1)


def _layer_norm(name: str, p: Point, dtype: str) -> Probe:
    rows, cols = _rows(p)
    return make_probe(name, "LayerNormalization", [(rows, cols), (cols,), (cols,)], dtype, axis=-1)


def _channel_norm(name: str, p: Point, dtype: str) -> Probe:
    image: tuple[int, ...] = batched_image(p, whole(p[2], 32, 1024, 32))
    scale = (image[1],)
    op = pick(p[3], ("GroupNormalization", "BatchNormalization", "InstanceNormalization"))
    if op == "InstanceNormalization" and p[2] < 0.5:  # groups, as older files write them out
        image, scale = (image[0], 32, image[1] * image[2] * image[3] // 32), (32,)
    if op == "GroupNormalization":
        return make_probe(name, op, [image, scale, scale], dtype, num_groups=32)
    return make_probe(name, op, [image] + [scale] * (4 if op[0] == "B" else 2), dtype)


_UNARY = ("Relu", "Sigmoid", "Tanh", "Gelu", "HardSwish", "Erf", "Exp", "Sqrt", "LeakyRelu")


def _unary(name: str, p: Point, dtype: str) -> Probe:
    ops = (
        "Relu",
        "Sigmoid",
        "Tanh",
        "Gelu",
        "HardSwish",
        "Clip",
        "Erf",
        "Exp",
        "Sqrt",
        "LeakyRelu",
    )
    size = whole(p[0], 1e3, 2e8)
    op = pick(p[1], ops)
    settings = {1: np.float32(0), 2: np.float32(6)} if op == "Clip" else {}
    settings = {
        i: v.astype(dtype if dtype != "bfloat16" else "float32") for i, v in settings.items()
    }
    if dtype == "bfloat16" and op == "Clip":
        op, settings = "Relu", {}
    return make_probe(name, op, [(size,)], dtype, settings=settings)


def _binary(name: str, p: Point, dtype: str) -> Probe:
    op = pick(p[1], ("Add", "Mul", "Sub", "Div"))
    if p[2] < 0.7:
        shape: tuple[int, ...] = (whole(p[0], 1e3, 2e8),)
        return make_probe(name, op, [shape, shape], dtype)
    cols = whole(p[3], 64, 4096, 8)
    rows = max(1, whole(p[0], 1e3, 2e8) // cols)
    return make_probe(name, op, [(rows, cols), (cols,)], dtype)


def _pool(name: str, p: Point, dtype: str) -> Probe:
    image = batched_image(p, whole(p[2], 16, 1024, 8))
    op = pick(p[3], ("MaxPool", "AveragePool", "GlobalAveragePool"))
    if op == "GlobalAveragePool":
        return make_probe(name, op, [image], dtype)
    kernel = pick(p[4], (2, 3, 3))
    pads = [kernel // 2] * 4 if kernel == 3 else [0] * 4
    return make_probe(
        name, op, [image], dtype, kernel_shape=[kernel] * 2, strides=[2, 2], pads=pads
    )


def _resize(name: str, p: Point, dtype: str) -> Probe:
    image = batched_image((p[0] * 0.8, p[1] * 0.7), whole(p[2], 3, 512) * 4)
    image = (image[0], max(1, image[1] // 4), *image[2:])
    scales = np.array([1, 1, 2, 2], np.float32)
    empty = np.array([], np.float32)
    mode = pick(p[3], ("nearest", "linear", "linear", "cubic"))
    return make_probe(name, "Resize", [image], dtype, settings={1: empty, 2: scales}, mode=mode)


def _transpose(name: str, p: Point, dtype: str) -> Probe:
    a, b, c = whole(p[0], 2, 256), whole(p[1], 16, 4096), whole(p[2], 16, 4096)
    a = max(2, min(a, MOST_ELEMENTS // (b * c)))
    return make_probe(
        name, "Transpose", [(a, b, c)], dtype, perm=pick(p[3], ([0, 2, 1], [1, 0, 2]))
    )


def _reduce(name: str, p: Point, dtype: str) -> Probe:
    shape = _rows(p)
    op = pick(p[2], ("ReduceMean", "ReduceSum", "ReduceMax"))
    return make_probe(name, op, [shape], dtype, settings={1: np.array([-1])}, keepdims=1)


FAMILIES = (
    Family("conv", 0.26, 7, _conv),
    Family("conv_depthwise", 0.06, 5, _depthwise),
    Family("conv_grouped", 0.05, 5, _grouped),
    Family("conv_patch", 0.02, 4, _patch),
    Family("conv_transpose", 0.03, 4, _conv_transpose),
    Family("matmul", 0.16, 4, _matmul),
    Family("gemm", 0.05, 4, _gemm),
    Family("matmul_batched", 0.08, 4, _batched),
    Family("softmax", 0.05, 2, _softmax),
    Family("layer_norm", 0.04, 2, _layer_norm),
    Family("channel_norm", 0.05, 4, _channel_norm),
    Family("unary", 0.04, 2, _unary),
    Family("binary", 0.05, 4, _binary),
    Family("pool", 0.04, 5, _pool),
    Family("resize", 0.03, 4, _resize),
    Family("transpose", 0.03, 4, _transpose),
    Family("reduce", 0.02, 3, _reduce),
)
"""Shares are of the sweep's layers; products have most, since they draw most."""
