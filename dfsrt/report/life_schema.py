"""The JSON of a scenario: how long the battery lasted, how hot it got, where the energy went."""

from __future__ import annotations

import msgspec

from dfsrt.report.replay_schema import Deadlines, RequestCounts, Spread
from dfsrt.report.schema import SCHEMA_VERSION, Residency, Transitions


class EnergyFlow(msgspec.Struct, frozen=True, kw_only=True):
    """Where the energy went: ``chemical`` is the sum of all the others.

    ``internal_loss`` stays in the cell, polarisation that it still holds included; ``pmic_loss``
    is lost in power conversion, the NPU's own regulator included. ``components`` are the NPU, its
    DRAM traffic, its uncore and the scenario's components.
    """

    chemical: float
    internal_loss: float
    pmic_loss: float
    components: dict[str, float]


class Temperatures(msgspec.Struct, frozen=True, kw_only=True):
    """The highest temperatures in °C; ``nodes_max`` holds all nodes of the heat model."""

    die_max: float
    skin_max: float
    nodes_max: dict[str, float]


class BatteryState(msgspec.Struct, frozen=True, kw_only=True):
    """The battery: what it is, and how it stood at start and end.

    ``charge`` values are shares of its capacity at that health.
    """

    name: str
    model: str
    capacity_ah: float
    health: float
    charge_start: float
    charge_end: float
    voltage_end_v: float
    current_end_a: float
    power_mean_w: float
    power_peak_w: float


class ComponentUse(msgspec.Struct, frozen=True, kw_only=True):
    """A component: what it took, and whether it kept its budget on average and in every tick."""

    name: str
    energy_j: float
    share: float
    power_mean_w: float
    power_peak_w: float
    budget_w: float | None
    within_budget: bool | None


class NpuUse(msgspec.Struct, frozen=True, kw_only=True):
    """The NPU: its energy by component, how busy it was, how it kept its cap.

    ``limited_s`` is the time in which heat, charge or the schedule's trips held it below its cap;
    ``over_cap_s`` the time of layer runs whose true power exceeded the limit of the moment.
    """

    energy_breakdown_j: dict[str, float]
    busy_share: float
    power_max_w: float
    over_cap_s: float
    limited_s: float
    limit_changes: int
    transitions: Transitions
    residency: list[Residency]


class StageUse(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of one workload: time and energy of its layers in all domains."""

    workload: str
    stage: str
    busy_s: float
    energy_j: float


class AssumedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number that nobody has measured, and the range it may lie in."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str


class LifeReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a scenario under one governor.

    ``end_cause`` is ``empty`` (cut-off reached), ``brown_out`` (the cell could not give what was
    asked), ``time`` or ``requests``. ``frames`` are the requests that finished before the end.
    """

    schema_version: int = SCHEMA_VERSION
    scenario: str
    what: str
    device: str
    bin: str
    rail: str
    governor: str
    power_model: str
    confidence: float | None
    seed: int
    cap_w: float | None
    cap_domain: str
    ambient_c: float
    life_s: float
    end_cause: str
    frames: int
    frames_per_s: float
    energy_per_frame_j: float | None
    requests: RequestCounts
    deadlines: Deadlines
    latency_s: Spread | None
    energy_j: EnergyFlow
    temperature_c: Temperatures
    battery: BatteryState
    components: list[ComponentUse]
    npu: NpuUse
    stages: list[StageUse]
    notes: list[str]
    assumed: list[AssumedNumber]
    device_assumed: list[str]


class LifeComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Governors side by side on one scenario."""

    schema_version: int = SCHEMA_VERSION
    scenario: str
    runs: list[LifeReport]


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """How a figure is spread over samples."""

    mean: float
    sd: float
    min: float
    p5: float
    p50: float
    p95: float
    max: float


class Influence(msgspec.Struct, frozen=True, kw_only=True):
    """How strongly a drawn number goes with the battery's life: Spearman's rank correlation."""

    name: str
    rank_correlation: float


class LifeSamples(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of one scenario over dies, ambients, ages and activities.

    ``distributions`` are of life_s, frames, energy_per_frame_j, die_max_c, skin_max_c and
    missed_deadlines; ``end_causes`` count how the samples ended.
    """

    schema_version: int = SCHEMA_VERSION
    scenario: str
    governor: str
    samples: int
    seed: int
    distributions: dict[str, Distribution]
    end_causes: dict[str, int]
    influences: list[Influence]
    notes: list[str]


class RangeEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What an assumed number does at both ends of its range, all others as they are."""

    number: AssumedNumber
    life_low_s: float
    life_high_s: float
    frames_low: int
    frames_high: int
    skin_low_c: float
    skin_high_c: float


class LifeRanges(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario at both ends of each assumed range, the most influential first."""

    schema_version: int = SCHEMA_VERSION
    scenario: str
    governor: str
    life_s: float
    ends: list[RangeEnd]
