"""The cost of a layer on a device: cycles, bytes and counted actions, at no clock yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.cost.decoding import decode_cycles
from dfsrt.cost.layer_traffic import LayerTraffic
from dfsrt.cost.memory import network_traffic
from dfsrt.cost.skipping import ALL_WORK, ZeroWork, product_cycles, zero_work
from dfsrt.device.activation import operator_name
from dfsrt.device.engine import Engine, engine_of
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.network import Network
from dfsrt.network.passes.cache_layer import stretched
from dfsrt.network.precision import PRECISIONS
from dfsrt.network.tensor import BITS

if TYPE_CHECKING:  # few devices name a part
    from dfsrt.cost.dram import DramCost


STRETCH = 256
"""Blocks of a cache, 4,096 tokens, that are worked out together, and shared out evenly.

Limits: the last tile of a cache that ends within one is not whole.
"""


@dataclass(frozen=True, slots=True)
class Actions:
    """Counts of what a layer switches, by which its energy is reckoned.

    ``sram_bytes`` are read from or written to on-chip buffers: by the array and the vector unit,
    and once for each byte that comes from DRAM or goes there.

    Limits: a read costs what a write does, in a buffer of whatever size; the softmax between an
    attention's products works on the drain, with no access of its own; what stays resident on chip
    from layer to layer crosses no buffer in between. Source: decision 0018.
    """

    macs: int
    sram_bytes: int
    vector_ops: int

    def times(self, passes: int) -> Actions:
        """Return the counts of so many passes."""
        return Actions(self.macs * passes, self.sram_bytes * passes, self.vector_ops * passes)

    def share(self, of: int) -> Actions:
        """Return the counts of one of so many parts, bytes rounded up."""
        return Actions(self.macs // of, -(-self.sram_bytes // of), self.vector_ops // of)


@dataclass(frozen=True, slots=True)
class LayerCost:
    """What a layer takes of a device, in all its passes.

    ``compute_cycles`` and ``dram_bytes`` pass side by side; ``overhead_cycles`` (launch) come
    first, and ``launch_ns`` beside them, at any clock, with the time of bytes that nothing hides:
    ``exposed_bytes`` of each pass, at the bandwidth of the memory's highest point.
    Each step of a recurrent layer is launched as a layer is: it waits for the one before.
    An array's fill is part of each fold and so of ``compute_cycles``. ``cores`` share the layer;
    cycles are those of each. ``slowdown`` is in the cycles already; its bytes pass at the
    bandwidth over it. ``traffic`` has the bytes that cross by operand, and how they are tiled.
    ``dram`` is what the DRAM takes by itself, on a device that says its part. ``zeros`` says which
    multiply-accumulates zeros of stored weights leave; ``actions`` has those that are done.
    """

    layer: Layer
    precision: str
    compute_cycles: int
    overhead_cycles: int
    traffic: LayerTraffic
    actions: Actions
    launch_ns: int = 0
    exposed_bytes: int = 0
    cores: int = 1
    slowdown: float = 1.0
    dram: DramCost | None = None
    zeros: ZeroWork = ALL_WORK

    @property
    def dram_bytes(self) -> int:
        """Bytes from and to DRAM."""
        return self.traffic.dram_bytes


def cost_network(
    network: Network,
    npu: Npu,
    array: Sequence[int | None] | None = None,
) -> tuple[LayerCost, ...]:
    """Return the cost of each layer of ``network`` on ``npu``, in order.

    ``array`` gives for each layer the cycles that its products take, fill and drain included, in
    place of dfsrt's own array model, which counts where it has None; all other work and all
    bytes and actions stay dfsrt's.

    Raises:
        InputError: a layer in a precision that the device does not have.
    """
    engine = engine_of(npu)
    reported = array or [None] * len(network.layers)
    stored, crossing = network_traffic(network, npu)
    pairs = zip(network.layers, stored, crossing, reported, strict=True)
    return tuple(_cost_layer(a, npu, engine, lies, moved, on) for a, lies, moved, on in pairs)


def _cost_layer(
    layer: Layer,
    npu: Npu,
    engine: Engine,
    stored: Layer,
    traffic: LayerTraffic,
    on_array: int | None,
) -> LayerCost:
    """Return the cost of ``layer``, whose tensors lie in DRAM as those of ``stored``.

    Every pass of a loop's layer starts anew, and reads its weights again. What a block of a cache
    adds is a share of what many blocks in a row do, whose tiles it does not end.
    """
    whole, layer, times = layer, layer.one_pass, layer.times
    blocks = STRETCH if layer.grows > 0 else 1
    layer = stretched(layer, blocks)
    precision = _supported(layer, npu)
    is_view, cores = layer.kind is Kind.VIEW, _cores(layer, npu)
    launches = 0 if is_view or layer.grows > 0 else layer.steps
    cycles = 0 if is_view else _compute_cycles(layer, npu, engine, precision, on_array)
    slowdown = _slowdown(stored, npu, precision)
    exposed = 0 if is_view else -(-engine.exposed_bytes(layer, npu, precision) // blocks)
    launch_ns = npu.operator_launch_ns.get(layer.op, npu.launch_ns) * launches
    crossing, zeros = traffic.dram_bytes * blocks // times, zero_work(layer, npu)
    actions = _actions(layer, npu, engine, precision, crossing, zeros.done)
    return LayerCost(
        layer=whole,
        precision=precision,
        compute_cycles=times * math.ceil(-(-cycles // (cores * blocks)) * slowdown),
        overhead_cycles=times * npu.launch_cycles * launches,
        traffic=traffic,
        actions=actions.share(blocks).times(times),
        launch_ns=times * (launch_ns + exposed_ns(exposed, npu)),
        exposed_bytes=exposed,
        cores=cores,
        slowdown=slowdown,
        dram=dram_of_layer(traffic, npu),
        zeros=zeros,
    )


def dram_of_layer(traffic: LayerTraffic, npu: Npu) -> DramCost | None:
    """Return what the device's DRAM takes for a layer's bytes; None where it says no part."""
    if npu.dram is None:
        return None
    from dfsrt.cost.layer_streams import traffic_cost

    return traffic_cost(traffic, npu.dram)


def _slowdown(stored: Layer, npu: Npu, precision: str) -> float:
    """Times as long that a layer takes whose results, as they are stored, outgrow the buffer."""
    written = sum(t.touched_bytes for t in stored.outputs)
    if written <= npu.memory.buffer_bytes:
        return 1.0
    return npu.memory.overflow_slowdown.get(precision, 1.0)


def exposed_ns(exposed_bytes: int, npu: Npu) -> int:
    """Return the nanoseconds of bytes that cross while all else waits.

    Limits: where a layer waits for memory anyway they count twice.
    """
    return math.ceil(exposed_bytes * 1e9 / npu.bandwidth_bytes_per_s(1)) if exposed_bytes else 0


def _cores(layer: Layer, npu: Npu) -> int:
    """Cores that share a layer: all in use, or one."""
    if npu.cores is None or npu.cores.used == 1:
        return 1
    return npu.cores.used if operator_name(layer) in npu.cores.split else 1


def _supported(layer: Layer, npu: Npu) -> str:
    if not layer.computes:
        return npu.precision  # integer bookkeeping: every device can do it
    if layer.precision in npu.array.cycles_per_step:
        return layer.precision
    if layer.kind is Kind.MOVE:
        return npu.precision  # bytes are moved, whatever they mean
    raise InputError(
        f"layer '{layer.name}' is in {layer.precision}, which {npu.name} does not have; "
        f"use --precision with one of {', '.join(npu.array.cycles_per_step)}"
    )


def _compute_cycles(
    layer: Layer, npu: Npu, engine: Engine, precision: str, on_array: int | None
) -> int:
    """Cycles of a layer's own work.

    ``on_array`` is what its products take where that is told, with the array's fill in it.
    """
    if on_array is None:
        on_array = _product_cycles(layer, npu, engine, precision)
    on_drain = engine.drain_cycles(layer, npu, precision)
    return max(on_array, on_drain) + engine.vector_cycles(layer, npu, precision)


def _product_cycles(layer: Layer, npu: Npu, engine: Engine, precision: str) -> int:
    """Cycles of the engine's products on the real array, or of banks and decoders beside it."""
    counted, efficiency = product_cycles(layer, npu, engine, precision), npu.array.efficiency
    on_array = counted if efficiency == 1 else math.ceil(counted / efficiency)
    waits = _bank_cycles(layer, npu, engine, precision), decode_cycles(layer, npu)
    return max(on_array, *waits)


