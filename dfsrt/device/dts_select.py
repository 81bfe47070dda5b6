"""Which table of a device tree, and which of its points, one piece of hardware has."""

from __future__ import annotations

from itertools import pairwise

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device.dts_opp import DtPoint
from dfsrt.device.dts_tokens import error_at
from dfsrt.device.dts_tree import Node


def parse_supported_hw(text: str) -> tuple[int, ...]:
    """Return the hardware version in ``text``, one number a level, as in ``0xf9,0xffff``.

    Raises:
        DeviceError: no number, or one that is not of 32 bits.
    """
    try:
        levels = tuple(int(part, 0) for part in text.split(","))
    except ValueError:
        levels = ()
    if not levels or not all(0 <= level < 2**32 for level in levels):
        raise DeviceError(
            f"supported hardware '{text}' is not a list of 32-bit numbers; "
            "write it like 0xf9,0xffff"
        )
    return levels


def find_table(root: Node, wanted: str) -> Node:
    """Return the operating-point table with label or name ``wanted``; empty means the only one.

    Raises:
        DeviceError: no table, none of that name, or several to choose from.
    """
    tables = [node for node in root.walk() if _is_table(node)]
    titles = [_title(node) for node in tables]
    if not tables:
        raise DeviceError(
            "no node holds points with opp-hz; give the text of an operating-points-v2 table"
        )
    if wanted:
        tables = [node for node in tables if wanted == node.name or wanted in node.labels]
        if not tables:
            raise DeviceError(unknown_name("operating-point table", wanted, titles))
    if len(tables) > 1:
        raise DeviceError(
            f"{len(tables)} operating-point tables; choose one with --table: {', '.join(titles)}"
        )
    return tables[0]


def _is_table(node: Node) -> bool:
    return any("opp-hz" in child.properties for child in node.children.values())


def _title(node: Node) -> str:
    return node.labels[0] if node.labels else node.name


def select_points(points: list[DtPoint], supported_hw: tuple[int, ...] | None) -> list[DtPoint]:
    """Return the points of hardware ``supported_hw``, slowest first; ``None`` means all.

    A point without ``opp-supported-hw`` belongs to all hardware.

    Raises:
        DeviceError: no point is left, or two carry the same clock.
    """
    chosen = [p for p in points if supported_hw is None or _supports(p, supported_hw)]
    if not chosen:
        raise DeviceError(
            "no enabled point is left"
            + (f" for hardware {_shown(supported_hw)}" if supported_hw else "")
            + _known_masks(points)
        )
    ordered = sorted(chosen, key=lambda point: point.freq_hz)
    for low, high in pairwise(ordered):
        if low.freq_hz == high.freq_hz:
            raise error_at(
                high.line,
                f"{high.node} has the clock {high.freq_hz} Hz of {low.node} in line {low.line}"
                + (_known_masks([low, high], points) or "; keep one of them"),
            )
    return ordered


def _supports(point: DtPoint, supported_hw: tuple[int, ...]) -> bool:
    """Tell whether every level of some group shares a bit with the hardware's."""
    cells = [cell for group in point.hardware for cell in group]
    levels = len(supported_hw)
    if len(cells) % levels:
        raise error_at(
            point.line,
            f"{point.node}: opp-supported-hw has {len(cells)} levels, --supported-hw has "
            f"{levels} ({_shown(supported_hw)}); give one number a level{_known_masks([point])}",
        )
    groups = (cells[i : i + levels] for i in range(0, len(cells), levels))
    return not cells or any(
        all(a & b for a, b in zip(group, supported_hw, strict=True)) for group in groups
    )


def _known_masks(clashing: list[DtPoint], points: list[DtPoint] | None = None) -> str:
    """Say which hardware the points name, where they name any."""
    if not any(point.hardware for point in clashing):
        return ""
    masks = {_shown(group): None for p in points or clashing for group in p.hardware}
    return f"; choose the hardware with --supported-hw, one of: {' '.join(masks)}"


def _shown(levels: tuple[int, ...]) -> str:
    return ",".join(f"{level:#x}" for level in levels)
