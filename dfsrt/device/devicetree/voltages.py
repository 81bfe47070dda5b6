"""Voltages that a tree leaves open: of speed bins, of corners, and given by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.base.units import parse_voltage_uv, parse_whole
from dfsrt.device.devicetree.points import LEAST_UV, DtPoint, error_at
from dfsrt.device.opp import MAX_HZ, MAX_UV

Volts = Mapping[int | None, int]
"""Microvolts by corner; ``None`` is that of every other point without a voltage."""

_MOST_BINS = 100
_NUMBERED_BIN = re.compile(r"L\d+", re.ASCII)


def parse_volts(texts: Sequence[str]) -> dict[int | None, int]:
    """Return what ``["64=600mV", "0.8V"]`` says: microvolts by corner, and of all other points.

    Raises:
        InputError: a corner that is no number, or a voltage that is none.
    """
    volts: dict[int | None, int] = {}
    for text in texts:
        corner, is_of_corner, voltage = text.rpartition("=")
        if is_of_corner and not corner.strip().isdecimal():
            raise DeviceError(
                f"--volts '{text}' has the level '{corner}'; write it like 64=600mV, or 800mV"
            )
        volts[int(corner) if is_of_corner else None] = parse_voltage_uv(voltage)
    return volts


def with_volts(points: list[DtPoint], volts: Volts) -> list[DtPoint]:
    """Return ``points`` with a voltage for each that has none of its own.

    Raises:
        DeviceError: points that stay without.
    """
    given = [
        replace(p, rail_uv=volts.get(p.level, volts.get(None)))
        if p.rail_uv is None and not p.bins
        else p
        for p in points
    ]
    bare = [p for p in given if p.rail_uv is None and not p.bins]
    if bare:
        levels = sorted({p.level for p in bare if p.level is not None})
        what = (
            f"corner levels ({', '.join(map(str, levels))}) and no voltages"
            if levels
            else "no voltage"
        )
        by_level = f", or by level, like --volts {levels[0]}=600mV" if levels else ""
        raise error_at(
            bare[0].place,
            f"{len(bare)} of {len(points)} points name {what}; the tree does not say which "
            f"voltage its power controller sets: give one for all, like --volts 800mV{by_level}",
        )
    return given


def with_bins(
    points: list[DtPoint], wanted: str
) -> tuple[list[DtPoint], list[str], str, list[str]]:
    """Return ``points`` with plain voltages, their bins, the default one, and notes.

    ``wanted`` is the default bin that was asked for. Where bins are L1, L2, ... and no L0 is named,
    L0 is the plain voltage. Where there is no plain voltage that of the default bin stands for it,
    and bins that lack a point are left out.

    Raises:
        DeviceError: an unknown bin, or a point without a voltage.
    """
    named = sorted({bin for p in points for bin in p.bins}, key=by_number)
    if len(named) > _MOST_BINS:
        raise DeviceError(f"points name {len(named)} speed bins; up to {_MOST_BINS} are read")
    bare = [p for p in points if p.rail_uv is None]
    bins = [bin for bin in named if all(bin in p.bins for p in bare)]
    notes = [
        f"bin {bin} has no voltage at {_first_without(bin, bare)}; left out"
        for bin in named
        if bin not in bins
    ]
    if not bare and "L0" not in bins and any(_NUMBERED_BIN.fullmatch(bin) for bin in bins):
        bins = ["L0", *bins]
        notes.append("bin L0 is not named; it has the plain opp-microvolt")
    if wanted and wanted not in bins:
        raise DeviceError(unknown_name("speed bin", wanted, bins))
    if bare and not bins:
        raise error_at(
            bare[0].place,
            f"no bin has a voltage at every point: {bare[0].node} has "
            f"{', '.join(bare[0].bins)}; add opp-microvolt",
        )
    default = wanted or ("L0" if "L0" in bins else bins[0] if bare else "")
    whole = [
        replace(
            p,
            rail_uv=p.bins[default] if p.rail_uv is None else p.rail_uv,
            bins={bin: uv for bin, uv in p.bins.items() if bin in bins},
        )
        for p in points
    ]
    return whole, bins, default, notes


def _first_without(bin: str, points: list[DtPoint]) -> str:
    return next(point.node for point in points if bin not in point.bins)


def by_number(name: str) -> list[tuple[int, str]]:
    """Return what sorts L2 before L10."""
    parts = re.split(r"(\d+)", name)
    return [(0, p) if (number := parse_whole(p)) is None else (number, "") for p in parts]


def check_points(points: list[DtPoint], bins: list[str]) -> None:
    """Check the numbers, and that no bin's voltage falls as the clock rises.

    ``points`` are slowest first. ``OppTable`` has the same rules; here each has its place.

    Raises:
        DeviceError: the first point that breaks a rule, by its place.
    """
    for point in points:
        for rail_uv in (rail_of(point), *point.bins.values()):
            if not 0 < point.freq_hz <= MAX_HZ or not LEAST_UV <= rail_uv <= MAX_UV:
                raise error_at(
                    point.place,
                    f"{point.node} is {point.freq_hz} Hz at {rail_uv} uV; "
                    "allowed is 1 Hz to 1 THz and 0.1 V to 10 V",
                )
    for bin in ("", *bins):
        for low, high in pairwise(points):
            low_uv, high_uv = rail_of(low, bin), rail_of(high, bin)
            if high_uv < low_uv:
                raise error_at(
                    high.place,
                    f"{high.node} has {high_uv} uV{f' in bin {bin}' if bin else ''}, below the "
                    f"{low_uv} uV of the slower {low.node} in {low.place}; a faster clock "
                    "needs the same voltage or more: correct one, or take its node out",
                )


def rail_of(point: DtPoint, bin: str = "") -> int:
    """Return the microvolts of a point that has them, in a bin or plain."""
    return point.bins.get(bin, point.rail_uv or 0)