def _bank_cycles(layer: Layer, npu: Npu, engine: Engine, precision: str) -> int:
    """Cycles in which the buffer's banks give and take what the array works on; 0 without any.

    Limits: operands lie spread over all banks, so that none is waited for alone.
    """
    width = npu.memory.banks * npu.memory.bank_bytes_per_cycle
    if not width or not layer.gemms:
        return 0
    return -(-engine.sram_bytes(layer, npu, precision, BITS[PRECISIONS[precision]]) // width)


def _actions(
    layer: Layer, npu: Npu, engine: Engine, precision: str, crossing: int, done: float
) -> Actions:
    """Counts of a layer of which ``crossing`` bytes come from DRAM or go there.

    ``done`` is the share of its multiply-accumulates that is not skipped.
    """
    is_view = layer.kind is Kind.VIEW
    sram = 0 if is_view else _worked_on_bytes(layer, npu, engine, precision) + crossing
    macs = layer.macs if done == 1 else round(layer.macs * done)
    return Actions(macs, sram, layer.vector_ops + layer.fused_ops)


def _worked_on_bytes(layer: Layer, npu: Npu, engine: Engine, precision: str) -> int:
    """Bytes that the array with its drain, or the vector unit, reads and writes on chip.

    The vector unit's are no more than its way carries while it works: an engine may do away with
    a layer that only moves.
    """
    if not layer.gemms:
        carried = engine.vector_cycles(layer, npu, precision) * npu.vector.bytes_per_cycle
        return min(layer.moved_bytes, carried)
    on_array = engine.sram_bytes(layer, npu, precision, BITS[PRECISIONS[precision]])
    return on_array + sum(t.touched_bytes for t in layer.side_inputs)
