"""Operating points as a device tree has them: clocks, voltages by bin, levels, hardware.

Source: Linux, Documentation/devicetree/bindings/opp/opp-v2-base.yaml and opp-v1.yaml; Qualcomm's
kernels, Documentation/devicetree/bindings/gpu/adreno-pwrlevels.txt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree.node import Node, Property
from dfsrt.device.devicetree.tables import POWER_LEVELS, V1, V2, Table

LEAST_UV = 100_000
"""Less is no voltage that logic runs at, but a number of a corner: RPMh's are 16 to 480."""

BIN = "opp-microvolt-"
LEVELS = ("opp-level", "qcom,level", "qcom,corner", "qcom,cx-level")


@dataclass(frozen=True, slots=True)
class DtPoint:
    """One point; ``hardware`` has the cells of ``opp-supported-hw``.

    ``rail_uv`` is ``None`` where the tree names no voltage, or ``level``, a corner, in its place.
    """

    place: str
    node: str
    freq_hz: int
    rail_uv: int | None
    bins: Mapping[str, int] = field(default_factory=dict)
    hardware: tuple[int, ...] = ()
    latency_ns: int | None = None
    turbo: bool = False
    level: int | None = None


def error_at(place: str, message: str) -> DeviceError:
    """Return the error for what stands at ``place`` of a device tree."""
    return DeviceError(f"{place}: {message}")


def read_points(table: Table, missing: list[str]) -> tuple[list[DtPoint], list[str]]:
    """Return the enabled points of ``table``, in its order, and what was left out, as notes.

    ``missing`` has the included files that were not found.

    Raises:
        DeviceError: a value that cannot be read.
    """
    if table.key == V1:
        return _pairs(table.node.properties[V1], table.node, missing), []
    points, notes = [], []
    for node in table.node.children.values():
        if table.key not in node.properties:
            notes.append(f"{node.place}: {node.name} has no {table.key}; skipped")
        elif is_disabled(node):
            notes.append(f"{node.place}: {node.name} is not enabled by its status; skipped")
        elif table.key == POWER_LEVELS:
            points.append(_power_level(node, missing))
        else:
            points.append(_point(node, missing))
    if table.key == POWER_LEVELS:
        notes += [f"{p.place}: {p.node} sleeps at 0 Hz; skipped" for p in points if not p.freq_hz]
        points = [point for point in points if point.freq_hz]
    return points, notes


def cells_of(prop: Property, missing: list[str]) -> tuple[int, ...]:
    """Return the 32-bit numbers of ``prop``.

    Raises:
        DeviceError: a macro that nothing defines, or no number.
    """
    if prop.macro:
        gone = f" (not found: {', '.join(missing[:3])})" if missing else ""
        raise error_at(
            prop.place,
            f"'{prop.name}' holds '{prop.macro}', which nothing defines{gone}; give the folder "
            f"of what defines it with -I DIR, or its value with -D {prop.macro}=NUMBER",
        )
    if not prop.cells:
        raise error_at(prop.place, f"'{prop.name}' has no number; write it like <850000>")
    return prop.cells


def is_disabled(node: Node) -> bool:
    """Tell whether the status of a node says that it is not in use."""
    status = node.properties.get("status")
    return status is not None and status.text not in ("okay", "ok")


def _point(node: Node, missing: list[str]) -> DtPoint:
    said = {name: prop for name, prop in node.properties.items() if name.startswith(BIN)}
    rails = {name.removeprefix(BIN): _rail_uv(cells_of(p, missing), p) for name, p in said.items()}
    plain = node.properties.get("opp-microvolt")
    rail_uv = _rail_uv(cells_of(plain, missing), plain) if plain else _needed_uv(node)
    corner = None if rail_uv is None or rail_uv >= LEAST_UV else rail_uv
    return DtPoint(
        place=node.place,
        node=node.name,
        freq_hz=_freq_hz(node.properties[V2], missing),
        rail_uv=rail_uv if corner is None else None,
        bins={name: uv for name, uv in rails.items() if uv >= LEAST_UV and name},
        hardware=_cells(node, "opp-supported-hw", missing),
        latency_ns=next(iter(_cells(node, "clock-latency-ns", missing)), None),
        turbo="turbo-mode" in node.properties,
        level=_level(node) if corner is None else corner,
    )


def _cells(node: Node, name: str, missing: list[str]) -> tuple[int, ...]:
    prop = node.properties.get(name)
    return cells_of(prop, missing) if prop else ()


def _freq_hz(prop: Property, missing: list[str]) -> int:
    """Return the first clock, of 64 bits."""
    cells = cells_of(prop, missing)
    if len(cells) < 2:
        raise error_at(
            prop.place, f"'opp-hz' has one 32-bit cell; write it like /bits/ 64 <{cells[0]}>"
        )
    return cells[0] << 32 | cells[1]


def _rail_uv(cells: tuple[int, ...], prop: Property) -> int:
    """Return the target voltage of the first regulator: ``<target>`` or ``<target min max>``."""
    if len(cells) % 3 == 0 and not cells[1] <= cells[0] <= cells[2]:
        raise error_at(
            prop.place,
            f"'{prop.name}' has target {cells[0]}, minimum {cells[1]}, maximum {cells[2]}; "
            "the target lies between the two",
        )
    return cells[0]


def _needed_uv(node: Node) -> int | None:
    """Return the highest voltage of the points that this one requires in other tables."""
    rails = [n.properties.get("opp-microvolt") for n in node.targets("required-opps")]
    known = [prop.cells[0] for prop in rails if prop and prop.cells]
    return max((uv for uv in known if uv >= LEAST_UV), default=None)


def _level(node: Node) -> int | None:
    """Return the corner of a point, or the highest of those that it requires."""
    for nodes in ([node], node.targets("required-opps")):
        props = [n.properties[name] for n in nodes for name in LEVELS if name in n.properties]
        levels = [prop.cells[0] for prop in props if prop.cells]
        if levels:
            return max(levels)
    return None


def _pairs(prop: Property, node: Node, missing: list[str]) -> list[DtPoint]:
    """Return the points of the first binding: a row of kHz and uV."""
    cells = cells_of(prop, missing)
    if len(cells) % 2:
        raise error_at(
            prop.place,
            f"'{prop.name}' has {len(cells)} numbers; write pairs of kHz and uV, like "
            "<1008000 1400000>",
        )
    latency = next(iter(_cells(node, "clock-latency", missing)), None)
    return [
        DtPoint(prop.place, f"{khz} kHz", khz * 1000, rail_uv, latency_ns=latency)
        if rail_uv >= LEAST_UV
        else DtPoint(prop.place, f"{khz} kHz", khz * 1000, None, level=rail_uv)
        for khz, rail_uv in zip(cells[::2], cells[1::2], strict=True)
    ]


def _power_level(node: Node, missing: list[str]) -> DtPoint:
    """Return the point of a GPU's power level; the one of 0 Hz only sleeps."""
    freq_hz = cells_of(node.properties[POWER_LEVELS], missing)[0]
    return DtPoint(node.place, node.name, freq_hz, None, level=_level(node))
