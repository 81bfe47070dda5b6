"""From the tables of a file to a checked ``Dram``."""

from __future__ import annotations

import math
from dataclasses import fields

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.device.dram.address import parse_map
from dfsrt.device.dram.dram import Dram, Layout
from dfsrt.device.dram.organisation import Organisation
from dfsrt.device.dram.schema import (
    DramEntry,
    OrganisationEntry,
    PartFile,
    SourcedTable,
    TimingEntry,
)
from dfsrt.device.dram.supply import Energies, Supply
from dfsrt.device.dram.timing import Timing

_TWINS = {"trrd_l": "trrd_s", "tccd_l": "tccd_s", "twtr_l": "twtr_s"}
"""Times inside a bank group, and the ones between groups that they are where nobody says them."""


def build_dram(entry: DramEntry | PartFile, name: str, description: str = "") -> Dram:
    """Return the DRAM of a file's tables.

    Raises:
        DeviceError: a number that is out of its range, or two that contradict.
        InputError: an unknown layout, or a map that misses a field.
    """
    choices = entry if isinstance(entry, DramEntry) else None
    return Dram(
        name=name,
        description=description,
        organisation=_organisation(entry.organisation),
        timing=_timing(entry.timing),
        supplies=tuple(Supply(key, **_numbers(one, Supply)) for key, one in entry.supply.items()),
        energies=None if entry.energy is None else Energies(**_numbers(entry.energy, Energies)),
        channels=choices.channels if choices else 1,
        map=parse_map(choices.map if choices else ""),
        layout=layout_of(choices.layout if choices else ""),
        powers_down=choices.powers_down if choices else False,
    )


def layout_of(text: str) -> Layout:
    """Return the layout of that name; empty means channel-first.

    Raises:
        InputError: no such layout.
    """
    if text and text not in list(Layout):
        raise InputError(unknown_name("layout", text, Layout))
    return Layout(text or Layout.CHANNEL_FIRST)


def _organisation(e: OrganisationEntry) -> Organisation:
    return Organisation(
        e.width_bits, e.bank_groups, e.banks, e.row_bytes, e.burst_bytes, e.ranks, e.devices
    )


def _timing(entry: TimingEntry) -> Timing:
    said = _numbers(entry, Timing)
    for inside, between in _TWINS.items():
        said.setdefault(inside, said[between])
    if entry.unit == "ns":
        said = {k: v if k == "tck_ns" else _in_clocks(v, entry.tck_ns) for k, v in said.items()}
    said.setdefault("trc", said["tras"] + said["trp"])
    return Timing(**said)


def _in_clocks(value_ns: float, tck_ns: float) -> float:
    """Whole clocks that cover a time; nearly whole ones do. An odd clock is refused later."""
    if not tck_ns > 0 or not math.isfinite(value_ns / tck_ns):
        return value_ns
    return float(math.ceil(value_ns / tck_ns - 1e-6))


def _numbers(table: SourcedTable, of: type[object]) -> dict[str, float]:
    """What a table says of the fields ``of`` a dataclass has; what it leaves out is not there."""
    names = [field.name for field in fields(of) if hasattr(table, field.name)]  # type: ignore[arg-type]
    said = {name: getattr(table, name) for name in names}
    return {name: value for name, value in said.items() if value is not None}
