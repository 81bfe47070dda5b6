"""The heat model's file: what TOML may say."""

from __future__ import annotations

import msgspec

from dfsrt.base.ranged import Quantity

FORMAT = 1


class NodeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A node with its ``heat_capacity`` in J/K."""

    name: str
    heat_capacity: Quantity


class LinkTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A thermal ``resistance`` in K/W ``between`` two nodes, or a node and ``ambient``."""

    between: list[str]
    resistance: Quantity


class HeatFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file: each ``node`` and each ``link`` between two.

    ``die``, ``board`` and ``cell`` name the nodes at which the NPU, its DRAM with power conversion,
    and the battery give off heat, ``skin`` the one that people touch.
    """

    format: int
    name: str
    what: str
    die: str
    board: str
    cell: str
    skin: str
    node: list[NodeTable]
    link: list[LinkTable]
