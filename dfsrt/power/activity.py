"""Activity that was measured: which share of a layer's products has no zero in it.

Where nobody has measured it, activity is the plant's secret.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Floats, freeze_arrays
from dfsrt.base.errors import InputError
from dfsrt.cost.cost import LayerCost
from dfsrt.device.npu import Hidden, Npu
from dfsrt.device.rules import mac_activity
from dfsrt.network.network import Network
from dfsrt.power.learned import LearnedPowerModel
from dfsrt.power.model import PowerModel
from dfsrt.power.workload import Workload
from dfsrt.power.zeros_file import Share, ZerosFile


@dataclass(frozen=True, slots=True)
class Activity:
    """A network's measured activity; ``known`` where the power model is told of it, too.

    ``nonzero`` is the share of each layer's multiply-accumulates of which both operands are not
    zero, ``(n_layers,)`` with views, NaN for layers without products.
    """

    file: ZerosFile
    nonzero: Floats
    known: bool = False

    def __post_init__(self) -> None:
        freeze_arrays(self)

    def notes(self, network: Network, npu: Npu) -> list[str]:
        """Return what a reader must know of where the activity comes from, one line each."""
        macs = np.array([layer.macs for layer in network.layers], dtype=np.float64)
        products = ~np.isnan(self.nonzero)
        idle = 1 - float((macs * np.nan_to_num(self.nonzero)).sum() / max(macs.sum(), 1.0))
        of = npu.sources.get("silicon.zero_gating", "assumed, the device does not say")
        told = "is told" if self.known else "does not know"
        return [
            f"the activity of {products.sum()} layers of {network.name} is measured: {self.file}; "
            f"{idle:.1%} of multiply-accumulates have a zero in them, which saves "
            f"{npu.silicon.zero_gating:.0%} of such a one's energy ({of}); the power model {told}"
        ]


def match_activity(file: ZerosFile, network: Network, known: bool = False) -> Activity:
    """Return the activity that ``file`` tells of ``network``, by the names of its layers.

    Operands are taken to be zero independently of each other.

    Raises:
        InputError: layers that the network lacks, or products of which the file says nothing.
    """
    strange = sorted(set(file.shares) - {layer.name for layer in network.layers})
    if strange:
        raise InputError(
            f"activity '{file.path}' is of another network than '{network.name}', which has no "
            f"layer {_some(strange)}; write one with 'dfsrt activity', fused as the network runs"
        )
    products = [layer for layer in network.layers if layer.gemms]
    missing = [layer.name for layer in products if not _is_whole(file.shares.get(layer.name))]
    if missing:
        raise InputError(
            f"activity '{file.path}' has no shares of zeros for {_some(missing)} of "
            f"'{network.name}'; give both for every layer with products"
        )
    nonzero = [_nonzero(file.shares[layer.name]) if layer.gemms else math.nan
               for layer in network.layers]  # fmt: skip
    return Activity(file, np.array(nonzero), known)


def _is_whole(share: Share | None) -> bool:
    return share is not None and None not in (share.zero_inputs, share.zero_weights)


def _nonzero(share: Share) -> float:
    return (1 - (share.zero_inputs or 0.0)) * (1 - (share.zero_weights or 0.0))


def _some(names: Sequence[str]) -> str:
    first = "".join(c if c.isprintable() else "?" for c in names[0][:60])
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"'{first}'{more}"


def of_layers(activity: Activity, network: Network, costs: Sequence[LayerCost]) -> Floats:
    """Return the share without a zero of the products that layers do, ``(n_layers,)``.

    What an array skips has a zero in it, and takes no energy already.
    """
    by_name = dict(zip((a.name for a in network.layers), activity.nonzero, strict=True))
    nonzero = np.array([by_name[c.layer.name] for c in costs], dtype=np.float64)
    done = np.array([c.zeros.done for c in costs], dtype=np.float64)
    return np.minimum(np.divide(nonzero, done, out=np.ones(len(done)), where=done > 0), 1.0)


def known_load(load: Workload, npu: Npu, model: PowerModel, nonzero: Floats) -> Workload:
    """Return ``load`` as a power model sees it that is told of the products' activity.

    ``nonzero`` is ``(n_layers,)``. A model that has learned from readings holds their average
    activity in its weights, so that it is told how a layer differs from that. What was measured
    holds the zeros of weights, which do not count again.
    """
    average = average_activity(npu.hidden) if isinstance(model, LearnedPowerModel) else 1.0
    told = mac_activity(nonzero, npu.silicon.zero_gating) / average
    other = 1.0 if load.weight_activity is None else load.weight_activity
    return replace(load, weight_activity=np.where(np.isnan(nonzero), other, told))


def average_activity(hidden: Hidden) -> float:
    """Return the mean of the hidden activity: log-normal, and at most 1."""
    mean, sigma = hidden.activity_mean, hidden.activity_sigma
    if sigma == 0:
        return min(mean, 1.0)
    to_one = -math.log(mean) / sigma
    below = mean * math.exp(sigma**2 / 2) * _normal(to_one - sigma)
    return below + 1 - _normal(to_one)


def _normal(x: float) -> float:
    """The share of a normal distribution below ``x``."""
    return (1 + math.erf(x / math.sqrt(2))) / 2
