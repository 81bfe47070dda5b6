"""What a model's weights allow: zeros, patterns and shared values, measured on the values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Mask
from dfsrt.network.packing import Packing
from dfsrt.optimize.arrays import Array
from dfsrt.optimize.codebooks import codebooks_of
from dfsrt.optimize.levels import Stored, zero_of
from dfsrt.optimize.shared_bytes import weights_in_bits
from dfsrt.optimize.weights import Weight, weights_of
from dfsrt.optimize.zeros import blocks_of, fillers_of, groups_of

if TYPE_CHECKING:
    import onnx


def survey(model: onnx.ModelProto) -> dict[str, Packing]:
    """Return the packing of each weight whose values allow any, by the initializer's name.

    Whoever made the values: files that other tools have pruned or clustered are seen as well.
    """
    stored = {t.name: t for t in model.graph.initializer}
    packings = {weight.name: packing_of(weight, stored) for weight in weights_of(model)}
    for bits in weights_in_bits(model):
        packings[bits.name] = packing_of_rows(bits.codes, bits.nonzero, bits.bits)
    return {name: packing for name, packing in packings.items() if packing != Packing()}


def packing_of(weight: Weight, stored: Stored) -> Packing:
    """Return what the values of ``weight`` allow; ``stored`` has zero points by name."""
    array = weight.array
    nonzero: Mask = np.asarray(array != zero_of(weight, stored), np.bool_)
    matrix = np.asarray(weight.matrix(nonzero), np.bool_)
    return packing_of_rows(weight.matrix(_sortable(array)), matrix, weight.bits)


def packing_of_rows(matrix: Array, nonzero: Mask, bits: int) -> Packing:
    """Return what elements of so many ``bits`` allow, and where they are not zero.

    Both have shape ``(n_outputs, n_inputs)``.
    """
    if not matrix.size:
        return Packing()
    count = int(np.count_nonzero(nonzero))
    values, books = codebooks_of(matrix, count, bits)
    packing = Packing(zeros=1 - count / matrix.size, values=values, codebooks=books)
    if count == matrix.size:
        return packing
    return _with_zeros(packing, np.ascontiguousarray(nonzero), bits)


def _with_zeros(packing: Packing, nonzero: Mask, bits: int) -> Packing:
    kept, group = groups_of(nonzero, bits)
    blocks, zero_blocks = blocks_of(nonzero, bits)
    return replace(
        packing,
        kept=kept,
        group=group,
        blocks=blocks,
        zero_blocks=zero_blocks,
        fillers=fillers_of(nonzero),
    )


def _sortable(array: Array) -> Array:
    """Elements of a type that numpy sorts, as different from each other as they were."""
    return array if array.dtype.kind in "fiu" else array.astype(np.float32)
