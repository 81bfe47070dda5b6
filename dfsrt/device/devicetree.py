"""Import of a device tree's operating points: text in, a complete device file out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from dfsrt.base.defaults import DEVICE
from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.base.tomlfile import read_text
from dfsrt.base.tomltext import TomlValue, toml_text
from dfsrt.device.dts_document import bins_of, check_points, document, latency_of
from dfsrt.device.dts_opp import DtPoint, read_points
from dfsrt.device.dts_select import find_table, parse_supported_hw, select_points
from dfsrt.device.dts_tree import parse_device_tree
from dfsrt.device.load import device_names, parse_device_file
from dfsrt.device.schema import FORMAT

__all__ = ["ImportedDevice", "import_device_tree", "parse_supported_hw", "read_device_tree"]

_COMPILED = b"\xd0\x0d\xfe\xed"


class ImportedDevice(NamedTuple):
    """A device file as TOML ``text``, and what of the device tree it leaves out."""

    text: str
    warnings: tuple[str, ...]


def read_device_tree(path: Path) -> str:
    """Return the text of the device-tree source at ``path``.

    Raises:
        DeviceError: no such file, a folder, a compiled tree, or not text.
    """
    try:
        with path.open("rb") as file:
            compiled = file.read(4) == _COMPILED
    except (OSError, ValueError):
        compiled = False
    if compiled:
        raise DeviceError(
            f"device tree '{path}' is compiled; turn it into text: dtc -I dtb -O dts {path}"
        )
    return read_text(path, "device tree", "device-tree source (.dts or .dtsi)", DeviceError)


def import_device_tree(
    text: str,
    *,
    name: str = "",
    base: str = DEVICE,
    source: str = "device tree",
    supported_hw: tuple[int, ...] | None = None,
    table: str = "",
    default_bin: str = "",
) -> ImportedDevice:
    """Return a device file with the operating points of ``text``, all else from preset ``base``.

    ``source`` names the input in source texts and errors. ``supported_hw`` is the hardware
    version, a number a level; without it every point is taken. ``table`` is the table's label
    or node name where there are several. Speed bins keep their names; where they are L1, L2,
    ... and no L0 is named, L0 is the plain voltage, as on Rockchip chips.

    Raises:
        DeviceError: an unknown preset or bin, or text from which no valid table follows.
    """
    if base not in device_names():
        raise DeviceError(unknown_name("preset", base, device_names()))
    try:
        points, left_out = _points(text, table, supported_hw)
        bins, about_bins = bins_of(points)
        check_points(points, bins)
    except DeviceError as error:
        raise DeviceError(f"{source}: {error}") from error
    latency_ns, about_latency = latency_of(points)
    title = name or re.sub(r"[^\w.-]", "-", Path(source).stem)
    head: dict[str, TomlValue] = {"format": FORMAT, "base": base, "name": title}
    tables = document(points, bins, _default(bins, default_bin), latency_ns, source)
    result = toml_text({**head, "description": _about(source, base), **tables})
    parse_device_file(result, title)  # what is handed out loads
    return ImportedDevice(result, (*left_out, *about_bins, *about_latency))


def _points(
    text: str, table: str, supported_hw: tuple[int, ...] | None
) -> tuple[list[DtPoint], list[str]]:
    if not text.strip():
        raise DeviceError("the text is empty; give an operating-points-v2 table")
    root, passed_over = parse_device_tree(text)
    points, left_out = read_points(find_table(root, table))
    return select_points(points, supported_hw), [*passed_over, *left_out]


def _default(bins: list[str], wanted: str) -> str:
    """Return the bin to use when none is asked for: L0, the slowest silicon, where there is one."""
    if wanted and wanted not in bins:
        raise DeviceError(unknown_name("speed bin", wanted, bins))
    return wanted or ("L0" if "L0" in bins else "")


def _about(source: str, base: str) -> str:
    return f"Operating points of {source}; all else as the preset {base}"
