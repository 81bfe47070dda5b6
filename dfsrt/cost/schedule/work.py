"""What a schedule plans: the layers of a network, the memory, and who tiles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dfsrt.cost.mapper.mapper import Mapper
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.device.npu import Memory
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.network import Network


@dataclass(frozen=True, slots=True)
class MemoryWork:
    """The layers of a network in order, one pass of each, tensors as they lie in DRAM.

    ``layers`` keep their names and places; ``layers[i].times`` is 1 and ``passes[i]`` says how
    often it runs. ``outer`` names the tensors that come from the caller or go there, under every
    view's name. ``memory`` has the sizes of what is on chip, ``mapper`` tiles what runs layer by
    layer in ``buffer``. Whole maps may lie there too, and in ``other_bytes`` beside it: the buffers
    of the other cores in use.
    """

    layers: tuple[Layer, ...]
    passes: tuple[int, ...]
    outer: frozenset[str]
    memory: Memory
    buffer: Buffer
    mapper: Mapper
    other_bytes: int = 0

    @property
    def map_bytes(self) -> int:
        """Bytes of all buffers in use, in which maps may lie."""
        return self.buffer.total_bytes + self.other_bytes


def outer_names(network: Network) -> frozenset[str]:
    """Return names of tensors that come from or go to the caller, under every view's name too."""
    inputs, outputs = set(network.inputs), set(network.outputs)
    views = [layer for layer in network.layers if layer.kind is Kind.VIEW]
    for view in views:
        _follow(inputs, (t.name for t in view.inputs), (t.name for t in view.outputs))
    for view in reversed(views):
        _follow(outputs, (t.name for t in view.outputs), (t.name for t in view.inputs))
    return frozenset(inputs | outputs)


def _follow(names: set[str], known: Iterable[str], alike: Iterable[str]) -> None:
    if any(name in names for name in known):
        names.update(alike)
