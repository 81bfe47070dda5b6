"""The DRAM traffic of a layer: which bytes of which operand cross, and how it is tiled."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from dfsrt.cost.mapper.checked import mapped
from dfsrt.cost.mapper.mapper import Mapper
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import Crossing, crossing
from dfsrt.cost.traffic.mapping import Fetches, Mapping
from dfsrt.cost.traffic.nest import LoopNest
from dfsrt.cost.traffic.nests import NOTHING, nests_of, operand_bytes
from dfsrt.network.layer import Gemm, Kind, Layer
from dfsrt.network.tensor import Tensor

_PARTS = ("input", "weight", "output", "partials", "residual", "constants", "bound_bytes")


@dataclass(frozen=True, slots=True)
class LayerTraffic:
    """Bytes of a layer that cross to and from DRAM, in all its passes.

    ``input`` and ``weight`` are read for the layer's products (what they multiply, on either side),
    or by a layer without one; ``output`` is written. ``partials`` are sums that are not whole:
    written, and read back. ``residual`` is a map that joins on the way out, ``constants`` are
    biases and other constants that no product multiplies. ``mappings`` has the tile and order of
    each of ``nests``, ``lines`` says whether neighbouring tiles share lines. ``bound_bytes``
    are the least that could cross. ``step_reads`` says how often what products in steps multiply
    is read, 0 where there are none. ``ahead_bytes`` of what is read may come while the layer
    before runs.
    """

    input: int = 0
    weight: int = 0
    output: int = 0
    partials: int = 0
    residual: int = 0
    constants: int = 0
    nests: tuple[LoopNest, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    lines: bool = False
    bound_bytes: int = 0
    step_reads: int = 0
    ahead_bytes: int = 0

    @property
    def read_bytes(self) -> int:
        """Bytes from DRAM."""
        return self.input + self.weight + self.partials + self.residual + self.constants

    @property
    def write_bytes(self) -> int:
        """Bytes to DRAM."""
        return self.output + self.partials

    @property
    def dram_bytes(self) -> int:
        """Bytes from and to DRAM."""
        return self.read_bytes + self.write_bytes

    @property
    def stays(self) -> str:
        """What crosses once: ``all``, or which of ``inputs``, ``weights`` and ``results``."""
        once = {
            "inputs": all(each.input <= n.input.bytes for each, n in self._crossings),
            "weights": all(each.weight == n.weight.bytes for each, n in self._crossings),
            "results": not self.partials,
        }
        stay = [name for name, is_once in once.items() if is_once]
        return "all" if len(stay) == len(once) else "+".join(stay) or "none"

    @property
    def _crossings(self) -> list[tuple[Crossing, LoopNest]]:
        pairs = zip(self.nests, self.mappings, strict=True)
        return [(crossing(n, m, self.lines), n) for n, m in pairs]

    def times(self, passes: int) -> LayerTraffic:
        """Return the bytes of so many passes."""
        return replace(self, **{part: getattr(self, part) * passes for part in _PARTS})


def layer_traffic(
    layer: Layer,
    mapper: Mapper,
    buffer: Buffer,
    kept: frozenset[str] = NOTHING,
    fetches: Fetches | None = None,
) -> LayerTraffic:
    """Return the traffic of one pass of ``layer``, its tensors as they lie in DRAM.

    Tensors in ``kept`` lie on chip. With ``fetches`` the layer is not tiled: its operands cross so
    often.

    Raises:
        InputError: not even the least tile fits into the buffer.
    """
    if layer.kind is Kind.VIEW:
        return LayerTraffic()
    nests = nests_of(layer, kept)
    mappings = _mapped(mapper, nests, buffer) if fetches is None else _whole(nests, fetches)
    crossings = [crossing(n, m, buffer.lines) for n, m in zip(nests, mappings, strict=True)]
    reads = [t for t in layer.side_inputs if t.name not in kept]
    side = sum(t.touched_bytes for t in reads if t in layer.inputs)
    constants = sum(t.touched_bytes for t in reads if t in layer.weights)
    written = sum(t.touched_bytes for t in layer.outputs if t.name not in kept)
    stepped_bytes, step_reads = _stepped_reads(layer, buffer, kept)
    has_product = bool(layer.gemms)
    return LayerTraffic(
        input=_total(crossings, "input")
        - _twice(layer, mappings, crossings, kept)
        + (0 if has_product else side),
        weight=_total(crossings, "weight")
        + stepped_bytes * step_reads
        + (0 if has_product else constants),
        output=written,
        partials=_total(crossings, "partials"),
        residual=side if has_product else 0,
        constants=constants if has_product else 0,
        nests=nests,
        mappings=mappings,
        lines=buffer.lines,
        step_reads=step_reads,
    )


def _total(crossings: Sequence[Crossing], operand: str) -> int:
    return sum(getattr(each, operand) for each in crossings)


def _mapped(mapper: Mapper, nests: tuple[LoopNest, ...], buffer: Buffer) -> tuple[Mapping, ...]:
    """Return a mapper's choice; equal products in equal buffers are mapped once."""
    try:
        hash(mapper)
    except TypeError:  # a policy of somebody's own
        return mapped(mapper, nests, buffer)
    return _remembered(cast(Hashable, mapper), nests, buffer)


@lru_cache(maxsize=2**14)
def _remembered(
    mapper: Hashable, nests: tuple[LoopNest, ...], buffer: Buffer
) -> tuple[Mapping, ...]:
    return mapped(cast(Mapper, mapper), nests, buffer)


def _whole(nests: Sequence[LoopNest], fetches: Fetches) -> tuple[Mapping, ...]:
    return tuple(Mapping(nest.whole, "ckpq", fetches) for nest in nests)


def _twice(
    layer: Layer, mappings: Sequence[Mapping], crossings: Sequence[Crossing], kept: frozenset[str]
) -> int:
    """Return what a tensor on both sides of products counts too much where all is read once."""
    shares = [(t, *operand_bytes(layer, t)) for t in layer.multiplied if t.name not in kept]
    surplus = sum(max(a + b - t.touched_bytes, 0) for t, a, b in shares if a and b)
    once = sum(a + b for _, a, b in shares)
    read = _total(crossings, "input") + _total(crossings, "weight")
    return surplus if mappings and read == once else 0


def _stepped_reads(layer: Layer, buffer: Buffer, kept: frozenset[str]) -> tuple[int, int]:
    """Return the bytes that products in steps multiply, and how often they are read, if at all.

    Once if those of one product stay: where they fit in the weights' part of the buffer, or in half
    of one that is shared, the other half being for what comes and goes. Else in every step.

    Limits: two directions of a recurrent layer take turns; no part of what does not fit is kept.
    """
    pairs = [(t, _stepped(layer, t)) for t in layer.multiplied if t.name not in kept]
    stepped = [(t, g) for t, g in pairs if g is not None]
    if not stepped:
        return 0, 0
    needed = sum(t.touched_bytes // g.count for t, g in stepped)
    room = buffer.split_bytes[1] if buffer.split_bytes else buffer.total_bytes // 2
    return sum(t.touched_bytes for t, _ in stepped), 1 if needed <= max(room, 1) else layer.steps


def _stepped(layer: Layer, tensor: Tensor) -> Gemm | None:
    """The first product in steps that multiplies by ``tensor``, if one does."""
    pairs = zip(layer.gemms, layer.operands, strict=True)
    return next((g for g, o in pairs if g.steps > 1 and tensor.name in (*o.a, *o.b)), None)
