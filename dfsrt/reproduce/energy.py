"""The energy of a DRAM for the traffic of layers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dfsrt.cost.dram import DramCost
from dfsrt.cost.layer_streams import traffic_cost
from dfsrt.cost.layer_traffic import LayerTraffic
from dfsrt.device.dram import Dram
from dfsrt.reproduce.bare import total_bytes


class Energy:
    """What a DRAM takes for the traffic of several layers, at its own pace.

    Activates and bursts, and standby and refresh while it works: nothing of the time in which the
    network computes.
    """

    def __init__(self, traffic: Sequence[LayerTraffic], dram: Dram) -> None:
        self.bytes = total_bytes(traffic)
        self.costs = [traffic_cost(each, dram) for each in traffic]

    @property
    def joules(self) -> float:
        """Joules of all layers."""
        return math.fsum(_joules(cost) for cost in self.costs)

    @property
    def per_byte_j(self) -> float:
        """Joules a byte of use."""
        return self.joules / self.bytes

    @property
    def seconds(self) -> float:
        """Seconds at the DRAM's own pace."""
        return math.fsum(cost.seconds for cost in self.costs)

    @property
    def row_hit_rate(self) -> float:
        """Share of the bursts that find their row open."""
        return 1 - sum(c.activates for c in self.costs) / sum(c.bursts for c in self.costs)

    @property
    def overfetch(self) -> float:
        """Bytes of whole bursts over bytes of use."""
        return sum(cost.crossed_bytes for cost in self.costs) / self.bytes


def _joules(cost: DramCost) -> float:
    return cost.access_j + cost.background_w * cost.seconds
