"""How well readings repeat: the error that no model can be rid of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np

from dfsrt.power.card import Repeats
from dfsrt.power.measure.sample import Sample


def repeats_of(samples: Sequence[Sample]) -> Repeats:
    """Return how far readings of the same layer at the same operating point lie from their mean.

    Mean absolute relative deviations over all layers that came again, units of a device together.
    """
    same: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        same[msgspec.structs.replace(sample.subject, repeat=0).key].append(sample)
    again = [found for found in same.values() if len(found) > 1]
    return Repeats(
        layers=len(again),
        readings=sum(map(len, again)),
        power_w=_deviation([[s.reading.power_w for s in found] for found in again]),
        latency_s=_deviation([[s.reading.latency_s for s in found] for found in again]),
    )


def _deviation(series: Sequence[Sequence[float]]) -> float:
    shares = [abs(np.array(values) / np.mean(values) - 1.0) for values in series]
    return float(f"{np.concatenate(shares).mean():.4g}") if shares else 0.0
