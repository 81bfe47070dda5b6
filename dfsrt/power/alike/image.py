"""Layers of convolutional networks."""

from __future__ import annotations

from dfsrt.network.layer import Gemm, Kind, Layer
from dfsrt.network.window import window_of_sizes
from dfsrt.power.alike.draw import Rng, between, pick, rounded
from dfsrt.power.made_layer import Shape, made_other, made_product

Joined = tuple[tuple[str, ...], int]
"""Operators that join a convolution, and their lane operations for each result."""

PLAIN: Joined = ((), 0)
RELU: Joined = (("Relu",), 1)
ACTIVATIONS = (PLAIN, RELU, RELU, (("Clip",), 2), (("Sigmoid", "Mul"), 5))


def conv(rng: Rng, name: str, dtype: str) -> Layer:
    """Return a convolution of several taps."""
    image = _image(rng)
    filters = rounded(image[1] * pick(rng, (0.25, 0.5, 1, 1, 1, 2)), 8)
    return _convolution(rng, name, dtype, image, filters, pick(rng, (3, 3, 3, 5)))


def pointwise(rng: Rng, name: str, dtype: str) -> Layer:
    """Return a convolution of one tap, which narrows or widens its image."""
    image = _image(rng)
    filters = rounded(image[1] * pick(rng, (1 / 6, 0.25, 0.5, 1, 2, 4, 6)), 8)
    return _convolution(rng, name, dtype, image, filters, 1)


def depthwise(rng: Rng, name: str, dtype: str) -> Layer:
    """Return a convolution of each channel by itself."""
    image = _image(rng)
    return _convolution(rng, name, dtype, image, image[1], pick(rng, (3, 3, 3, 5)), image[1])


def stem_or_grouped(rng: Rng, name: str, dtype: str) -> Layer:
    """Return a network's first convolution, of three channels, or one in a few groups."""
    if rng.uniform() < 0.5:
        edge, filters = pick(rng, (224, 224, 320, 640)), between(rng, 16, 96, 8)
        kernel = pick(rng, (3, 3, 7, 11))
        return _convolution(rng, name, dtype, (1, 3, edge, edge), filters, kernel)
    image, groups = _image(rng), pick(rng, (2, 4, 8))
    return _convolution(rng, name, dtype, image, image[1], pick(rng, (1, 3)), groups)


def classifier(rng: Rng, name: str, dtype: str) -> Layer:
    """Return a matrix by one vector."""
    k, n = between(rng, 256, 25_088, 8), between(rng, 128, 4096, 8)
    joined, ops = pick(rng, (PLAIN, RELU))
    return made_product(name, "Gemm", Gemm(1, k, n), dtype, [(1, k)], (n, k), (1, n), joined, ops)


def vector(rng: Rng, name: str, dtype: str) -> Layer:
    """Return what a network does to an image without products."""
    _, channels, edge, _ = whole = _image(rng)
    half, one = (1, channels, -(-edge // 2), -(-edge // 2)), (1, channels, 1, 1)
    op, count, out, ops = pick(rng, (
        ("Add", 2, whole, 1),
        ("Relu", 1, whole, 1),
        ("BatchNormalization", 1, whole, 2),
        ("LRN", 1, whole, 16),
        ("MaxPool", 1, half, 9),
        ("AveragePool", 1, half, 9),
        ("GlobalAveragePool", 1, one, edge**2),
    ))  # fmt: skip
    taps = {"MaxPool": 3, "AveragePool": 3, "GlobalAveragePool": edge}.get(op)
    window = window_of_sizes(whole[2:], out[2:], (taps, taps), channels) if taps else None
    return made_other(name, op, Kind.VECTOR, dtype, [whole] * count, [out], ops, window)


def move(rng: Rng, name: str, dtype: str) -> Layer:
    """Return a copy of images."""
    _, channels, edge, _ = part = _image(rng)
    both = (1, 2 * channels, edge, edge)
    op, inputs, outputs = pick(rng, (
        ("Concat", [part, part], [both]),
        ("Split", [both], [part, part]),
        ("Transpose", [part], [part]),
    ))  # fmt: skip
    return made_other(name, op, Kind.MOVE, dtype, inputs, outputs)


def _image(rng: Rng) -> tuple[int, int, int, int]:
    """Shape of an image: the finer the fewer channels, at most; one in three has nearly as many."""
    edge = pick(rng, (224, 224, 299, 320, 640)) >> int(rng.integers(0, 6))
    most = max(24, min(2048, 320_000 / edge**1.5))
    least = pick(rng, (16, 16, max(16, most / 2)))
    return 1, between(rng, least, most, 8), edge, edge


def _convolution(
    rng: Rng, name: str, dtype: str, image: Shape, filters: int, kernel: int, groups: int = 1
) -> Layer:
    joined, ops = pick(rng, ACTIVATIONS)
    _, channels, edge, _ = image
    after = -(-edge // (1 if kernel == 1 else pick(rng, (1, 1, 2))))
    out, inputs = (1, filters, after, after), [image]
    if rng.uniform() < 0.25:  # a residual is added
        inputs, joined, ops = [image, out], (*joined, "Add"), ops + 1
    gemm = Gemm(after**2, channels // groups * kernel**2, filters // groups, groups)
    weight = (filters, channels // groups, kernel, kernel)
    window = window_of_sizes(image[2:], out[2:], weight[2:], groups)
    return made_product(name, "Conv", gemm, dtype, inputs, weight, out, joined, ops, window)
