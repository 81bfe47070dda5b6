"""What held the bytes of a layer: why they are as many as they are."""

from __future__ import annotations

from collections import Counter

from dfsrt.cost import LayerTraffic
from dfsrt.cost.schedule import LayerPlan
from dfsrt.cost.traffic import Fetches, LoopNest, Mapping, crossing
from dfsrt.cost.traffic.crossing import Repeats, repeats, steps_of
from dfsrt.network.layer import Layer

FITS, HALO, PARTIALS = "fits", "halo", "partial sums"
WEIGHTS, INPUTS = "weights", "inputs"
KEPT, ROWS, ENGINE = "map kept", "rows", "engine"
HELD = (FITS, HALO, PARTIALS, WEIGHTS, INPUTS, KEPT, ROWS, ENGINE)


def held_by(
    layer: Layer,
    passes: int,
    traffic: LayerTraffic,
    own: LayerPlan,
    kept: frozenset[str],
    settled: bool = False,
) -> str:
    """Return what held the bytes of ``layer``, one of ``passes``, as its tensors lie in DRAM.

    ``traffic`` is that of all passes; tensors in ``kept`` do not cross; ``settled`` says that the
    engine has changed what the layer fetches.

    What costs the most bytes beyond every operand once; where nothing does, whether the layer runs
    by rows, keeps something on chip, leaves its products to the engine, or just fits.
    """
    beyond = _beyond_once(traffic)
    beyond[WEIGHTS] += _stepped_again(layer, traffic.weight // passes, traffic, kept)
    most = max(beyond, key=lambda name: beyond[name], default=FITS)
    if beyond[most] > 0:
        return most
    if own.group is not None:
        return ROWS
    if any(t.name in kept for t in (*layer.reads, *layer.outputs)):
        return KEPT
    return ENGINE if settled else FITS


def _beyond_once(traffic: LayerTraffic) -> Counter[str]:
    """Return by cause the bytes of one pass of tiled products beyond each operand once."""
    beyond: Counter[str] = Counter()
    for nest, mapping in zip(traffic.nests, traffic.mappings, strict=True):
        moved, again = crossing(nest, mapping, traffic.lines), _again(nest, mapping)
        beyond[PARTIALS] += 2 * moved.partials
        beyond[INPUTS] += nest.input.bytes * (int(again.input) - 1)
        beyond[HALO] += max(moved.input - nest.input.bytes * int(again.input), 0)
        beyond[WEIGHTS] += moved.weight - nest.weight.bytes
    return beyond


def _again(nest: LoopNest, mapping: Mapping) -> Fetches | Repeats:
    return mapping.fetches or repeats(mapping.order, steps_of(nest, mapping.tile))


def _stepped_again(
    layer: Layer, weight_bytes: int, traffic: LayerTraffic, kept: frozenset[str]
) -> int:
    """Return what products in steps read of their weights beyond once, in one pass."""
    if layer.steps == 1:
        return 0
    pairs = zip(layer.gemms, layer.operands, strict=True)
    names = {n for g, o in pairs if g.steps > 1 for n in (*o.a, *o.b)} - kept
    once = sum(t.touched_bytes for t in layer.multiplied if t.name in names)
    tiled = sum(crossing(n, m).weight for n, m in zip(traffic.nests, traffic.mappings, strict=True))
    return max(weight_bytes - tiled - once, 0)
