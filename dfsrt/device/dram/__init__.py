"""DRAM as a part of a device: organisation, timing, currents, and how addresses lie in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.lazy import lazy_names

if TYPE_CHECKING:
    from dfsrt.device.dram.address import AddressMap, parse_map
    from dfsrt.device.dram.build import layout_of
    from dfsrt.device.dram.dram import Dram, Layout
    from dfsrt.device.dram.load import dram_names, load_dram
    from dfsrt.device.dram.organisation import Organisation
    from dfsrt.device.dram.supply import Energies, Supply
    from dfsrt.device.dram.timing import Timing

__all__ = [
    "AddressMap",
    "Dram",
    "Energies",
    "Layout",
    "Organisation",
    "Supply",
    "Timing",
    "dram_names",
    "layout_of",
    "load_dram",
    "parse_map",
]

__getattr__ = lazy_names(
    __name__,
    {
        "AddressMap": "address",
        "Dram": "dram",
        "Energies": "supply",
        "Layout": "dram",
        "Organisation": "organisation",
        "Supply": "supply",
        "Timing": "timing",
        "dram_names": "load",
        "layout_of": "build",
        "load_dram": "load",
        "parse_map": "address",
    },
)
