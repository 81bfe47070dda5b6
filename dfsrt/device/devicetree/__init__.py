"""Device trees: operating points from source or compiled files into device files."""

from dfsrt.device.devicetree.cpp import Macros
from dfsrt.device.devicetree.device_file import ImportedDevice, import_device_tree
from dfsrt.device.devicetree.files import read_device_tree
from dfsrt.device.devicetree.hardware import parse_supported_hw

__all__ = [
    "ImportedDevice",
    "Macros",
    "import_device_tree",
    "parse_supported_hw",
    "read_device_tree",
]
