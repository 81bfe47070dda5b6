"""Operating points in a device tree: the binding ``operating-points-v2``, node by node.

Source: Linux, Documentation/devicetree/bindings/opp/opp-v2-base.yaml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from dfsrt.device.dts_cells import numbers
from dfsrt.device.dts_tokens import error_at
from dfsrt.device.dts_tree import Node, Property

_BIN = "opp-microvolt-"
_READ = {
    "opp-hz",
    "opp-microvolt",
    "opp-supported-hw",
    "clock-latency-ns",
    "turbo-mode",
    "status",
}
_WITHOUT_MEANING = {"compatible", "opp-shared", "phandle", "linux,phandle"}


@dataclass(frozen=True, slots=True)
class DtPoint:
    """One ``opp-...`` node; ``hardware`` has the cells of each group of ``opp-supported-hw``."""

    line: int
    node: str
    freq_hz: int
    rail_uv: int
    bins: Mapping[str, int]
    hardware: tuple[tuple[int, ...], ...]
    latency_ns: int | None
    turbo: bool


def read_points(table: Node) -> tuple[list[DtPoint], list[str]]:
    """Return the enabled points of ``table``, in its order, and what was left out, as warnings.

    Raises:
        DeviceError: a point without clock or voltage, or a value that cannot be read.
    """
    if table.deletions:
        raise error_at(
            table.deletions[0].line,
            f"{table.deletions[0].text} in an operating-point table is not read; "
            "resolve the text with dtc first",
        )
    points, warnings = [], []
    for node in table.children.values():
        if _is_disabled(node):
            warnings.append(f"line {node.line}: {node.name} is not enabled by its status; skipped")
        else:
            points.append(_point(node))
    return points, [*warnings, *_ignored(table), *_extra_values(table)]


def _is_disabled(node: Node) -> bool:
    status = node.properties.get("status")
    return status is not None and status.strings[:1] not in (("okay",), ("ok",))


def _point(node: Node) -> DtPoint:
    hardware = node.properties.get("opp-supported-hw")
    latency = node.properties.get("clock-latency-ns")
    return DtPoint(
        line=node.line,
        node=node.name,
        freq_hz=_freq_hz(_required(node, "opp-hz")),
        rail_uv=_rail_uv(_required(node, "opp-microvolt")),
        bins={
            name.removeprefix(_BIN): _rail_uv(prop)
            for name, prop in node.properties.items()
            if name.startswith(_BIN) and name != _BIN
        },
        hardware=tuple(map(tuple, numbers(hardware))) if hardware else (),
        latency_ns=numbers(latency)[0][0] if latency else None,
        turbo="turbo-mode" in node.properties,
    )


def _required(node: Node, name: str) -> Property:
    if name not in node.properties:
        raise error_at(node.line, f"{node.name} has no {name}; add it, or take the node out")
    return node.properties[name]


def _freq_hz(prop: Property) -> int:
    """Return the first clock: one 64-bit cell, or two of 32 bits as dtc prints them."""
    cells = numbers(prop)[0]
    if prop.groups[0].bits == 64:
        return cells[0]
    if len(cells) < 2:
        raise error_at(
            prop.line, f"'opp-hz' has one 32-bit cell; write it like /bits/ 64 <{cells[0]}>"
        )
    return cells[0] << 32 | cells[1]


def _rail_uv(prop: Property) -> int:
    """Return the target voltage of the first regulator: ``<target>`` or ``<target min max>``."""
    cells = numbers(prop)[0]
    if len(cells) % 3 == 0 and not cells[1] <= cells[0] <= cells[2]:
        raise error_at(
            prop.line,
            f"'{prop.name}' has target {cells[0]}, minimum {cells[1]}, maximum {cells[2]}; "
            "the target lies between the two",
        )
    return cells[0]


def _ignored(table: Node) -> list[str]:
    """Say which properties mean nothing to a device file, once for each name."""
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for node in (table, *table.children.values()):
        for prop in node.properties.values():
            if node is not table and (prop.name in _READ or prop.name.startswith(_BIN)):
                continue
            if prop.name not in _WITHOUT_MEANING:
                counts[prop.name] += 1
                first.setdefault(prop.name, prop.line)
    return [
        f"line {first[name]}: property '{name}' is ignored"
        + (f" ({count} times)" if count > 1 else "")
        for name, count in counts.items()
    ]


def _extra_values(table: Node) -> list[str]:
    """Say where a point has more regulators or clocks than the first, which is read."""
    for node in table.children.values():
        volts, clocks = (node.properties.get(n) for n in ("opp-microvolt", "opp-hz"))
        if volts and (len(volts.groups) > 1 or _width(volts) not in (32, 96)):
            return [f"line {volts.line}: several regulators; only the first one's voltage is read"]
        if clocks and _width(clocks) > 64:
            return [f"line {clocks.line}: several clocks; only the first one is read"]
    return []


def _width(prop: Property) -> int:
    """Return the bits of all cells of ``prop``."""
    return sum(len(group.cells) * group.bits for group in prop.groups)
