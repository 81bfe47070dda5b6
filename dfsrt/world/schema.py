"""The part of a scenario's file that describes the setting: what TOML may say."""

from __future__ import annotations

import msgspec

from dfsrt.base.ranged import Quantity


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table that takes no unknown keys."""


class CapBelow(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cap that holds at and below a state of charge."""

    charge: str | float
    limit: str | float


class AmbientAt(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A temperature of the air from a time on."""

    at: str
    temperature: str | float


class AmbientTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The air around."""

    temperature: Quantity
    change: list[AmbientAt] = []


class PmicPointTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The PMIC's efficiency at a load."""

    load: str | float
    efficiency: Quantity


class PmicTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Power conversion between the battery and the rails of components, linear in between."""

    point: list[PmicPointTable]


class ZoneTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A thermal zone under ``power_allocator``; gains in mW/°C, as in sysfs.

    From the temperature ``switch_on`` of its ``node`` on it keeps to ``control``. ``sustainable``
    is the power that it can get rid of for ever. ``k_po`` is the gain above the control
    temperature, ``k_pu`` under it, ``k_d`` that of the error's change, ``k_i`` that of the error
    accumulated while it is below ``integral_cutoff``. Gains that are not given are Linux's own.
    """

    node: str
    switch_on: str | float
    control: str | float
    sustainable: Quantity
    k_po: float | None = None
    k_pu: float | None = None
    k_i: float | None = None
    k_d: float = 0.0
    integral_cutoff: str | float = 0.0


class TripTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From a temperature on no clock above ``max_freq``, until it is ``hysteresis`` cooler."""

    node: str
    above: str | float
    max_freq: str | float
    hysteresis: str | float = 5.0
    source: str = ""


class HeatTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Heat: a ``model``, at which temperature it is at the ``start``, and what keeps it in bounds.

    ``npu_weight`` is the NPU's weight among a zone's actors; ``grid`` the share by which a budget
    must change to count. A ``trip`` holds the clock down, a ``zone`` the watts of its actors.
    """

    model: str
    start: str | float | None = None
    npu_weight: float = 1.0
    grid: str | float = "2 %"
    zone: list[ZoneTable] = []
    trip: list[TripTable] = []


class BatteryTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The battery: its cell, how full and how old."""

    cell: str
    charge: Quantity = "100 %"
    health: Quantity = "100 %"
    resistance_growth: Quantity = 1.0


class StateAt(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A state from a time on, since the beginning or of the day, like ``22:30``."""

    at: str
    state: str


class NpuTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which state an idle NPU is in, whatever its idle governor says.

    ``state`` holds all the time, or until a ``change``; with ``repeat`` changes come again. A state
    is one of the device's idle states, ``deepest``, or ``governed``.
    """

    state: str = "governed"
    change: list[StateAt] = []
    repeat: str | None = None


class ComponentTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A component in use.

    ``state`` holds all the time, or until a ``change``; with ``repeat`` changes come again, and
    those by the time of day every day. ``while_npu`` and ``while_host`` are states it is in while
    those work: what they take more than the first ``state`` comes on top. ``per_frame`` is an event
    of each finished request, ``rate`` are events at a steady pace. ``budget`` is checked in the
    report. With ``least`` it is an actor of thermal zones and can be held down to that.
    """

    use: str
    name: str | None = None
    state: str = "off"
    change: list[StateAt] = []
    repeat: str | None = None
    while_npu: str | None = None
    while_host: str | None = None
    per_frame: str | None = None
    rate: dict[str, str] = {}
    budget: str | float | None = None
    least: str | float | None = None
    weight: float = 1.0


class SettingTables(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys and tables of a file that describe the setting.

    Every ``tick`` its books are closed; ``starts`` is the time of day at which it begins.
    ``ambient`` is the air around, ``pmic`` power conversion, ``heat`` where heat goes, ``battery``
    what all is drawn from, each ``component`` what draws beside the NPU.
    """

    tick: str = "1 s"
    starts: str | None = None
    ambient: AmbientTable
    pmic: PmicTable
    heat: HeatTable
    battery: BatteryTable
    component: list[ComponentTable] = []
    npu: NpuTable = NpuTable()
