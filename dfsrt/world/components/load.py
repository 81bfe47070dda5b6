"""Loading a component from a name or a TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from dfsrt.base.ranged import Quantity, read_ranged
from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.world.components.component import Component

SHELF = Path(__file__).parent / "shelf"
FORMAT = 1


class ComponentFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a component's file may say; ``memory`` is that of main memory itself.

    ``state`` has watts by the name of a state, ``event`` joules by that of an event. It gives off
    its heat at a ``node`` of the heat model, and draws ``at`` the battery or a rail of the PMIC.
    """

    format: int
    name: str
    what: str
    node: str
    at: Literal["battery", "rail"]
    state: dict[str, Quantity] = {}
    event: dict[str, Quantity] = {}
    memory: bool = False


def component_names() -> tuple[str, ...]:
    """Return the names that ``load_component`` knows besides files."""
    return shelf_names(SHELF)


def load_component(text: str) -> Component:
    """Return the component of a name or a ``.toml`` file.

    Raises:
        InputError: no such component, a key or a value that does not fit.
    """
    path = shelf_path(text, SHELF, "component")
    file = read_toml(path, ComponentFile, "component", component_names())
    check_format(file.format, FORMAT, "component", path)
    where = f"component '{path}'"
    return Component(
        name=file.name,
        what=file.what,
        node=file.node,
        at=file.at,
        states={
            n: read_ranged(table, "W", f"{where}: state '{n}'") for n, table in file.state.items()
        },
        events={
            n: read_ranged(table, "J", f"{where}: event '{n}'") for n, table in file.event.items()
        },
        is_memory=file.memory,
    )
