"""Which points of a table one piece of hardware has: ``opp-supported-hw``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from itertools import islice, product
from math import gcd, prod

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree.points import DtPoint, error_at

_LISTED = 16
"""So many versions are listed in a message; further ones have the same points as one of these."""

_TRIED = 256

Versions = tuple[int, ...]
Check = Callable[[list[DtPoint]], object]
"""It raises ``DeviceError`` for points that make no table."""


def parse_supported_hw(text: str) -> Versions:
    """Return the hardware version in ``text``, one number a level, as in ``0x1,0x8``.

    Raises:
        DeviceError: no number, or one that is not of 32 bits.
    """
    try:
        levels = tuple(int(part, 0) for part in text.split(","))
    except ValueError:
        levels = ()
    if not levels or not all(0 <= level < 2**32 for level in levels):
        raise DeviceError(
            f"supported hardware '{text}' is not a list of 32-bit numbers; "
            "write it like 0xf9,0xffff"
        )
    return levels


def select_points(
    points: list[DtPoint], supported_hw: Versions | None, check: Check
) -> tuple[list[DtPoint], list[str]]:
    """Return the points of hardware ``supported_hw``, slowest first, and notes.

    A point without ``opp-supported-hw`` belongs to all hardware. Without ``supported_hw`` all
    points are taken, if all hardware has all of them. Of two points of one clock the first is
    taken, as Linux does.

    Raises:
        DeviceError: hardware that has to be chosen, no point that is left, or two voltages for one
            clock that hardware does not tell apart.
    """
    if supported_hw is None and not _is_one_hardware(points):
        raise DeviceError(
            "its points are of several hardware versions (opp-supported-hw)"
            + _choices(points, check)
        )
    chosen = points if supported_hw is None else _supported(points, supported_hw)
    if not chosen:
        hardware = f" for hardware {_shown(supported_hw)}" if supported_hw else ""
        raise DeviceError(f"no enabled point is left{hardware}" + _choices(points, check))
    return _without_repeated(chosen)


def _supported(points: list[DtPoint], version: Versions) -> list[DtPoint]:
    return [point for point in points if _supports(point, version, points)]


def _without_repeated(points: Iterable[DtPoint]) -> tuple[list[DtPoint], list[str]]:
    first: dict[int, DtPoint] = {}
    notes = []
    for point in points:
        kept = first.setdefault(point.freq_hz, point)
        if kept is point:
            continue
        if not point.hardware and (kept.rail_uv, kept.bins) != (point.rail_uv, point.bins):
            raise error_at(
                point.place,
                f"{point.node} has the clock {point.freq_hz} Hz of {kept.node} in {kept.place}; "
                "keep one of them",
            )
        notes.append(f"{point.place}: {point.node} has the clock of {kept.node}, which is taken")
    return sorted(first.values(), key=lambda point: point.freq_hz), notes


def _is_one_hardware(points: list[DtPoint]) -> bool:
    """Tell whether every point names the same hardware, or none."""
    return len({point.hardware for point in points}) <= 1


def _supports(point: DtPoint, supported_hw: Versions, points: list[DtPoint]) -> bool:
    """Tell whether every level of some group shares a bit with the hardware's."""
    levels = len(supported_hw)
    if len(point.hardware) % levels:
        raise error_at(
            point.place,
            f"{point.node}: opp-supported-hw has {len(point.hardware)} levels, --supported-hw has "
            f"{levels} ({_shown(supported_hw)}); give one number for each of "
            f"{_levels(points)} levels",
        )
    groups = zip(*[iter(point.hardware)] * levels, strict=True)
    return not point.hardware or any(
        all(a & b for a, b in zip(group, supported_hw, strict=True)) for group in groups
    )


def _levels(points: list[DtPoint]) -> int:
    """Return how many levels a group has: what all counts of cells are made of."""
    return reduce(gcd, (len(point.hardware) for point in points), 0) or 1


def _choices(points: list[DtPoint], check: Check) -> str:
    """Say which hardware versions, one bit a level, have a valid table; those without repeats."""
    valid: list[str] = []
    repeated: list[str] = []
    for version in _versions(points):
        try:
            chosen, notes = _without_repeated(_supported(points, version))
            check(chosen)
        except DeviceError:
            continue
        if chosen:
            (repeated if notes else valid).append(_shown(version))
    offered = valid or repeated
    if not offered:
        return ""
    return f"; choose the hardware with --supported-hw, one of: {' '.join(offered[:_LISTED])}"


def _versions(points: list[DtPoint]) -> list[Versions]:
    """Return all versions of one bit a level; bits that no point tells apart once where many."""
    levels = _levels(points)
    by_level = [[cell for p in points for cell in p.hardware[i::levels]] for i in range(levels)]
    bits = [[1 << bit for bit in range(32) if any(c >> bit & 1 for c in cs)] for cs in by_level]
    if prod(map(len, bits)) > _LISTED:
        bits = [_told_apart(b, cells) for b, cells in zip(bits, by_level, strict=True)]
    if prod(map(len, bits)) > _TRIED:
        bits = [b[:2] for b in bits]
    return list(islice(product(*bits), _TRIED)) if all(bits) else []


def _told_apart(bits: list[int], cells: list[int]) -> list[int]:
    """Return the first of all ``bits`` that stand in the same ``cells``."""
    first = {tuple(cell & bit > 0 for cell in cells): bit for bit in reversed(bits)}
    return sorted(first.values())


def _shown(levels: Versions) -> str:
    return ",".join(f"{level:#x}" for level in levels)
