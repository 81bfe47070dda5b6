"""The least bytes that a layer moves, whatever its tiles."""

from __future__ import annotations

import math

from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.nest import LINE, LoopNest, Operand
from dfsrt.cost.traffic.nests import NOTHING, nests_of, operand_bytes
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.tensor import Tensor


def layer_bound_bytes(layer: Layer, buffer: Buffer, kept: frozenset[str] = NOTHING) -> int:
    """Return the least bytes of one pass of ``layer``, its tensors as they lie in DRAM.

    Every operand once, inputs only where results need them; or, where that is more, what a product
    moves with so much on chip whatever its tiles. What joins it, constants and results of others
    come on top. Tensors in ``kept`` lie on chip and cross for nothing.

    Source: Smith et al. 2017 (arXiv 1702.02017) for products; for windows memory.md 3, derived.
    """
    if layer.kind is Kind.VIEW:
        return 0
    crossing = [t for t in (*layer.reads, *layer.outputs) if t.name not in kept]
    if layer.kind is Kind.MATRIX and not layer.gemms:  # an engine has settled what it fetches
        return sum(once_bytes(t) for t in crossing)
    nests = nests_of(layer, kept)
    skipped = sum(n.input.bytes - _covered_bytes(n) for n in nests)
    total = sum(t.touched_bytes for t in crossing)
    more = [_product_bytes(layer, n, buffer) - n.once_bytes for n in nests if _is_bounded(layer, n)]
    return max([total - skipped, *(total + extra for extra in more)])


def _covered_bytes(nest: LoopNest) -> int:
    """Return the bytes of inputs that results need."""
    return -(-nest.input.bytes * nest.rows.covered * nest.cols.covered // nest.area)


def _is_bounded(layer: Layer, nest: LoopNest) -> bool:
    """Whether all operands of a product cross, and none of them on both of its sides."""
    operands = (nest.input, nest.weight, nest.output)
    apart = not any(all(operand_bytes(layer, tensor)) for tensor in layer.multiplied)
    return apart and all(o.bytes and not o.in_place for o in operands)


def _product_bytes(layer: Layer, nest: LoopNest, buffer: Buffer) -> int:
    """Return 2 MACs / sqrt(w S) - 2 S elements, in bytes of the narrowest as it is stored.

    S elements of the narrowest operand fill the buffer; an input stands in w windows.
    """
    reads = nest.channels * nest.area * nest.line.size_in * nest.images
    weights = nest.channels * nest.kernels * nest.taps
    operands = ((nest.input, reads), (nest.weight, weights))
    stored = min(_stored_bits(o, n * nest.groups) for o, n in operands)
    stored = min(stored, _stored_bits(nest.output, nest.results))
    narrowest = min(o.bits for o in (nest.input, nest.weight, nest.output))
    held = 8 * buffer.total_bytes / max(narrowest, 1)
    if not held:
        return 0
    axes = _axes(layer, nest)
    windows = math.prod(_windows(axis) for axis in axes)
    channels = nest.channels * nest.kernels * nest.groups * nest.images

    def moved(taps: int) -> int:
        elements = 2 * channels * taps / math.sqrt(windows * held) - 2 * held
        return math.floor(elements * stored / 8)

    with_padding = moved(math.prod(axis.taps for axis in axes))
    if with_padding <= nest.once_bytes:  # of those on inputs no more: not worth counting
        return with_padding
    return moved(math.prod(axis.taps_on_input for axis in axes))


def _stored_bits(operand: Operand, elements: int) -> float:
    """Return the bits that an element takes in DRAM; padding there is no element."""
    return min(operand.bits, 8 * operand.bytes / max(elements, 1))


def _axes(layer: Layer, nest: LoopNest) -> tuple[Axis, ...]:
    """Return rows, columns, and what of images of three axes lies in a line."""
    further = layer.window.axes[2:] if layer.window and nest.line != LINE else ()
    return nest.rows, nest.cols, *further


def _windows(axis: Axis) -> int:
    """Return the windows that an input stands in; of a transposed axis, the inputs of a result."""
    return -(-axis.kernel * math.gcd(axis.stride, axis.dilation) // axis.stride)


def once_bytes(tensor: Tensor) -> int:
    """Return the bytes of one use of a tensor, what an engine fetches again left out."""
    return min(tensor.touched_bytes, tensor.bytes)
