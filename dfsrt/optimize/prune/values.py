"""Values of a model pruned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Mask, Singles
from dfsrt.optimize.arrays import Array, array_of, with_arrays
from dfsrt.optimize.levels import Stored, magnitudes, zero_of
from dfsrt.optimize.prune.masks import (
    beyond_kept,
    block_mask,
    block_scores,
    smallest,
    smallest_of_all,
)
from dfsrt.optimize.prune.policy import Policy
from dfsrt.optimize.weights import PRODUCTS, Weight, weights_of

if TYPE_CHECKING:
    import onnx


def pruned(model: onnx.ModelProto, policy: Policy) -> tuple[onnx.ModelProto, str]:
    """Return the model pruned, and a line on the layers left whole, if any are.

    Raises:
        InputError: a model of which no layer can be pruned so.
    """
    stored = {t.name: t for t in model.graph.initializer}
    weights = list(weights_of(model))
    fit = policy.fitting(weights)
    chosen = fit.of(weights)
    masks = _everywhere(chosen, stored, policy) if policy.everywhere else None
    arrays: dict[str, Array] = {}
    for place, weight in enumerate(chosen):
        mask = _mask(_sizes(weight, stored), policy) if masks is None else masks[place]
        array = _zeroed(weight, mask, stored)
        if array is not None:
            arrays[weight.name] = array
    return with_arrays(model, arrays), fit.note


def remaining(original: onnx.ModelProto, smaller: onnx.ModelProto) -> dict[str, Mask]:
    """Return the elements that are not zero, ``(n_outputs, n_inputs)``, of what pruning changed.

    Of products of numbers, whose weights may come through a DequantizeLinear.
    """
    before = {t.name: t for t in original.graph.initializer}
    stored = {t.name: t for t in smaller.graph.initializer}
    changed: dict[str, Mask] = {}
    for weight in weights_of(smaller):
        if weight.node.op_type in PRODUCTS and weight.tensor != before[weight.name]:
            nonzero = weight.array != zero_of(weight, stored)
            changed[weight.name] = np.asarray(weight.matrix(nonzero), np.bool_)
    return changed


def _sizes(weight: Weight, stored: Stored) -> Singles:
    return np.ascontiguousarray(weight.matrix(magnitudes(weight, weight.array, stored)))


def _mask(sizes: Singles, policy: Policy) -> Mask:
    """Where elements ``(n_outputs, n_inputs)`` become zero."""
    if policy.pattern is not None:
        return beyond_kept(sizes, policy.pattern.kept, policy.pattern.group)
    scores = block_scores(sizes, policy.block) if policy.block > 1 else sizes
    mask = smallest(scores, round(policy.ratio * scores.size))
    return block_mask(mask, policy.block, len(sizes)) if policy.block > 1 else mask


def _everywhere(weights: list[Weight], stored: Stored, policy: Policy) -> list[Mask]:
    """Masks by one threshold for all layers."""
    sizes = (_sizes(weight, stored) for weight in weights)
    scores = [block_scores(each, policy.block) if policy.block > 1 else each for each in sizes]
    masks = smallest_of_all(scores, policy.ratio)
    if policy.block == 1:
        return masks
    return [block_mask(m, policy.block, w.outputs) for m, w in zip(masks, weights, strict=True)]


def _zeroed(weight: Weight, mask: Mask, stored: Stored) -> Array | None:
    """The weight with zeros where ``mask`` is; None where all of them are zero already."""
    array, where = array_of(weight.tensor), weight.tensor_of(mask)
    zero = zero_of(weight, stored)
    if not (where & (array != zero)).any():
        return None
    return np.where(where, zero, array).astype(array.dtype, copy=False)
