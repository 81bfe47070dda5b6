"""What a device file has no place for, said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from dfsrt.device.devicetree.node import DeviceTree, Node
from dfsrt.device.devicetree.points import BIN, LEVELS
from dfsrt.device.devicetree.tables import V1, V2, Table

_READ = {
    *("opp-hz", "opp-microvolt", "opp-supported-hw", "clock-latency-ns", "turbo-mode", "status"),
    *("qcom,gpu-freq", "reg"),
}
_WITHOUT_MEANING = {
    *("compatible", "opp-shared", "phandle", "linux,phandle"),
    *("#address-cells", "#size-cells"),
}
_IDLE = ("idle-state", "domain-idle-state")
_NAMED = 4


def about_table(tree: DeviceTree, table: Table) -> list[str]:
    """Say which properties of ``table`` mean nothing to a device file, once for each name."""
    if table.key == V1:
        return []
    elsewhere = (
        [f"{table.node.place}: '{table.title}' is defined elsewhere; what it has there is missing"]
        if table.node in tree.strangers.values()
        else []
    )
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for node in (table.node, *table.node.children.values()):
        for prop in node.properties.values():
            if node is not table.node and _is_read(prop.name, node):
                continue
            if prop.name not in _WITHOUT_MEANING:
                counts[prop.name] += 1
                first.setdefault(prop.name, prop.place)
    ignored = [
        f"{first[name]}: property '{name}' is ignored" + (f" ({count} times)" if count > 1 else "")
        for name, count in counts.items()
    ]
    return [*elsewhere, *ignored, *_extra_values(table.node)]


def _is_read(name: str, node: Node) -> bool:
    is_level = name in (*LEVELS, "required-opps") and "opp-microvolt" not in node.properties
    return name in _READ or name.startswith(BIN) or is_level


def _extra_values(table: Node) -> list[str]:
    """Say where a point has more regulators or clocks than the first, which is read."""
    for node in table.children.values():
        volts, clocks = (node.properties.get(n) for n in ("opp-microvolt", V2))
        if volts and len(volts.cells) not in (1, 3):
            return [f"{volts.place}: several regulators; only the first one's voltage is read"]
        if clocks and len(clocks.cells) > 2:
            return [f"{clocks.place}: several clocks; only the first one is read"]
    return []


def about_idle_states(tree: DeviceTree, taken: Collection[Node]) -> list[str]:
    """Name the idle states of ``tree`` that were not ``taken``, with their latencies: others'."""
    states = [node for node in tree.walk() if _is_idle_state(node) and node not in taken]
    if not states:
        return []
    named = "; ".join(_idle_state(node) for node in states[:_NAMED])
    more = f"; and {len(states) - _NAMED} more" if len(states) > _NAMED else ""
    what = "idle state is" if len(states) == 1 else "idle states are"
    return [f"{len(states)} {what} not taken over: {named}{more}"]


def _is_idle_state(node: Node) -> bool:
    kind = node.properties.get("compatible")
    kinds = kind.value.decode("utf-8", "replace").split("\0") if kind else []
    return any(name.rpartition(",")[2] in _IDLE for name in kinds)


def _idle_state(node: Node) -> str:
    parts = []
    for what in ("entry-latency", "exit-latency", "wakeup-latency", "min-residency"):
        prop = node.properties.get(f"{what}-us")
        if prop and prop.cells:
            parts.append(f"{what.replace('-', ' ')} {prop.cells[0]} us")
    return f"{node.name} ({', '.join(parts) or 'no latencies'})"
