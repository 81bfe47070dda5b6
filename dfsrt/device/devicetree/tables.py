"""Where operating points stand in a device tree, and which table is meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device.devicetree.node import DeviceTree, Node

_SHOWN, _KNOWN = 24, 200


@dataclass(frozen=True)
class Table:
    """A node with points by ``key``: a property of its children, or of its own (``pairs``).

    ``users`` are the devices whose ``operating-points-v2`` points at it.
    """

    node: Node
    key: str
    users: tuple[Node, ...] = ()

    @property
    def title(self) -> str:
        """Its label, else its path: what chooses it."""
        return self.node.labels[0] if self.node.labels else self.node.path

    @property
    def shown(self) -> str:
        """Its title, and the first device that uses it."""
        more = f" and {len(self.users) - 1} more" if len(self.users) > 1 else ""
        return self.title + (f" (of {self.users[0].name}{more})" if self.users else "")

    @property
    def names(self) -> set[str]:
        """All that it may be called by: its own names, those of its users and of what holds it.

        Also without their unit addresses: ``npu`` is ``npu@fdab0000``.
        """
        above = self.node.parent
        nodes = (self.node, *self.users, *([above] if above and above.parent else []))
        return {
            name for n in nodes for name in (n.name, n.name.partition("@")[0], n.path, *n.labels)
        }


V2, V1, POWER_LEVELS = "opp-hz", "operating-points", "qcom,gpu-freq"
_WITHOUT_CLOCK = {
    "opp-level": "performance levels",
    "opp-microvolt": "voltages",
    "opp-peak-kBps": "bandwidths",
    "required-opps": "needs of other tables",
}


def find_table(tree: DeviceTree, wanted: str) -> Table:
    """Return the table with label, path, name or user ``wanted``; empty means the only one.

    Raises:
        DeviceError: no table, none of that name, several, or points of a table that is elsewhere.
    """
    tables = _tables(tree)
    if not tables:
        raise DeviceError(_nothing(tree))
    if wanted:
        chosen = _called(tables, wanted)
        if not chosen:
            raise DeviceError(
                unknown_name("operating-point table", wanted, [t.title for t in tables][:_KNOWN])
            )
    else:
        chosen = _different(tables)
    if len(chosen) > 1:
        raise DeviceError(
            f"{len(chosen)} operating-point tables; choose one with --table: {_list(chosen)}"
        )
    if chosen[0].node in tree.strangers.values() and not wanted:
        raise DeviceError(_elsewhere(tree, chosen[0]))
    return chosen[0]


def _tables(tree: DeviceTree) -> list[Table]:
    users: dict[Node, list[Node]] = {}
    for node in tree.walk():
        for target in node.targets("operating-points-v2"):
            users.setdefault(target, []).append(node)
    tables = []
    for node in tree.walk():
        if V1 in node.properties:
            tables.append(Table(node, V1))
        for key in (V2, POWER_LEVELS):
            if any(key in child.properties for child in node.children.values()):
                tables.append(Table(node, key, tuple(users.get(node, ()))))
    return tables


def _called(tables: list[Table], wanted: str) -> list[Table]:
    exact = [t for t in tables if wanted == t.node.path or wanted in t.node.labels]
    return exact or [t for t in tables if wanted in t.names]


def _different(tables: list[Table]) -> list[Table]:
    """Return ``tables`` without those of older bindings that only repeat an earlier one."""
    pairs: set[bytes] = set()
    different = []
    for table in tables:
        value = table.node.properties[V1].value if table.key == V1 else b""
        if not value or value not in pairs:
            different.append(table)
        pairs.add(value)
    return different


def _list(tables: Iterable[Table]) -> str:
    names = [table.shown for table in tables]
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _elsewhere(tree: DeviceTree, table: Table) -> str:
    what = "an overlay: it" if tree.is_overlay else "a part: it"
    where = (
        f"what it includes is not there ({tree.missing[0]}): give its folder with -I DIR"
        if tree.missing
        else f"give the board's tree, too, like import-dt BOARD.dtb {tree.source}"
    )
    return (
        f"{table.node.place}: this is {what} adds to '{table.title}', which is defined elsewhere; "
        f"{where}, or take its points alone with --table {table.title}"
    )


def _nothing(tree: DeviceTree) -> str:
    """Say what there is instead of points with clocks."""
    other = {
        f"'{node.labels[0] if node.labels else node.path}' has {what} ({key})"
        for node in tree.walk()
        for key, what in _WITHOUT_CLOCK.items()
        if any(key in child.properties for child in node.children.values())
    }
    parts = ["no node holds points with opp-hz"]
    parts += [f"{sorted(other)[0]} and no clocks"] if other else []
    if tree.missing:
        parts.append(f"not found: {', '.join(tree.missing[:3])}, whose folder -I DIR gives")
    elif tree.is_overlay or any(top is not tree.root for top in tree.tops()):
        parts.append("it adds to a tree that is defined elsewhere, so give that file, too")
    else:
        parts.append("give the text of an operating-points-v2 table")
    return "; ".join(parts)
