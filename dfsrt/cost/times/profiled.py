"""Layer times of other tools' profiles, with the names that their rows may stand for."""

from __future__ import annotations

import re

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_whole
from dfsrt.cost.times.measured import MeasuredTimes, TimedRow
from dfsrt.cost.tool_names import other_names
from dfsrt.recording.layer_times import READERS, LayerTime, LayerTimes, read_layer_times

PROFILES = tuple(READERS)
_JOINT = re.compile(r" \+ |, |PWN\(|[(){}\[\]]|\.\.\.")
"""What stands between the names of layers that TensorRT joined."""
_SPAN = "ForeignNode["
"""How TensorRT begins the name of a step that is all layers between two, like A...B."""


def profiled_times(text: str) -> MeasuredTimes:
    """Return the layer times of a profile that a text like ``rknn:FILE`` names.

    Raises:
        InputError: a profile that cannot be read, or one without times.
    """
    profile = read_layer_times(text)
    if all(row.time_s is None for row in profile.rows):
        raise InputError(
            f"'{profile.path}' has no times; a compiler's cycles are taken by --cycles {profile}, "
            "where it has them"
        )
    return MeasuredTimes(
        profile.kind,
        profile.path,
        profile.sha256,
        tuple(_row(row, profile.kind) for row in profile.rows),
        _measured_by(profile),
        _freq_hz(profile),
        notes=profile.notes,
    )


def _row(row: LayerTime, kind: str) -> TimedRow:
    time_ns = None if row.time_s is None else row.time_s * 1e9
    names = (row.name,) if row.name else ()
    if kind == "tensorrt":
        names = tuple(dict.fromkeys((*names, *_parts(row.name))))
        return TimedRow(names, time_ns, row.op, row.macs, spans=_SPAN in row.name)
    return TimedRow(names, time_ns, row.op, row.macs, other_names(kind, row.name))


def _measured_by(profile: LayerTimes) -> str:
    about = ", ".join(f"{key} {value}" for key, value in profile.about.items())
    return f"a profile of {profile.kind}, {about}" if about else f"a profile of {profile.kind}"


def _freq_hz(profile: LayerTimes) -> int | None:
    """The clock that the profile states, where it states one."""
    text = profile.about.get("npu_hz", "")
    return parse_whole(text) or None


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, _JOINT.split(name)) if part)
