"""What a model's weights allow: zeros, patterns and shared values, measured on the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.network.coding import GAP_BITS
from dfsrt.network.packing import Packing
from dfsrt.optimize.arrays import Array, array_of
from dfsrt.optimize.weights import Weight, weights_of

if TYPE_CHECKING:
    import onnx

MOST_VALUES = 256
"""Distinct values up to which a tensor counts as one with a code book."""
_GROUPS = ((2, 4), (1, 4), (4, 8), (1, 2))
"""Patterns that are looked for, kept of group, in this order."""
_LOOK = 4096


def survey(model: onnx.ModelProto) -> dict[str, Packing]:
    """Return the packing of each weight whose values allow any, by the initializer's name."""
    stored = {t.name: t for t in model.graph.initializer}
    zeros = {w.name: array_of(stored[w.zero]) for w in weights_of(model) if w.zero in stored}
    packings = {w.name: packing_of(w, zeros) for w in weights_of(model)}
    return {name: packing for name, packing in packings.items() if packing != Packing()}


def packing_of(weight: Weight, zeros: Mapping[str, Array]) -> Packing:
    """Return what the values of ``weight`` allow; ``zeros`` has zero points, any shape, by name."""
    array = weight.array
    nonzero = np.ascontiguousarray(weight.matrix(array != _zero(weight, zeros, array.ndim)))
    share = 1 - np.count_nonzero(nonzero) / max(nonzero.size, 1)
    kept, group = next(((k, n) for k, n in _GROUPS if _follows(nonzero, k, n)), (0, 0))
    return Packing(
        zeros=float(share),
        kept=kept,
        group=group,
        values=_shared_values(array),
        fillers=_fillers(nonzero) if share else (),
    )


def _zero(weight: Weight, zeros: Mapping[str, Array], ndim: int) -> Array | int:
    point = zeros.get(weight.name)
    if point is None or point.size != 1:
        return 0
    return point.reshape((1,) * ndim)


def _follows(nonzero: Array, kept: int, group: int) -> bool:
    """Whether no group of neighbours along the inputs has more than ``kept`` that are not zero."""
    if nonzero.shape[1] % group or nonzero.all():
        return False
    return bool((nonzero.reshape(-1, group).sum(axis=1) <= kept).all())


def _shared_values(array: Array) -> int:
    """Distinct values of ``array``; 0 where they are too many for a code book to be worth it."""
    bits = array.dtype.itemsize * 8
    most = min(MOST_VALUES, 2**bits // 2)
    if np.unique(array.reshape(-1)[:_LOOK]).size > most:
        return 0
    distinct = np.unique(array).size
    return int(distinct) if distinct <= most and distinct < array.size else 0


def _fillers(nonzero: Array) -> tuple[int, ...]:
    """Zeros to be stored so that no gap is longer than its bits count, for each width."""
    places = np.flatnonzero(nonzero.reshape(-1))
    gaps = np.diff(places, prepend=-1) - 1
    return tuple(int((gaps // 2**bits).sum()) for bits in GAP_BITS)
