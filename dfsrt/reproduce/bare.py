"""A network on a bare memory: a buffer and a DRAM, with no device around them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from dfsrt.cost.buffer_size import BufferSize
from dfsrt.cost.layer_traffic import LayerTraffic, layer_traffic
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.memory import memory_plan
from dfsrt.cost.schedule import MemoryWork
from dfsrt.cost.schedule.planned import planned_traffic
from dfsrt.cost.schedule.work import outer_names
from dfsrt.cost.traffic.buffer import buffer_of
from dfsrt.cost.traffic.mapping import Fetches
from dfsrt.device.npu import Memory
from dfsrt.network import Network, load_network
from dfsrt.network.layer import Layer

NETWORKS = ("alexnet", "vgg16", "mobilenetv1", "unet")
"""Those that one of the memory papers ran: two groups in AlexNet, U-Net at 572 x 572."""
PRECISION = "int8"
_ONCE = Fetches(1, 1, 1)


def load_int8(name: str) -> Network:
    """Return a network in int8."""
    return load_network(name).as_precision(PRECISION)


def bare_work(
    network: Network, buffer: BufferSize, mapper: str = "exhaustive", schedule: str = "layerwise"
) -> MemoryWork:
    """Return what ``schedule`` plans where there is a buffer, and nothing else is known.

    No double buffering, no line buffer, no padding of channels.

    Raises:
        InputError: an unknown mapper.
    """
    memory = Memory(
        bandwidth_bytes_per_s=math.inf,
        buffer_bytes=buffer.total_bytes,
        split_bytes=buffer.split_bytes,
        mapper=mapper,
        schedule=schedule,
    )
    return MemoryWork(
        layers=tuple(layer.one_pass for layer in network.layers),
        passes=tuple(layer.times for layer in network.layers),
        outer=outer_names(network),
        memory=memory,
        buffer=buffer_of(memory),
        mapper=make_mapper(mapper),
    )


def bare_traffic(work: MemoryWork) -> tuple[LayerTraffic, ...]:
    """Return what crosses in each layer under the schedule of ``work``.

    Raises:
        InputError: an unknown schedule, or a buffer that not even the least tile fits.
    """
    return planned_traffic(work, memory_plan(work))


def size_text(buffer: BufferSize) -> str:
    """Return a buffer's size as people write it."""
    parts = buffer.split_bytes or (buffer.total_bytes,)
    return "+".join(map(_binary, parts))


def _binary(size: int) -> str:
    scales = {"MiB": 2**20, "KiB": 2**10, "B": 1}
    unit = next(unit for unit, scale in scales.items() if size % scale == 0)
    return f"{size // scales[unit]}{unit}"


def once_bytes(work: MemoryWork) -> tuple[int, ...]:
    """Return the bytes of each layer with every operand once."""
    pairs = zip(work.layers, work.passes, strict=True)
    traffic = ((layer_traffic(a, work.mapper, work.buffer, fetches=_ONCE), n) for a, n in pairs)
    return tuple(moved.dram_bytes * passes for moved, passes in traffic)


def is_convolution(layer: Layer) -> bool:
    """Whether a layer is a convolution, transposed ones among them."""
    return bool(layer.gemms) and layer.window is not None


def without_products(network: Network) -> Network:
    """Return the layers before the first fully connected one; what they leave goes to DRAM."""
    end = next((i for i, a in enumerate(network.layers) if _is_product(a)), len(network.layers))
    kept = network.layers[:end]
    left = {t.name for a in network.layers[end:] for t in a.inputs}
    leaving = tuple(t.name for a in kept for t in a.outputs if t.name in left)
    return replace(network, layers=kept, outputs=(*leaving, *network.outputs))


def _is_product(layer: Layer) -> bool:
    return bool(layer.gemms) and layer.window is None


def total_bytes(traffic: Iterable[LayerTraffic]) -> int:
    """Return the bytes of several layers."""
    return sum(each.dram_bytes for each in traffic)
