"""What must cross for each layer, whatever the policy, so that a report can say how near it is."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.cost.bound import layer_bound_bytes, once_bytes
from dfsrt.cost.schedule.layerwise import RESIDENT
from dfsrt.cost.schedule.schedule import MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.cost.traffic.nests import nests_of
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.tensor import Tensor


def layer_bounds(work: MemoryWork, plan: MemoryPlan) -> list[int]:
    """Return the bytes that each layer moves at least under a plan of its kind, in all its passes.

    Where every layer is by itself, those of a layer in any tiles; where a plan keeps maps in the
    buffer, or runs groups, each layer's share of what crosses under any schedule.
    """
    if not _is_layerwise(plan):
        return floor_shares(work, plan)
    kept, pairs = frozenset(plan.places), zip(work.layers, work.passes, strict=True)
    return [layer_bound_bytes(a, work.buffer, kept) * times for a, times in pairs]


def _is_layerwise(plan: MemoryPlan) -> bool:
    grouped = any(layer.fetches is not None or layer.on_chip for layer in plan.layers)
    return not grouped and all(place == RESIDENT for place in plan.places.values())


def floor_shares(work: MemoryWork, plan: MemoryPlan) -> list[int]:
    """Return the share of each layer in what crosses under any schedule, ``(n_layers,)``.

    Each constant once, with the first layer that reads it, but those that stay from frame to frame;
    what comes from the caller with its first reader, what goes there with the layer that makes it.
    """
    root, taken = _roots(work), set[str]()
    produced = {root.get(t.name, t.name) for a in _busy(work) for t in a.outputs}
    stays = {name for name, place in plan.places.items() if place == RESIDENT}

    def share(layer: Layer) -> int:
        owed = {t.stored_as: _once(layer, t) for t in layer.weights if t.name not in stays}
        for tensor in (t for t in (*layer.inputs, *layer.outputs) if t.name in work.outer):
            name = root.get(tensor.name, tensor.name)
            if tensor in layer.outputs or name not in produced:
                owed[name] = _needed_bytes(layer, tensor)
        first = {name: size for name, size in owed.items() if name not in taken}
        taken.update(first)
        return sum(first.values())

    return [0 if layer.kind is Kind.VIEW else share(layer) for layer in work.layers]


def _needed_bytes(layer: Layer, tensor: Tensor) -> int:
    """Return the bytes of ``tensor`` that cross once: lines that no window needs do not."""
    pairs = zip(layer.gemms, layer.operands, strict=True)
    tiled = [o for g, o in pairs if g.steps == 1]
    nests = [n for n, o in zip(nests_of(layer), tiled, strict=True) if tensor.name in o.a]
    if not nests:
        return _once(layer, tensor)
    nest = nests[0]
    needed, area = nest.rows.covered * nest.cols.covered, nest.rows.size_in * nest.cols.size_in
    return -(-tensor.touched_bytes * needed // area)


def _once(layer: Layer, tensor: Tensor) -> int:
    """Return the bytes of one use of a tensor; what an engine fetches again is left out."""
    settled = layer.kind is Kind.MATRIX and not layer.gemms
    return once_bytes(tensor) if settled else tensor.touched_bytes


def _busy(work: MemoryWork) -> Iterator[Layer]:
    return (layer for layer in work.layers if layer.kind is not Kind.VIEW)


def _roots(work: MemoryWork) -> dict[str, str]:
    """Return for each tensor that a view makes the one whose bytes they are."""
    root: dict[str, str] = {}
    for view in (layer for layer in work.layers if layer.kind is Kind.VIEW and layer.inputs):
        source = view.inputs[0].name
        root |= {t.name: root.get(source, source) for t in view.outputs}
    return root
