"""The setting, from a file's tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import read_ranged
from dfsrt.base.units import (
    parse_period_ns,
    parse_quantity,
    parse_share,
    parse_temperature_c,
    parse_time_ns,
)
from dfsrt.world.battery import load_battery
from dfsrt.world.heat import load_heat
from dfsrt.world.npu_schedule import read_npu
from dfsrt.world.parse import beside, check_weight, in_order, parse_limit_w, read_share
from dfsrt.world.read_heat import read_grid, read_trip, read_zone
from dfsrt.world.read_use import read_uses
from dfsrt.world.schedule_table import parse_clock_ns
from dfsrt.world.schema import AmbientTable, CapBelow, PmicTable, SettingTables
from dfsrt.world.setting import PmicPoint, Setting

FINEST_TICK_NS = 10**7


def read_setting(tables: SettingTables, soc_caps: Iterable[CapBelow], folder: Path) -> Setting:
    """Return the setting of a file's tables; files that it names start from ``folder``.

    Raises:
        InputError: a name or a value that cannot be.
    """
    heat, battery = load_heat(beside(folder, tables.heat.model)), tables.battery
    start, starts = tables.heat.start, tables.starts
    starts_ns = None if starts is None else parse_clock_ns(starts, "starts")
    return Setting(
        uses=read_uses(tables.component, folder, heat, starts_ns),
        tick_ns=_tick_ns(tables.tick),
        soc_caps=tuple(_soc_cap(below) for below in soc_caps),
        ambient=read_ranged(tables.ambient.temperature, "C", "ambient.temperature", -60.0),
        ambient_changes=_ambient_changes(tables.ambient),
        pmic=_pmic(tables.pmic),
        heat=heat,
        start_c=None if start is None else parse_temperature_c(start, "heat.start"),
        npu_weight=check_weight(tables.heat.npu_weight, "heat.npu_weight"),
        grid=read_grid(tables.heat.grid),
        zones=tuple(read_zone(k, table, heat) for k, table in enumerate(tables.heat.zone)),
        trips=tuple(read_trip(table, heat) for table in tables.heat.trip),
        battery=load_battery(beside(folder, battery.cell)),
        charge=read_share(battery.charge, "battery.charge", 0.01),
        health=read_share(battery.health, "battery.health", 0.05),
        growth=read_ranged(battery.resistance_growth, "", "battery.resistance_growth", 1.0),
        npu=read_npu(tables.npu, starts_ns),
    )


def _tick_ns(text: str) -> int:
    tick_ns = parse_period_ns(text, "tick")
    if not FINEST_TICK_NS <= tick_ns <= 600 * 10**9:
        raise InputError(f"tick '{text}' is out of range; give 10 ms to 10 min")
    return tick_ns


def _soc_cap(below: CapBelow) -> tuple[float, float]:
    share = parse_share(below.charge, "cap.below.charge")
    limit_w = parse_limit_w(below.limit, "cap.below.limit")
    if not 0 < share <= 1:
        raise InputError(f"cap.below.charge {share:g} is out of range; give 1 % to 100 %")
    return share, limit_w


def _ambient_changes(table: AmbientTable) -> tuple[tuple[int, float], ...]:
    changes = [
        (
            parse_time_ns(c.at, "ambient.change.at"),
            parse_temperature_c(c.temperature, "ambient.change.temperature"),
        )
        for c in table.change
    ]
    return in_order(changes, "ambient.change")


def _pmic(table: PmicTable) -> tuple[PmicPoint, ...]:
    points = []
    for k, point in enumerate(table.point):
        share = read_share(point.efficiency, f"pmic.point {k + 1}: efficiency", 0.05)
        load_w = parse_quantity(point.load, "W", f"pmic.point {k + 1}: load")
        points.append(PmicPoint(f"{load_w:g}W", load_w, share))
    loads = [point.load_w for point in points]
    if not points or loads != sorted(set(loads)) or loads[0] < 0:
        raise InputError("pmic needs points of ascending load; give one at least")
    return tuple(points)
