"""Loading a battery from a name or a TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from dfsrt.base.ranged import Quantity, Ranged, read_ranged
from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.base.units import parse_temperature_c
from dfsrt.world.battery.battery import Battery, RcPair

SHELF = Path(__file__).parent / "shelf"
FORMAT = 1


class OcvTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rested voltage: ``volts`` in V at ``soc``, shares of the charge."""

    soc: list[float]
    volts: list[float]
    source: str


class RcTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An RC pair: its ``resistance`` (ohm), and its ``time_constant`` in seconds."""

    resistance: Quantity
    time_constant: Quantity


class BatteryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a battery's file may say.

    ``capacity`` (Ah) and ``resistance`` (ohm) are those of a new cell at ``reference_temperature``;
    the resistance grows towards the cold with ``activation_energy`` (J/mol). ``path_resistance``
    lies between the cell and the device. ``ocv`` is the rested voltage, ``rc`` are up to two RC
    pairs. The device goes down in order at ``cutoff`` (V), and fails at once below ``brownout``
    (V). The model ``kibam`` has ``at_hand``, the share of the charge that can be drawn at once,
    and ``rate`` (1/s) at which the rest follows; ``peukert`` has an ``exponent``, from
    ``rated_current`` (A) on.
    """

    format: int
    name: str
    what: str
    model: Literal["ecm", "kibam", "peukert"]
    capacity: Quantity
    reference_temperature: str
    resistance: Quantity
    activation_energy: Quantity
    path_resistance: Quantity
    cutoff: Quantity
    brownout: Quantity
    ocv: OcvTable
    rc: list[RcTable] = []
    at_hand: Quantity | None = None
    rate: Quantity | None = None
    exponent: Quantity | None = None
    rated_current: Quantity | None = None


def battery_names() -> tuple[str, ...]:
    """Return the names that ``load_battery`` knows besides files."""
    return shelf_names(SHELF)


def load_battery(text: str) -> Battery:
    """Return the battery of a name or a ``.toml`` file.

    Raises:
        InputError: no such battery, a key or a value that does not fit.
    """
    path = shelf_path(text, SHELF, "battery")
    file = read_toml(path, BatteryFile, "battery", battery_names())
    check_format(file.format, FORMAT, "battery", path)
    where = f"battery '{path}'"

    def number(key: str, unit: str, least: float = 0.0) -> Ranged:
        return read_ranged(getattr(file, key), unit, f"{where}: {key}", least)

    def maybe(key: str, unit: str) -> Ranged | None:
        return None if getattr(file, key) is None else number(key, unit, 1e-9)

    return Battery(
        name=file.name,
        what=file.what,
        model=file.model,
        capacity_ah=number("capacity", "Ah", 1e-3),
        ocv_soc=tuple(file.ocv.soc),
        ocv_v=tuple(file.ocv.volts),
        ocv_source=file.ocv.source,
        reference_c=parse_temperature_c(file.reference_temperature, f"{where}: reference"),
        resistance=number("resistance", "Ohm", 1e-6),
        activation=number("activation_energy", "J/mol"),
        path=number("path_resistance", "Ohm"),
        cutoff=number("cutoff", "V", 1e-3),
        brownout=number("brownout", "V", 1e-3),
        rc=tuple(_pair(k + 1, table, where) for k, table in enumerate(file.rc)),
        at_hand=maybe("at_hand", ""),
        rate=maybe("rate", "/s"),
        exponent=maybe("exponent", ""),
        rated_a=maybe("rated_current", "A"),
    )


def _pair(number: int, table: RcTable, where: str) -> RcPair:
    what = f"{where}: rc pair {number}"
    return RcPair(
        f"rc{number}",
        read_ranged(table.resistance, "Ohm", f"{what}: resistance", 1e-9),
        read_ranged(table.time_constant, "s", f"{what}: time_constant", 1e-3),
    )
