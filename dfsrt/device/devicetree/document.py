"""From a device tree's points to the tables of a device file."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.base.tomltext import TomlValue
from dfsrt.device.devicetree.points import DtPoint
from dfsrt.device.devicetree.voltages import by_number, rail_of


def document(
    points: list[DtPoint], bins: list[str], default_bin: str, origin: str, volts: str = ""
) -> tuple[dict[str, TomlValue], list[str]]:
    """Return the tables that replace those of the base, and notes.

    Source texts name ``origin``, and ``volts``, the voltages that were given by hand.
    """
    said = f"imported from {origin}" + (f"; voltages given: {volts}" if volts else "")
    tables: dict[str, TomlValue] = {
        "opp": {
            "default_bin": default_bin,
            "bins": bins,
            "points": [_entry(point) for point in points],
            "source": {"points": said},
        }
    }
    latency_ns, notes = _latency_of(points)
    if latency_ns is not None:
        text = f"imported from {origin}: clock-latency-ns, the largest of all points"
        tables["clock"] = {
            "freq_switch_ns": latency_ns,
            "pll_switch_ns": latency_ns,
            "source": {"freq_switch_ns": text, "pll_switch_ns": text},
        }
    return tables, notes


def _entry(point: DtPoint) -> Mapping[str, TomlValue]:
    entry: dict[str, TomlValue] = {"freq_hz": point.freq_hz, "rail_uv": rail_of(point)}
    if point.bins:
        entry["bins"] = dict(sorted(point.bins.items(), key=lambda item: by_number(item[0])))
    if point.turbo:
        entry["turbo"] = True
    return entry


def _latency_of(points: list[DtPoint]) -> tuple[int | None, list[str]]:
    """Return the largest ``clock-latency-ns``, ``None`` where no point has one, and notes."""
    known = [p.latency_ns for p in points if p.latency_ns is not None]
    if not known:
        return None, []
    if min(known) < max(known) or len(known) < len(points):
        return max(known), [
            f"clock-latency-ns differs between points ({min(known)} to {max(known)}, in "
            f"{len(known)} of {len(points)}); the largest is used for all"
        ]
    return max(known), []
