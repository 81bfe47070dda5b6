"""Where a device's file names a part of DRAM: the part's numbers lie below the file's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import sought_in
from dfsrt.base.tomlfile import Table

Chain = list[tuple[str, Table]]
"""A device's file and its bases, each with its name."""
CHOICES = frozenset({"channels", "map", "layout", "powers_down", "source", "range"})
"""What is said of a part, and is none."""


def with_part(chain: Chain) -> Chain:
    """Return the chain with the part that its first file with a ``dram.part`` names, at its end.

    What bases of that file say of another part is left out. A part's file is sought beside the file
    that names it.

    Raises:
        InputError: no such part.
        DeviceError: a part's file that breaks a rule, or choices without a part.
    """
    for place, (name, raw) in enumerate(chain):
        part = _dram(raw).get("part")
        if isinstance(part, str) and part:
            above = chain[: place + 1]
            below = [(base, _without_dram(table)) for base, table in chain[place + 1 :]]
            from dfsrt.device.dram.load import part_tables

            path = sought_in(Path(name).parent, part, ".toml")
            return [*above, *below, (part, {"dram": part_tables(path)})]
    keys = {key for _, raw in chain for key in _dram(raw)}
    if keys and keys <= CHOICES:
        raise DeviceError(
            f"device '{chain[0][0]}': dram names no part; add one, like part = \"lpddr4-3200\", "
            "or its organisation, timing and supply"
        )
    return chain


def _dram(raw: Table) -> Mapping[str, object]:
    table = raw.get("dram")
    return table if isinstance(table, Mapping) else {}


def _without_dram(raw: Table) -> Table:
    return {key: value for key, value in raw.items() if key != "dram"}
