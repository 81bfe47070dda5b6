"""What of a layer may be fetched while the one before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.cost.layer_traffic import LayerTraffic
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import room_bytes
from dfsrt.device.npu import PREFETCHES
from dfsrt.network.layer import Kind, Layer

NONE, WEIGHTS, ALL = PREFETCHES


def checked_prefetch(text: str) -> str:
    """Return what is fetched ahead, as it is said.

    Raises:
        InputError: none of ``PREFETCHES``.
    """
    if text not in PREFETCHES:
        raise InputError(unknown_name("prefetch", text, PREFETCHES))
    return text


def with_ahead(
    work: MemoryWork, traffics: Sequence[LayerTraffic], kept_bytes: Sequence[int]
) -> tuple[LayerTraffic, ...]:
    """Return the traffic with the bytes of each layer that may come while the one before runs.

    They are its constants, with ``all`` also inputs that the layer before does not write, as far as
    the buffer has room beside that one's tiles. The first layer has none, nor has one in a loop.
    ``kept_bytes`` ``(n_layers,)`` of the buffer hold maps.

    Limits: a layer without products takes no room, as it streams. One layer ahead, no further.
    """
    if work.memory.prefetch == NONE:
        return tuple(traffics)
    ahead, before = [], None
    for i, (layer, traffic) in enumerate(zip(work.layers, traffics, strict=True)):
        most = 0
        if before is not None and work.passes[i] == 1 and layer.steps == 1:
            free = _free_bytes(traffics[before], work.buffer.left(kept_bytes[before]))
            inputs_too = work.memory.prefetch == ALL
            most = min(_may_come(layer, traffic, work.layers[before], inputs_too), free)
        ahead.append(replace(traffic, ahead_bytes=most))
        before = before if layer.kind is Kind.VIEW else i
    return tuple(ahead)


def _may_come(layer: Layer, traffic: LayerTraffic, before: Layer, inputs_too: bool) -> int:
    """Bytes of a layer that wait for nothing that the layer before does."""
    most = min(sum(t.touched_bytes for t in layer.weights), traffic.weight + traffic.constants)
    if not inputs_too:
        return most
    written = {t.name for t in before.outputs}
    there = sum(t.touched_bytes for t in layer.inputs if t.name not in written)
    return most + min(there, traffic.input + traffic.residual)


def _free_bytes(traffic: LayerTraffic, buffer: Buffer) -> int:
    """Bytes of the buffer that a layer's tiles leave; with parts, of the weights' own."""
    taken = [_taken(traffic, k, buffer) for k in range(len(traffic.nests))]
    room = buffer.total_bytes if buffer.split_bytes is None else buffer.split_bytes[1]
    return max(room - max(taken, default=0), 0)


def _taken(traffic: LayerTraffic, k: int, buffer: Buffer) -> int:
    rooms = room_bytes(traffic.nests[k], traffic.mappings[k].tile, buffer)
    return int(rooms[1]) if buffer.split_bytes else sum(int(room) for room in rooms)
