"""From a device tree's points to the tables of a device file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from dfsrt.base.tomltext import TomlValue
from dfsrt.device.dts_opp import DtPoint
from dfsrt.device.dts_tokens import error_at
from dfsrt.device.opp import MAX_HZ, MAX_UV

_NUMBERED_BIN = re.compile(r"L\d+", re.ASCII)


def check_points(points: list[DtPoint], bins: list[str]) -> None:
    """Check the numbers, and that no bin's voltage falls as the clock rises.

    ``points`` are slowest first. ``OppTable`` has the same rules; here each has its line.

    Raises:
        DeviceError: the first point that breaks a rule, by its line.
    """
    for point in points:
        _check_range(point)
    for bin in ("", *bins):
        for low, high in pairwise(points):
            low_uv, high_uv = low.bins.get(bin, low.rail_uv), high.bins.get(bin, high.rail_uv)
            if high_uv < low_uv:
                raise error_at(
                    high.line,
                    f"{high.node} has {high_uv} uV{f' in bin {bin}' if bin else ''}, below the "
                    f"{low_uv} uV of the slower {low.node} in line {low.line}; a faster clock "
                    "needs the same voltage or more",
                )


def _check_range(point: DtPoint) -> None:
    for rail_uv in (point.rail_uv, *point.bins.values()):
        if not 0 < point.freq_hz <= MAX_HZ or not 0 < rail_uv <= MAX_UV:
            raise error_at(
                point.line,
                f"{point.node} is {point.freq_hz} Hz at {rail_uv} uV; "
                "allowed is 1 Hz to 1 THz and 1 uV to 10 V",
            )


def bins_of(points: list[DtPoint]) -> tuple[list[str], list[str]]:
    """Return the speed bins that ``points`` name, L2 before L10, and warnings.

    Where bins are numbered and L0 is not named, L0 is added: it has the plain voltages.
    """
    names = sorted({bin for p in points for bin in p.bins}, key=_by_number)
    if any(_NUMBERED_BIN.fullmatch(name) for name in names) and "L0" not in names:
        return ["L0", *names], ["bin L0 is not named; it has the plain opp-microvolt"]
    return names, []


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(int(p), "") if p.isdecimal() else (0, p) for p in re.split(r"(\d+)", name)]


def document(
    points: list[DtPoint], bins: list[str], default_bin: str, latency_ns: int | None, origin: str
) -> dict[str, TomlValue]:
    """Return the tables that replace those of the base, with source texts that name ``origin``."""
    tables: dict[str, TomlValue] = {
        "opp": {
            "default_bin": default_bin,
            "bins": bins,
            "points": [_entry(point) for point in points],
            "source": {"points": f"imported from {origin}"},
        }
    }
    if latency_ns is not None:
        text = f"imported from {origin}: clock-latency-ns, the largest of all points"
        tables["clock"] = {
            "freq_switch_ns": latency_ns,
            "pll_switch_ns": latency_ns,
            "source": {"freq_switch_ns": text, "pll_switch_ns": text},
        }
    return tables


def _entry(point: DtPoint) -> Mapping[str, TomlValue]:
    entry: dict[str, TomlValue] = {"freq_hz": point.freq_hz, "rail_uv": point.rail_uv}
    if point.bins:
        entry["bins"] = dict(sorted(point.bins.items(), key=lambda item: _by_number(item[0])))
    if point.turbo:
        entry["turbo"] = True
    return entry


def latency_of(points: list[DtPoint]) -> tuple[int | None, list[str]]:
    """Return the largest ``clock-latency-ns``, ``None`` where no point has one, and warnings."""
    known = [p.latency_ns for p in points if p.latency_ns is not None]
    if not known:
        return None, []
    if min(known) < max(known) or len(known) < len(points):
        return max(known), [
            f"clock-latency-ns differs between points ({min(known)} to {max(known)}, in "
            f"{len(known)} of {len(points)}); the largest is used for all"
        ]
    return max(known), []
