"""A device's data sheet: every number with its unit, source and range, and who says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from dfsrt.base.names import NameSpec, parse_name_spec
from dfsrt.base.units import format_si
from dfsrt.device import Npu, device_choices, load_device
from dfsrt.device.at_memory import at_memory_point
from dfsrt.device.facts import Fact, KeyFacts, key_facts
from dfsrt.report.idle_sheet import SheetState, sheet_states
from dfsrt.report.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from dfsrt.device.dram import Dram


class SheetPoint(msgspec.Struct, frozen=True, kw_only=True):
    """An operating point as the chosen silicon bin has it, and the voltages of all bins."""

    level: int
    freq_hz: int
    rail_uv: int
    bins_uv: dict[str, int]


class SheetMemoryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A memory point: what all cores take there, what one core can, and what it draws by itself."""

    freq_hz: int
    bandwidth_bytes_per_s: float
    core_bandwidth_bytes_per_s: float
    controller_uv: int
    phy_uv: int
    standby_w: float


class DeviceSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A device with all of its ``numbers``.

    ``bin``, ``rail`` and ``cores_used`` are what its name has chosen, ``choices`` what there is to
    choose from. ``idle`` are its idle states, up with a stopped clock first, empty where it has no
    other. ``memory`` are its memory's own clocks, and ``memory_change_ns`` stall and delay of a
    change; empty and None where it has but one. ``dram`` is its part with channels, map and peak,
    empty where the device says none. ``taken`` counts by base the numbers in use that the base says
    and the device's own file does not; a mapping of numbers counts once. ``file`` is empty for a
    preset.
    """

    schema_version: int = SCHEMA_VERSION
    device: str
    description: str
    file: str
    taken: dict[str, int]
    bin: str
    rail: str
    cores_used: int
    dram: str = ""
    choices: dict[str, tuple[str, ...]]
    points: list[SheetPoint]
    memory: list[SheetMemoryPoint] = []
    memory_change_ns: tuple[int, int] | None = None
    idle: list[SheetState] = []
    numbers: list[Fact]


def device_sheet(name: str) -> tuple[DeviceSheet, list[KeyFacts]]:
    """Return the data sheet of the device that ``name`` chooses, and its numbers key by key.

    Raises:
        DeviceError: no such preset or file, an unknown option, or a file that breaks a rule.
        InputError: a text with no name in it, or with an option twice.
    """
    npu, keys, choices = load_device(name), key_facts(name), device_choices(name)
    sheet = DeviceSheet(
        device=npu.name,
        description=npu.description,
        file=npu.file,
        taken=count_taken(npu.taken_from),
        bin=npu.bin,
        rail=npu.rail.name,
        cores_used=npu.used_cores,
        dram="" if npu.dram is None else dram_text(npu.dram),
        choices=choices,
        points=_points(npu, name, choices["bin"]),
        memory=[_memory_point(npu, number) for number in range(len(npu.memory.points))],
        memory_change_ns=_change(npu),
        idle=sheet_states(npu),
        numbers=[fact for key in keys for fact in key.facts],
    )
    return sheet, keys


def _memory_point(npu: Npu, number: int) -> SheetMemoryPoint:
    point, here = npu.memory.points[number], at_memory_point(npu, number)
    return SheetMemoryPoint(
        freq_hz=point.freq_hz,
        bandwidth_bytes_per_s=here.memory.bandwidth_bytes_per_s,
        core_bandwidth_bytes_per_s=here.bandwidth_bytes_per_s(1),
        controller_uv=point.controller_uv,
        phy_uv=point.phy_uv,
        standby_w=point.standby_w,
    )


def _change(npu: Npu) -> tuple[int, int] | None:
    change = npu.memory.change
    return (change.stall_ns, change.delay_ns) if len(npu.memory.points) > 1 else None


def dram_text(dram: Dram) -> str:
    """Return a DRAM in one line: part, channels, map and peak."""
    channels = f"{dram.channels} channel{'s' * (dram.channels > 1)}"
    peak = format_si(dram.peak_bytes_per_s, "B/s")
    return f"{dram.name}, {channels}, map {dram.map.order}, {dram.layout}, {peak} at the peak"


def count_taken(taken_from: Mapping[str, str]) -> dict[str, int]:
    """Return how many numbers come from each base, by its name, from an ``Npu.taken_from``."""
    return dict(Counter(taken_from.values()))


def taken_text(taken: Mapping[str, int]) -> str:
    """Return what ``count_taken`` counts as people say it."""
    return ", ".join(f"{n} number{'s' * (n > 1)} from {base}" for base, n in taken.items())


def _points(npu: Npu, name: str, bins: tuple[str, ...]) -> list[SheetPoint]:
    spec = parse_name_spec(name, "device")
    rails = {
        bin: load_device(NameSpec(spec.name, {**spec.options, "bin": bin})).opps.rails_uv
        for bin in bins
    }
    return [
        SheetPoint(
            level=level,
            freq_hz=point.freq_hz,
            rail_uv=point.rail_uv,
            bins_uv={bin: uv[level] for bin, uv in rails.items()},
        )
        for level, point in enumerate(npu.opps.points)
    ]
