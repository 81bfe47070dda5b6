"""Memory points of a device file: what they may be, and what follows where one says less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from dfsrt.base.errors import DeviceError
from dfsrt.device.memory_point import MemoryChange, MemoryPoint
from dfsrt.device.npu import Npu
from dfsrt.device.schema import DeviceFile, MemoryPointEntry

MOST_POINTS = 16
"""No device has more of them: tables hold every pair of a core's point and a memory's."""
_MOST_NS, _MOST_W, _MOST_UV = 10**12, 1e6, 10**7


def memory_points(device: DeviceFile) -> tuple[MemoryPoint, ...]:
    """Return the memory points of a device, slow to fast; none where its memory is ideal.

    A core takes what it can of a point's bandwidth, and a bit what it takes at the device's own.
    """
    entries = [] if device.memory.ideal else device.memory.points
    return tuple(_point(entry, device) for entry in entries)


def without_standby(npu: Npu) -> Npu:
    """Return a device whose memory points draw nothing by themselves: somebody else counts that."""
    points = tuple(replace(point, standby_w=0.0) for point in npu.memory.points)
    return replace(npu, memory=replace(npu.memory, points=points))


def memory_change(device: DeviceFile) -> MemoryChange:
    """Return what a change of the memory's clock costs; nothing where a file does not say."""
    change = device.memory.change
    return MemoryChange(0, 0) if change is None else MemoryChange(change.stall_ns, change.delay_ns)


def check_memory_points(device: DeviceFile) -> None:
    """Check a device's memory points, each by itself and against the one before.

    Raises:
        DeviceError: the first that breaks a rule.
    """
    points, change = device.memory.points, device.memory.change
    path = f"device '{device.name}': memory"
    if len(points) > MOST_POINTS:
        raise DeviceError(f"{path}.points are {len(points)}; allowed are up to {MOST_POINTS}")
    for k, point in enumerate(points):
        _check_point(f"{path}.points[{k}]", point)
    for slow, fast in pairwise(points):
        _check_order(f"{path}.points", slow, fast)
    if len(points) > 1 and change is None:
        raise DeviceError(
            f"{path}.points are {len(points)}, but what a change costs is not said; add "
            "change = { stall_ns = ..., delay_ns = ... } and its source"
        )
    if change is not None:
        _check_number(f"{path}.change.stall_ns", change.stall_ns, _MOST_NS, " ns")
        _check_number(f"{path}.change.delay_ns", change.delay_ns, _MOST_NS, " ns")


def check_points_agree(raw: Mapping[str, object], where: str) -> None:
    """Check that a file which says a bandwidth and memory points says the same of the highest.

    A file that takes points from its base may say another bandwidth: the points go with it.

    Raises:
        DeviceError: two bandwidths, or points of an ideal memory.
    """
    memory = raw.get("memory")
    points = memory.get("points") if isinstance(memory, Mapping) else None
    if not isinstance(memory, Mapping) or not isinstance(points, Sequence) or not points:
        return
    if memory.get("ideal"):
        raise DeviceError(f"{where}: memory is ideal and has points; give one of the two")
    last = points[-1]
    told = last.get("bandwidth_bytes_per_s") if isinstance(last, Mapping) else None
    own = memory.get("bandwidth_bytes_per_s", told)
    if told != own:
        raise DeviceError(
            f"{where}: memory.bandwidth_bytes_per_s is {own}, but that of the highest of its "
            f"points is {told}; give the same, since it holds there"
        )


def _point(entry: MemoryPointEntry, device: DeviceFile) -> MemoryPoint:
    shared, of_core = entry.bandwidth_bytes_per_s, entry.core_bandwidth_bytes_per_s
    if of_core is None:
        cores = device.cores
        of_core = shared if cores is None else min(cores.bandwidth_bytes_per_s, shared)
    pj_per_bit = entry.dram_pj_per_bit
    return MemoryPoint(
        freq_hz=entry.freq_hz,
        bandwidth_bytes_per_s=shared,
        core_bandwidth_bytes_per_s=of_core,
        controller_uv=entry.controller_uv,
        phy_uv=entry.phy_uv,
        standby_w=entry.standby_w,
        dram_pj_per_bit=device.silicon.dram_pj_per_bit if pj_per_bit is None else pj_per_bit,
    )


def _check_point(path: str, point: MemoryPointEntry) -> None:
    for name, most, unit in (
        ("freq_hz", 10**12, " Hz"),
        ("bandwidth_bytes_per_s", 1e15, " B/s"),
        ("core_bandwidth_bytes_per_s", 1e15, " B/s"),
        ("controller_uv", _MOST_UV, " uV"),
        ("phy_uv", _MOST_UV, " uV"),
    ):
        value = getattr(point, name)
        if value is not None and not 0 < value <= most:
            raise DeviceError(f"{path}.{name} is {value}; allowed is above 0 to {most:g}{unit}")
    _check_number(f"{path}.standby_w", point.standby_w, _MOST_W, " W")
    _check_number(f"{path}.dram_pj_per_bit", point.dram_pj_per_bit or 0.0, _MOST_W, " pJ/bit")


def _check_number(path: str, value: float, most: float, unit: str) -> None:
    if not 0 <= value <= most:
        raise DeviceError(f"{path} is {value}; allowed is 0 to {most:g}{unit}")


def _check_order(path: str, slow: MemoryPointEntry, fast: MemoryPointEntry) -> None:
    if fast.freq_hz <= slow.freq_hz:
        raise DeviceError(
            f"{path}: {fast.freq_hz} Hz comes after {slow.freq_hz} Hz; list each clock once, slow "
            "to fast"
        )
    for name in ("bandwidth_bytes_per_s", "core_bandwidth_bytes_per_s"):
        less, more = getattr(slow, name), getattr(fast, name)
        if less is not None and more is not None and more < less:
            raise DeviceError(
                f"{path}: {name} falls from {less:g} at {slow.freq_hz} Hz to {more:g} at "
                f"{fast.freq_hz} Hz; a faster clock gives no less: correct it, or leave the point "
                "out"
            )
