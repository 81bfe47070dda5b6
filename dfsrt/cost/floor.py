"""The least bytes that a network moves under any schedule."""

from __future__ import annotations

from dfsrt.cost.bound import once_bytes
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.network.layer import Kind, Layer


def network_floor_bytes(work: MemoryWork) -> int:
    """Return the least bytes of a network under any schedule and any buffer.

    All weights once, but for what stays in memory apart from frame to frame; what comes from the
    caller, and what goes there. Nothing else need cross.
    """
    same = _same_bytes(work.layers)
    made = {
        same.get(t.name, t.name) for a in work.layers if a.kind is not Kind.VIEW for t in a.outputs
    }
    weights: dict[str, int] = {}
    outer: dict[str, int] = {}
    for layer in work.layers:
        if layer.kind is Kind.VIEW:
            continue
        for tensor in layer.weights:
            _keep_most(weights, tensor.stored_as, once_bytes(tensor))
        for tensor in layer.inputs:
            if tensor.name in work.outer and same.get(tensor.name, tensor.name) not in made:
                _keep_most(outer, same.get(tensor.name, tensor.name), once_bytes(tensor))
        for tensor in layer.outputs:
            if tensor.name in work.outer:
                _keep_most(outer, same.get(tensor.name, tensor.name), once_bytes(tensor))
    fetched = max(sum(weights.values()) - work.memory.resident_bytes, 0)
    return fetched + sum(outer.values())


def _keep_most(sizes: dict[str, int], name: str, size: int) -> None:
    sizes[name] = max(sizes.get(name, 0), size)


def _same_bytes(layers: tuple[Layer, ...]) -> dict[str, str]:
    """Return for each tensor that a view makes the name under which its bytes were made."""
    names: dict[str, str] = {}
    for view in (layer for layer in layers if layer.kind is Kind.VIEW and layer.inputs):
        source = view.inputs[0].name
        names.update({t.name: names.get(source, source) for t in view.outputs})
    return names
