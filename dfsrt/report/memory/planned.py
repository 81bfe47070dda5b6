"""A network's memory under the device's policies: what a report of it is made of."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.cost import LayerCost, LayerTraffic, cost_network
from dfsrt.cost.memory import memory_plan, memory_work
from dfsrt.cost.schedule import MemoryPlan, MemoryWork
from dfsrt.device import Npu
from dfsrt.network import Network
from dfsrt.report.memory.parts import OperandBytes


@dataclass(frozen=True, slots=True)
class Planned:
    """A network on a device: its work, the plan for it, and the cost of each layer."""

    network: Network
    npu: Npu
    work: MemoryWork
    plan: MemoryPlan
    costs: tuple[LayerCost, ...]


def planned(network: Network, npu: Npu) -> Planned:
    """Return ``network`` under the policies of ``npu``.

    Raises:
        InputError: a layer in a precision that the device does not have, or a buffer that not even
            the least tile fits.
    """
    costs, work = cost_network(network, npu), memory_work(network, npu)
    return Planned(network, npu, work, memory_plan(work), costs)


def operand_bytes(traffic: LayerTraffic) -> OperandBytes:
    """Return what crosses by operand; partial sums count among the results, both ways."""
    return OperandBytes(
        input=traffic.input,
        weight=traffic.weight,
        output=traffic.output + 2 * traffic.partials,
        residual=traffic.residual,
        constants=traffic.constants,
    )
