"""What a network runs on: operating points, rail, memory, arrays, and the rules of all devices."""

from dfsrt.device.load import device_choices, device_names, load_device
from dfsrt.device.npu import Domain, Npu
from dfsrt.device.opp import OperatingPoint, OppTable
from dfsrt.device.rail import Rail

__all__ = [
    "Domain",
    "Npu",
    "OperatingPoint",
    "OppTable",
    "Rail",
    "device_choices",
    "device_names",
    "load_device",
]
