"""Perfetto's ``battery`` packets: which counters of a recording they hold, both ways.

A counter is a battery's by its name and unit: ``battery <what>``, or ``battery <name> <what>`` for
a device with several, where ``what`` and the unit are of ``FIELDS``. Currents are positive into
the battery, as Android has them.

Source: ``BatteryCounters`` of the ``perfetto`` package.
Limits: packets hold whole µAh, µA, µV and µWh, and the charge level as a 32-bit float; a value is
rounded to these. One that has no place in them, an infinite one for instance, is no battery's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Mask
from dfsrt.recording.recording import Recording

if TYPE_CHECKING:
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import BatteryCounters, TracePacket


@dataclass(frozen=True, slots=True)
class _Field:
    """One value of a packet: its unit in a recording, and how many of these one of it is."""

    column: str
    unit: str
    scale: float
    whole: bool = True


FIELDS = {
    "charge": _Field("charge_counter_uah", "C", 3.6e-3),
    "level": _Field("capacity_percent", "%", 1.0, whole=False),
    "current": _Field("current_ua", "A", 1e-6),
    "average-current": _Field("current_avg_ua", "A", 1e-6),
    "energy": _Field("energy_counter_uwh", "J", 3.6e-3),
    "voltage": _Field("voltage_uv", "V", 1e-6),
}
"""What a counter of a battery may tell, and the packet's field for it."""
_TRACK = re.compile(rf"battery(?: (.+))? ({'|'.join(FIELDS)})", re.DOTALL)
_LARGEST = {True: 2.0**62, False: 3e38}
"""Largest value of a whole field, and of a 32-bit float."""

_Key = tuple[int, str]
_Row = tuple[_Key, _Field, float]


def samples(battery: BatteryCounters) -> Iterator[tuple[str, str, float]]:
    """Yield track, unit and value of each counter in a ``BatteryCounters`` message."""
    prefix = f"battery {battery.name}" if battery.name else "battery"
    for what, field in FIELDS.items():
        if battery.HasField(field.column):
            yield f"{prefix} {what}", field.unit, getattr(battery, field.column) * field.scale


def is_battery(piece: Recording) -> Mask:
    """Tell for each sample whether ``battery`` packets hold it; shape ``(n_samples,)``."""
    c = piece.counters
    of_battery = np.zeros(len(c), dtype=np.bool_)
    for track in np.unique(c.track).tolist():
        match = _TRACK.fullmatch(piece.texts[track])
        if match:
            of_battery |= (c.track == track) & _holds(FIELDS[match[2]], piece)
    return of_battery


def _holds(field: _Field, piece: Recording) -> Mask:
    of_unit = np.array([text == field.unit for text in piece.texts], dtype=np.bool_)
    fits = np.abs(piece.counters.value) <= _LARGEST[field.whole] * field.scale  # not for NaN
    return np.asarray(of_unit[piece.counters.unit] & fits)


def fill(packet: TracePacket, piece: Recording, of_battery: Mask) -> Iterator[None]:
    """Set ``packet`` to each battery packet of ``piece`` in turn, ready to be written.

    ``of_battery``, ``(n_samples,)``, is what ``is_battery`` returns. Values of one battery and
    time share a packet, unless one comes twice.
    """
    for (time_ns, name), rows in groupby(_rows(piece, of_battery), key=lambda row: row[0]):
        packet.timestamp = time_ns
        battery = _cleared(packet.battery, name)
        for _, field, value in rows:
            if battery.HasField(field.column):
                yield
                battery = _cleared(packet.battery, name)
            amount = value / field.scale
            setattr(battery, field.column, round(amount) if field.whole else amount)
        yield


def _cleared(battery: BatteryCounters, name: str) -> BatteryCounters:
    battery.Clear()
    battery.SetInParent()
    if name:
        battery.name = name
    return battery


def _rows(piece: Recording, of_battery: Mask) -> Iterator[_Row]:
    """Yield time and battery, field and value of each battery's sample, by time and battery."""
    c = piece.counters
    tracks = np.unique(c.track[of_battery]).tolist()
    matches = {i: m for i in tracks if (m := _TRACK.fullmatch(piece.texts[i]))}
    columns = (c.track[of_battery], c.time_ns[of_battery], c.value[of_battery])
    rows: list[_Row] = []
    for track, time_ns, value in zip(*(x.tolist() for x in columns), strict=True):
        match = matches[track]
        rows.append(((time_ns, match[1] or ""), FIELDS[match[2]], value))
    yield from sorted(rows, key=lambda row: row[0])
