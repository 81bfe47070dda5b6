"""Import of a device tree's operating points: a tree in, a complete device file out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dfsrt.base.defaults import DEVICE
from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.base.tomltext import TomlValue, toml_text
from dfsrt.device.devicetree.document import document
from dfsrt.device.devicetree.files import tree_of
from dfsrt.device.devicetree.hardware import Versions, select_points
from dfsrt.device.devicetree.idle import TreeStates, read_states
from dfsrt.device.devicetree.node import DeviceTree
from dfsrt.device.devicetree.notes import about_idle_states, about_table
from dfsrt.device.devicetree.points import DtPoint, read_points
from dfsrt.device.devicetree.tables import Table, find_table
from dfsrt.device.devicetree.voltages import (
    check_points,
    parse_volts,
    rail_of,
    with_bins,
    with_volts,
)
from dfsrt.device.load import device_names, load_device, parse_device_file
from dfsrt.device.schema import FORMAT

_ANY_UV = 800_000
"""Stands for voltages that are asked for after the hardware."""


class ImportedDevice(NamedTuple):
    """A device file as TOML ``text``, and what of the device tree it leaves out."""

    text: str
    warnings: tuple[str, ...]


def import_device_tree(
    tree: DeviceTree | str,
    *,
    name: str = "",
    base: str = DEVICE,
    source: str = "device tree",
    supported_hw: Versions | None = None,
    table: str = "",
    default_bin: str = "",
    volts: Sequence[str] = (),
) -> ImportedDevice:
    """Return a device file with operating points of ``tree``, all else from preset ``base``.

    A text is device-tree source that errors call ``source``. ``supported_hw`` is the hardware
    version, a number a level. ``table`` is the table's label, path or name where there are
    several, or the device that uses it. ``volts`` are voltages for points without any, like
    ``64=600mV`` for those of level 64, or ``800mV``. Speed bins keep their names; where they are
    L1, L2, ... and no L0 is named, L0 is the plain voltage, as on Rockchip chips.

    Raises:
        DeviceError: an unknown preset or bin, or a tree from which no valid table follows.
    """
    if base not in device_names():
        raise DeviceError(unknown_name("preset", base, device_names()))
    given = parse_volts(volts)
    whole = tree_of(tree, source) if isinstance(tree, str) else tree
    try:
        chosen = find_table(whole, table)
        all_points, left_out = read_points(chosen, whole.missing)
        points, about_clocks = select_points(
            all_points, supported_hw, lambda some: _checked(some, {None: _ANY_UV, **given})
        )
        points, bins, default, about_bins = _checked(points, given, default_bin)
    except DeviceError as error:
        raise DeviceError(f"{whole.source}: {error}") from error
    title = name or re.sub(r"[^\w.-]", "-", Path(whole.source).stem)
    head: dict[str, TomlValue] = {
        "format": FORMAT,
        "base": base,
        "name": title,
        "description": f"Operating points of {whole.source}; all else as the preset {base}",
    }
    used = ", ".join(volts) if any(p.rail_uv is None and not p.bins for p in all_points) else ""
    tables, about_latency = document(points, bins, default, whole.source, used)
    states = _states(whole, chosen, base, points)
    if states.table:
        tables["idle"] = states.table
    text = toml_text({**head, **tables})
    parse_device_file(text, title)  # what is handed out loads
    notes = [*whole.notes, *left_out, *about_table(whole, chosen), *about_clocks, *about_bins]
    of_states = (*states.notes, *about_idle_states(whole, states.taken))
    return ImportedDevice(text, (*notes, *about_latency, *of_states))


def _states(tree: DeviceTree, table: Table, base: str, points: list[DtPoint]) -> TreeStates:
    low_uv = min(uv for p in points for uv in (rail_of(p), *p.bins.values()))
    try:
        return read_states(tree, table, load_device(base), low_uv)
    except DeviceError as error:
        raise DeviceError(f"{tree.source}: {error}") from error


def _checked(
    points: list[DtPoint], volts: dict[int | None, int], default_bin: str = ""
) -> tuple[list[DtPoint], list[str], str, list[str]]:
    """Return what ``with_bins`` does, of points that make a table."""
    plain, bins, default, notes = with_bins(with_volts(points, volts), default_bin)
    check_points(plain, bins)
    return plain, bins, default, notes
