"""The scenario's file: what TOML may say."""

from __future__ import annotations

from typing import Any

import msgspec

from dfsrt.base.ranged import Quantity

FORMAT = 1


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table that takes no unknown keys."""


class LoadTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the NPU is asked for: a trace, or one workload every so often.

    ``every`` is a period, or ``back-to-back``: the next request when the one before has left.
    """

    trace: str | None = None
    workload: str | None = None
    every: str = "back-to-back"
    deadline: str | None = None
    discipline: str = "fifo"
    drop: str = "none"


class StopTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When the scenario ends: ``empty``, a time, or ``N requests``; at the ``most`` after that."""

    at: str = "empty"
    most: str = "48 h"


class CapAt(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cap that holds from a time on."""

    at: str
    limit: str | float


class CapBelow(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cap that holds at and below a state of charge."""

    charge: str | float
    limit: str | float


class CapTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The NPU's power cap, its changes in time, and by state of charge."""

    limit: str | float | None = None
    domain: str = "npu"
    change: list[CapAt] = []
    below: list[CapBelow] = []


class AmbientAt(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A temperature of the air from a time on."""

    at: str
    temperature: str | float


class AmbientTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The air around."""

    temperature: Quantity
    change: list[AmbientAt] = []


class PmicPoint(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The PMIC's efficiency at a load."""

    load: str | float
    efficiency: Quantity


class PmicTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Power conversion between the battery and the rails of components, linear in between."""

    point: list[PmicPoint]


class ZoneTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A thermal zone under ``power_allocator``; gains in mW/°C, as in sysfs."""

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
    """Heat: a model, where it starts, and what keeps it in bounds.

    ``npu_weight`` is the NPU's weight among a zone's actors; ``grid`` the share by which a budget
    must change to count.
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
    """A component's state from a time on."""

    at: str
    state: str


class ComponentTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A component in use.

    ``state`` holds all the time, or until a ``change``; with ``repeat`` changes come again.
    ``while_npu`` and ``while_host`` are states it is in while those work: what they take more than
    the first ``state`` comes on top. ``per_frame`` is an event of each finished request, ``rate``
    are events at a steady pace. ``budget`` is checked in the report. With ``least`` it is an actor
    of thermal zones and can be held down to that.
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


class VaryTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What differs from device to device and from user to user, for samples.

    ``ambient`` and ``health`` are [low, most likely, high]; ``leakage_sigma`` and
    ``capacitance_sigma`` are those of log-normal spreads over dies; ``bins`` are speed bins;
    with ``assumed``, assumed numbers are drawn from their ranges, too.
    """

    ambient: tuple[str, ...] = ("10 C", "22 C", "35 C")
    health: tuple[str, ...] = ("80 %", "95 %", "100 %")
    leakage_sigma: float = 0.3
    capacitance_sigma: float = 0.05
    bins: tuple[str, ...] = ()
    assumed: bool = False


class ScenarioFile(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    format: int
    name: str
    what: str
    device: str
    governor: str = "dfs"
    power_model: str | None = None
    confidence: str | float | None = None
    precision: str | None = None
    seed: int = 0
    tick: str = "1 s"
    load: LoadTable
    stop: StopTable = StopTable()
    cap: CapTable = CapTable()
    ambient: AmbientTable
    pmic: PmicTable
    heat: HeatTable
    battery: BatteryTable
    component: list[ComponentTable] = []
    vary: VaryTable = VaryTable()
    notes: dict[str, Any] = {}
