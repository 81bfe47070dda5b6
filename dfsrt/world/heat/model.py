"""The heat model: a lumped network of nodes, thermal resistances and the air around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.base.names import one_of
from dfsrt.base.ranged import Ranged
from dfsrt.world.heat.steps import Modes

AMBIENT = "ambient"
"""The name of the air around, which no power heats."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something at one temperature, with its heat capacity in J/K."""

    name: str
    heat_capacity: Ranged


@dataclass(frozen=True, slots=True)
class Link:
    """A thermal resistance in K/W between two nodes, or a node and the air."""

    name: str
    between: tuple[str, str]
    resistance: Ranged


@dataclass(frozen=True, slots=True)
class HeatModel:
    """A lumped RC network.

    ``die`` is the node of the NPU, ``board`` that of power conversion, ``cell`` that of the
    battery and ``skin`` what a hand touches.

    Raises:
        InputError: a name that is no node, a node that cannot get rid of its heat.

    Limits: one temperature a node; resistances do not depend on temperature; no phase change.
    """

    name: str
    what: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    die: str
    board: str
    cell: str
    skin: str

    def __post_init__(self) -> None:
        names = [node.name for node in self.nodes]
        if len(set(names)) < len(names) or AMBIENT in names:
            raise InputError(
                f"heat model '{self.name}' names a node twice or '{AMBIENT}'; give each its own"
            )
        ends = [end for link in self.links for end in link.between if end != AMBIENT]
        for name in (self.die, self.board, self.cell, self.skin, *ends):
            if name not in names:
                raise InputError(
                    f"heat model '{self.name}' has no node '{name}'; "
                    + one_of(name, [*names, AMBIENT])
                )
        for name in names:
            if not self._reaches_air(name):
                raise InputError(
                    f"heat model '{self.name}': node '{name}' has no way to the air; "
                    "add a link that leads there"
                )

    def place(self, node: str) -> int:
        """Return the number of ``node``."""
        return [n.name for n in self.nodes].index(node)

    def _reaches_air(self, start: str) -> bool:
        seen = {start}
        while True:
            more = {e for link in self.links if seen & set(link.between) for e in link.between}
            if more <= seen:
                return AMBIENT in seen
            seen |= more

    def conductance(self) -> tuple[Floats, Floats]:
        """Return watts per kelvin: between nodes as a Laplacian, ``(n, n)``, and to the air."""
        n = len(self.nodes)
        inner, to_air = np.zeros((n, n)), np.zeros(n)
        for link in self.links:
            g = 1.0 / link.resistance.value
            ends = [self.place(e) for e in link.between if e != AMBIENT]
            if len(ends) == 1:
                to_air[ends[0]] += g
            elif len(ends) == 2:
                a, b = ends
                inner[[a, b], [a, b]] += g
                inner[[a, b], [b, a]] -= g
        return inner, to_air

    def modes(self) -> Modes:
        """Return the network's eigenmodes, with which any step has a closed form.

        C dT/dt = P - G T, with T over ambient, is symmetric in the variable C^½ T; so its modes
        are real, and each relaxes by itself.
        """
        inner, to_air = self.conductance()
        root = np.sqrt([node.heat_capacity.value for node in self.nodes])
        matrix = (inner + np.diag(to_air)) / root[:, None] / root[None, :]
        rate, vectors = np.linalg.eigh(matrix)
        return Modes(
            rate=rate,
            to_mode=np.ascontiguousarray(vectors.T * root[None, :]),
            to_node=np.ascontiguousarray(vectors / root[:, None]),
            watts_to_mode=np.ascontiguousarray(vectors.T / root[None, :]),
        )
