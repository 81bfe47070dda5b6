"""Bytes that layers move, worked out once for each thing that may lie beside them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from math import inf

from dfsrt.base.errors import InputError
from dfsrt.cost.layer_traffic import layer_traffic
from dfsrt.cost.schedule.planned import planned_traffic
from dfsrt.cost.schedule.schedule import LayerPlan, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork

_Beside = tuple[int, LayerPlan, frozenset[str]]


@dataclass(frozen=True)
class Moved:
    """The bytes of each layer of ``work`` in all its passes, remembered by plan of the layer.

    Tensors in ``apart`` lie elsewhere on chip.
    """

    work: MemoryWork
    apart: Collection[str] = ()
    known: dict[_Beside, float] = field(default_factory=dict, repr=False)

    def of(self, layer: int, plan: LayerPlan, kept: Collection[str] = ()) -> float:
        """Return what ``layer`` moves under its ``plan``, tensors in ``kept`` being on chip.

        Without end where not even the least tile fits beside the maps.

        Raises:
            InputError: not even the least tile fits into the whole buffer.
        """
        a = self.work.layers[layer]
        names = {t.name for t in (*a.reads, *a.outputs)}
        own = frozenset(name for name in names if name in kept or name in self.apart)
        key = (layer, plan, own)
        if key not in self.known:
            self.known[key] = self._worked_out(layer, plan, own | plan.on_chip)
        return self.known[key]

    def _worked_out(self, layer: int, plan: LayerPlan, kept: frozenset[str]) -> float:
        work, buffer = self.work, self.work.buffer.left(plan.kept_bytes)
        try:
            one = layer_traffic(work.layers[layer], work.mapper, buffer, kept, plan.fetches)
        except InputError:
            if not plan.kept_bytes:
                planned_traffic(
                    work, MemoryPlan((LayerPlan(),) * len(work.layers))
                )  # names the layer, and what does for all
                raise
            return inf
        return one.dram_bytes * work.passes[layer]
