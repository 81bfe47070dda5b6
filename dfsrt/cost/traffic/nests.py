"""From a layer to its products as loops, with the bytes of their operands."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dfsrt.cost.traffic.nest import LINE, LoopNest, Operand
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window

NOTHING = frozenset[str]()


def nests_of(layer: Layer, kept: frozenset[str] = NOTHING) -> tuple[LoopNest, ...]:
    """Return the products of ``layer``, its tensors as they lie in DRAM; ``kept`` ones are on chip.

    Products that run step after step are left out: what they multiply by is held or read again.
    An operand made in the layer (scores of an attention) is in place.
    """
    every = enumerate(zip(layer.gemms, layer.operands, strict=True))
    return tuple(_nest(layer, at, g, o, kept) for at, (g, o) in every if g.steps == 1)


def _nest(layer: Layer, at: int, gemm: Gemm, names: Operands, kept: frozenset[str]) -> LoopNest:
    rows, cols, line, images = _geometry(layer, gemm)
    taps, transposed = rows.kernel * cols.kernel * line.kernel, rows.transposed
    return LoopNest(
        channels=max(gemm.k if transposed else gemm.k // taps, 1),
        kernels=max(gemm.n // taps if transposed else gemm.n, 1),
        rows=rows,
        cols=cols,
        input=_operand(layer, at, names.a, kept, of_a=True),
        weight=_operand(layer, at, names.b, kept, of_a=False),
        output=_results(layer, names, kept),
        groups=max(gemm.count, 1),
        images=images,
        line=line,
    )


def _geometry(layer: Layer, gemm: Gemm) -> tuple[Axis, Axis, Axis, int]:
    """Return rows, columns, what further axes have at each, and images."""
    window = layer.window
    if window is None or not _slides(window, gemm):
        return Axis(max(gemm.m, 1), max(gemm.m, 1)), LINE, LINE, 1
    axes = window.axes
    places = math.prod(a.size_in if a.transposed else a.size_out for a in axes)
    images = max(gemm.m // places, 1)
    cols = axes[1] if len(axes) > 1 else LINE
    return axes[0], cols, _line(axes[2:]), images


def _slides(window: Window, gemm: Gemm) -> bool:
    """Whether the layer's product is that of its window: rows of results, kernels of its taps."""
    taps = math.prod(axis.kernel for axis in window.axes)
    transposed = any(axis.transposed for axis in window.axes)
    places = math.prod(a.size_in if a.transposed else a.size_out for a in window.axes)
    taken = gemm.n if transposed else gemm.k
    return bool(places and gemm.m % places == 0 and taken % taps == 0)


def _line(axes: tuple[Axis, ...]) -> Axis:
    """Return axes that are never split as one, of which all positions are read."""
    size_in, size_out, kernel = (
        math.prod(getattr(axis, name) for axis in axes)
        for name in ("size_in", "size_out", "kernel")
    )
    return Axis(size_in, size_out, kernel)


def _operand(
    layer: Layer, at: int, names: tuple[str, ...], kept: frozenset[str], of_a: bool
) -> Operand:
    """Return one side of a product: bytes of what crosses, and bits in the buffer."""
    tensors = [t for t in layer.multiplied if t.name in names]
    bits = max((t.bits for t in tensors), default=8)
    crossing = [t for t in tensors if t.name not in kept]
    if not crossing:
        return Operand(0, bits, in_place=True)
    crossing_bytes = sum(_share(layer, at, t, of_a) for t in crossing)
    return Operand(crossing_bytes, bits, shared_by=_shared_by(layer, at, tensors, of_a))


def _shared_by(layer: Layer, at: int, tensors: Sequence[Tensor], of_a: bool) -> int:
    """Return how many groups take the same elements: there are fewer than all groups multiply."""
    gemm, elements = layer.gemms[at], sum(t.elements for t in tensors)
    if gemm.count == 1 or layer.window is not None:  # groups of a convolution have their own
        return 1
    taken = gemm.k * (gemm.m if of_a else gemm.n) * gemm.count
    return min(max(taken // max(elements, 1), 1), gemm.count)


def _share(layer: Layer, at: int, tensor: Tensor, of_a: bool) -> int:
    """Bytes of a tensor on one side of product ``at``, of all products that take it there."""
    whole = operand_bytes(layer, tensor)[0 if of_a else 1]
    pairs = zip(layer.gemms, layer.operands, strict=True)
    sizes = [
        (g.m * g.k if of_a else g.k * g.n) * g.count * taken
        for g, o in pairs
        for taken in [g.steps == 1 and tensor.name in (o.a if of_a else o.b)]
    ]
    before, upto, total = sum(sizes[:at]), sum(sizes[: at + 1]), max(sum(sizes), 1)
    return whole * upto // total - whole * before // total


def _results(layer: Layer, names: Operands, kept: frozenset[str]) -> Operand:
    """Return the results of a product: what the layer writes, if it is the one that makes it."""
    bits = max((t.bits for t in layer.outputs), default=8)
    crossing = [t for t in layer.outputs if t.name not in kept]
    if not names.out or not crossing:
        return Operand(0, bits, in_place=bool(names.out) and bool(layer.outputs))
    return Operand(sum(t.touched_bytes for t in crossing), bits)


def operand_bytes(layer: Layer, tensor: Tensor) -> tuple[int, int]:
    """Return the bytes of ``tensor`` that products read as their ``a``, and as their ``b``.

    A tensor on one side counts in full. One on both (queries packed with keys, a matrix by itself)
    counts on each with what the products take of it there. A side input has none, nor has an
    operand of products that run step after step.
    """
    every = zip(layer.gemms, layer.operands, strict=True)
    pairs = [(g, o) for g, o in every if g.steps == 1]
    as_a = sum(g.m * g.k * g.count for g, o in pairs if tensor.name in o.a)
    as_b = sum(g.k * g.n * g.count for g, o in pairs if tensor.name in o.b)
    whole = tensor.touched_bytes
    if as_a and as_b:
        return min(as_a * tensor.bits // 8, whole), min(as_b * tensor.bits // 8, whole)
    return whole if as_a else 0, whole if as_b else 0
