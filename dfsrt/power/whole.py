"""A whole network on a real card: its layers in a row, under one power limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.layout import CHANNELS_LAST, PLAIN, image_flow
from dfsrt.network.tensor import Tensor
from dfsrt.power.card import ClockLaw
from dfsrt.power.clock_law import demand_w, settled


@dataclass(frozen=True, slots=True)
class Whole:
    """One inference: its time, energy and settled clock, and how much of it is between layers."""

    latency_s: float
    energy_j: float
    clock_hz: float
    switches_s: float


def whole_of(
    law: ClockLaw, switch_s: float, power_w: Floats, latency_s: Floats, clock_hz: Floats
) -> Whole:
    """Return what layers predicted alone, each ``(n_layers,)``, take one after another.

    A layer among others takes ``switch_s`` longer than one that runs again and again, at the power
    of rest. The limit holds the mean of a network, not each layer: what a layer alone is held down
    by, it is not where lighter ones stand beside it.

    Limits: a held layer's time is taken to move with the clock.
    """
    demand = demand_w(law, power_w, clock_hz)
    share = np.where(demand > law.limit_w, clock_hz / law.highest_hz, 1.0)
    alone_s = latency_s * share
    switches_s = switch_s * len(latency_s)
    total_s = float(alone_s.sum()) + switches_s
    mean_w = (float((alone_s * demand).sum()) + switches_s * law.rest_w) / total_s
    watts, clock = settled(law, np.array([mean_w]))
    stretch = law.highest_hz / float(clock[0])
    return Whole(
        total_s * stretch, float(watts[0]) * total_s * stretch, float(clock[0]), switches_s
    )


def switch_s_of(
    rest_s: Sequence[float], layers: Sequence[int], latency_s: Sequence[float]
) -> float:
    """Return the time between layers that fits networks best, each counted by its relative error.

    ``rest_s`` is what each network took longer than its layers alone, ``layers`` how many it has,
    ``latency_s`` what it took, ``(n_networks,)`` each.
    """
    per, rest = (np.array(v, dtype=np.float64) / np.array(latency_s) for v in (layers, rest_s))
    return max(0.0, float(per @ rest / (per @ per)))


def running(layers: Sequence[Layer], layout: str) -> tuple[list[Layer], list[str]]:
    """Return the layers that take time, and the layout of each, where images lie in ``layout``.

    In channels-last a transposition of an image may be done already, and a tensor that is put into
    the other layout is a layer of its own.
    """
    flow = image_flow(layers)
    alive = [a for a in layers if a.kind is not Kind.VIEW]
    if layout == PLAIN:
        return alive, [PLAIN] * len(alive)
    timed = [a for a in alive if a.name not in flow.free]
    tensors = {t.name: t for a in layers for t in (*a.inputs, *a.outputs)}
    turned = [_turning(tensors[name]) for name in flow.turned]
    return [*timed, *turned], [*(flow.layout(a) for a in timed), *(PLAIN for _ in turned)]


def _turning(image: Tensor) -> Layer:
    """The layer that puts an image into the other layout: a transposition of its two halves."""
    batch, channels, height, width = image.shape
    data = replace(image, shape=(batch, channels, height * width))
    out = Tensor(f"{image.name}/{CHANNELS_LAST}", (batch, height * width, channels), image.dtype)
    name = f"{image.name}/turned"
    return Layer(name, "Transpose", Kind.MOVE, (name,), (data,), (), (out,))
