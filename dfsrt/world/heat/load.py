"""Loading a heat model from a name or a TOML file."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import read_ranged
from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.world.heat.model import HeatModel, Link, Node
from dfsrt.world.heat.schema import FORMAT, HeatFile, LinkTable

SHELF = Path(__file__).parent / "shelf"
LEAST = 1e-6


def heat_names() -> tuple[str, ...]:
    """Return the names that ``load_heat`` knows besides files."""
    return shelf_names(SHELF)


def load_heat(text: str) -> HeatModel:
    """Return the heat model of a name or a ``.toml`` file.

    Raises:
        InputError: no such model, a key or a value that does not fit.
    """
    path = shelf_path(text, SHELF, "heat model")
    file = read_toml(path, HeatFile, "heat model", heat_names())
    check_format(file.format, FORMAT, "heat model", path)
    where = f"heat model '{path}'"
    nodes = tuple(
        Node(
            n.name,
            read_ranged(n.heat_capacity, "J/K", f"{where}: heat_capacity of '{n.name}'", LEAST),
        )
        for n in file.node
    )
    links = tuple(_link(table, where) for table in file.link)
    return HeatModel(file.name, file.what, nodes, links, file.die, file.board, file.cell, file.skin)


def _link(table: LinkTable, where: str) -> Link:
    if len(table.between) != 2 or table.between[0] == table.between[1]:
        raise InputError(
            f"{where}: link between {table.between} does not join two things; "
            "give two names, like ['die', 'board']"
        )
    a, b = table.between
    name = f"{a}-{b}"
    resistance = read_ranged(table.resistance, "K/W", f"{where}: resistance of '{name}'", LEAST)
    return Link(name, (a, b), resistance)
