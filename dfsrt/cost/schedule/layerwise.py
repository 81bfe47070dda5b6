"""Layerwise: every layer by itself; maps go to DRAM and come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.schedule.schedule import LayerPlan, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork


@dataclass(frozen=True)
class Layerwise:
    """Run layer by layer, with all maps in DRAM.

    Where the device has memory apart for whole tensors (``memory.resident_bytes``), all weights
    stay there from frame to frame if they fit, and all maps if the widest layer's fit in what is
    left.
    """

    name: ClassVar[str] = "layerwise"

    def plan(self, work: MemoryWork) -> MemoryPlan:
        """Return a plan that keeps what ``memory.resident_bytes`` holds, and nothing else."""
        return MemoryPlan(tuple(LayerPlan() for _ in work.layers), resident_places(work))


RESIDENT = "resident memory"


def resident_places(work: MemoryWork) -> dict[str, str]:
    """Return the tensors that memory apart from the buffer holds, all or none, each with its place.

    Weights come first. What comes from the caller or goes there crosses in any case.
    """
    held = work.memory.resident_bytes
    weights = {t.name: t for layer in work.layers for t in layer.weights}
    if not held:
        return {}
    stored: dict[str, int] = {}
    for tensor in weights.values():
        stored[tensor.stored_as] = max(stored.get(tensor.stored_as, 0), tensor.bytes)
    total = sum(stored.values())
    stay = weights if 0 < total <= held else {}
    left = held - (total if stay else 0)
    names = list(stay)
    if max((a.input_bytes + a.output_bytes for a in work.layers), default=0) <= left:
        maps = (t.name for a in work.layers for t in (*a.inputs, *a.outputs))
        names += [name for name in maps if name not in work.outer]
    return dict.fromkeys(names, RESIDENT)
