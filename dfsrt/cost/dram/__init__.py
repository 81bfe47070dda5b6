"""What bytes cost that cross to DRAM and back: time and energy by the access pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.lazy import lazy_names

if TYPE_CHECKING:
    from dfsrt.cost.dram.cost import dram_cost
    from dfsrt.cost.dram.energy import CommandEnergy, command_energy
    from dfsrt.cost.dram.runs import run_bytes
    from dfsrt.cost.dram.steady import Steady, Visit, steady_stream
    from dfsrt.cost.dram.stream import DramCost, Stream

__all__ = [
    "CommandEnergy",
    "DramCost",
    "Steady",
    "Stream",
    "Visit",
    "command_energy",
    "dram_cost",
    "run_bytes",
    "steady_stream",
]

__getattr__ = lazy_names(
    __name__,
    {
        "CommandEnergy": "energy",
        "DramCost": "stream",
        "Steady": "steady",
        "Stream": "stream",
        "Visit": "steady",
        "command_energy": "energy",
        "dram_cost": "cost",
        "run_bytes": "runs",
        "steady_stream": "steady",
    },
)
