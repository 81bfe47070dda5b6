"""Multiply-accumulates that a device leaves out because a weight is zero."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from dfsrt.device.engine import Engine
from dfsrt.device.npu import Npu
from dfsrt.device.weights import Weights
from dfsrt.network.layer import Gemm, Layer, Operands
from dfsrt.network.packing import Packing


@dataclass(frozen=True, slots=True)
class ZeroWork:
    """Shares of a layer's multiply-accumulates: those ``done``, and of these the ``nonzero`` ones.

    One that is done on a weight of zero takes its cycles, but less energy. ``moved`` is the share
    of what registers move for them.
    """

    done: float = 1.0
    nonzero: float = 1.0
    moved: float = 1.0


ALL_WORK = ZeroWork()
"""Of a layer without zeros in stored weights."""


def zero_work(layer: Layer, npu: Npu) -> ZeroWork:
    """Return what zeros of stored weights leave of a layer's multiply-accumulates.

    An array that picks by a pattern has all inputs at hand to pick from, so that half of what its
    registers move, the inputs, stays; one that skips zeros moves neither side.

    Source: assumed, that registers move inputs and weights alike; decision 0067.
    Limits: zeros are spread evenly over the work; those of what is not stored nobody knows here.
    """
    macs = sum(g.macs for g in layer.gemms)
    if not macs or all(t.packing is None for t in layer.weights):
        return ALL_WORK
    pairs = [(g, packing_of(layer, o)) for g, o in zip(layer.gemms, layer.operands, strict=True)]
    done = sum(g.macs * done_share(layer, g, p, npu.weights) for g, p in pairs) / macs
    nonzero = sum(g.macs * p.density for g, p in pairs) / macs
    moved = done if npu.weights.skips_pattern is None else (1 + done) / 2
    return ZeroWork(done, min(nonzero / done, 1.0) if done else 1.0, moved)


def done_share(layer: Layer, gemm: Gemm, packing: Packing, weights: Weights) -> float:
    """Return the share of a product's multiply-accumulates that the array does.

    Those of a pattern are left out only where its groups divide the reduction.
    """
    if not _serves(layer, gemm, weights):
        return 1.0
    pattern = weights.skips_pattern
    if pattern is not None:
        kept, group = pattern
        return kept / group if gemm.k % group == 0 and packing.follows(*pattern) else 1.0
    return packing.density if weights.skip == "zeros" else 1.0


def product_cycles(layer: Layer, npu: Npu, engine: Engine, precision: str) -> int:
    """Return the cycles of a layer's products by its engine, less those that are skipped.

    Each product takes its own share of the engine's cycles over the efficiency of skipping, and
    never longer than without.
    """
    counted = engine.product_cycles(layer, npu, precision)
    if npu.weights.skip == "none" or all(t.packing is None for t in layer.weights):
        return counted
    efficiency = npu.weights.skip_efficiency
    shares = [
        min(done_share(layer, g, packing_of(layer, o), npu.weights) / efficiency, 1.0)
        for g, o in zip(layer.gemms, layer.operands, strict=True)
    ]
    if min(shares, default=1.0) == 1:
        return counted
    if len(shares) == 1:
        return math.ceil(counted * shares[0])
    own = [engine.product_cycles(_only(layer, at), npu, precision) for at in range(len(shares))]
    saved = sum(cycles * (1 - share) for cycles, share in zip(own, shares, strict=True))
    return max(math.ceil(counted - saved), math.ceil(counted * min(shares)))


def packing_of(layer: Layer, operands: Operands) -> Packing:
    """Return what the weights of a product allow; nothing where they are not stored."""
    names = {*operands.a, *operands.b}
    packings = [t.packing for t in layer.weights if t.name in names]
    return packings[0] or Packing() if len(packings) == 1 else Packing()


def _serves(layer: Layer, gemm: Gemm, weights: Weights) -> bool:
    """Whether the array skips in a product of this precision and depth."""
    if weights.skip_precisions and layer.precision not in weights.skip_precisions:
        return False
    if not weights.skip_inputs:
        return True
    taps = math.prod(a.kernel for a in layer.window.axes) if layer.window is not None else 1
    return gemm.k // taps >= weights.skip_inputs


def _only(layer: Layer, at: int) -> Layer:
    return replace(layer, gemms=(layer.gemms[at],), operands=(layer.operands[at],))
