"""Thermal zones and trips, from a file's tables."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.base.names import one_of
from dfsrt.base.ranged import read_ranged
from dfsrt.base.units import parse_freq_hz, parse_quantity, parse_share, parse_temperature_c
from dfsrt.world.heat import HeatModel
from dfsrt.world.schema import TripTable, ZoneTable
from dfsrt.world.zone import Trip, Zone


def read_zone(number: int, table: ZoneTable, heat: HeatModel) -> Zone:
    """Return the thermal zone that is ``number`` in its file.

    Raises:
        InputError: a node or a value that cannot be.
    """
    what = f"heat.zone {number + 1}"
    check_node(table.node, heat, what)
    on_c = parse_temperature_c(table.switch_on, f"{what}: switch_on")
    control_c = parse_temperature_c(table.control, f"{what}: control")
    if control_c <= on_c:
        raise InputError(
            f"{what}: control {control_c:g} C is not above switch_on {on_c:g} C; raise it"
        )
    return Zone(
        f"{table.node}{number + 1}",
        table.node,
        on_c,
        control_c,
        read_ranged(table.sustainable, "W", f"{what}: sustainable", 1e-3),
        table.k_po,
        table.k_pu,
        table.k_i,
        table.k_d,
        parse_quantity(table.integral_cutoff, "C", f"{what}: integral_cutoff"),
    )


def read_trip(table: TripTable, heat: HeatModel) -> Trip:
    """Return a trip.

    Raises:
        InputError: a node or a value that cannot be.
    """
    check_node(table.node, heat, "heat.trip")
    above = parse_temperature_c(table.above, "heat.trip.above")
    width = parse_quantity(table.hysteresis, "C", "heat.trip.hysteresis")
    if width < 0:
        raise InputError(f"heat.trip.hysteresis {width:g} C is negative; give 0 or more")
    freq_hz = parse_freq_hz(table.max_freq, "heat.trip.max_freq")
    return Trip(table.node, above, above - width, freq_hz, table.source)


def read_grid(text: str | float) -> float:
    """Return the share by which a zone's budget must change to count.

    Raises:
        InputError: a share outside 0.1 % to 50 %.
    """
    grid = parse_share(text, "heat.grid")
    if not 0.001 <= grid <= 0.5:
        raise InputError(f"heat.grid '{text}' is out of range; give 0.1 % to 50 %")
    return grid


def check_node(node: str, heat: HeatModel, what: str) -> None:
    """Check that ``heat`` has a node of that name.

    Raises:
        InputError: it has none.
    """
    names = [n.name for n in heat.nodes]
    if node not in names:
        raise InputError(
            f"{what}: heat model '{heat.name}' has no node '{node}'; {one_of(node, names)}"
        )
