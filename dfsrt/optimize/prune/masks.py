"""Which elements become zero: the smallest ones, whole blocks, or all but some of each group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Mask, Singles


def smallest(scores: Singles, count: int) -> Mask:
    """Return where the ``count`` smallest are, the first of equal ones; of any shape."""
    if count <= 0:
        return np.zeros(scores.shape, np.bool_)
    threshold = np.partition(scores, count - 1, axis=None)[count - 1]
    mask: Mask = scores < threshold
    ties = np.flatnonzero(scores == threshold)[: count - np.count_nonzero(mask)]
    mask.reshape(-1)[ties] = True
    return mask


def smallest_of_all(scores: Sequence[Singles], ratio: float) -> list[Mask]:
    """Return where the smallest of several arrays are, of each its own shape (any shape)."""
    flat = np.concatenate([each.reshape(-1) for each in scores])
    mask = smallest(flat, round(ratio * flat.size))
    ends = np.cumsum([each.size for each in scores])[:-1]
    parts = np.split(mask, ends)
    return [part.reshape(each.shape) for part, each in zip(parts, scores, strict=True)]


def beyond_kept(sizes: Singles, kept: int, group: int) -> Mask:
    """Return where elements are not among the ``kept`` largest of their group.

    ``sizes`` has shape ``(n_outputs, n_inputs)``, and ``group`` divides the inputs. Of equal ones
    the first are kept.
    """
    places = np.ascontiguousarray(sizes.reshape(-1, group).T)
    rank = np.zeros(places.shape, np.uint8)
    for first in range(group):  # compared two and two: much quicker than sorting short rows
        for second in range(first + 1, group):
            larger = places[second] > places[first]
            rank[first] += larger
            rank[second] += ~larger
    return np.ascontiguousarray((rank >= kept).T).reshape(sizes.shape)


def block_scores(sizes: Singles, block: int) -> Singles:
    """Return the mean size of each ``block`` of neighbouring outputs at an input.

    From ``(n_outputs, n_inputs)`` to ``(n_blocks, n_inputs)``; outputs that fill no block are left.
    """
    whole = len(sizes) // block * block
    scores: Singles = sizes[:whole].reshape(-1, block, sizes.shape[1]).mean(axis=1)
    return scores


def block_mask(blocks: Mask, block: int, outputs: int) -> Mask:
    """Return blocks ``(n_blocks, n_inputs)`` as elements ``(n_outputs, n_inputs)``."""
    mask = np.zeros((outputs, blocks.shape[1]), np.bool_)
    mask[: len(blocks) * block] = np.repeat(blocks, block, axis=0)
    return mask
