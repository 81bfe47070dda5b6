"""Temperatures in Perfetto's files: called and measured as Android's are, both ways.

A recording has ``npu temperature`` in ``degC``, like the kernel's ftrace events read as. The file
has ``npu Temperature`` in ``°C``, the name that Perfetto itself gives to those events' tracks.

Source: Perfetto's ``thermal_tracker.cc``, ``<zone> Temperature``.
Limits: ``npu Temperature`` in a recording comes back as ``npu temperature``, ``°C`` as ``degC``.
"""

from __future__ import annotations

UNIT = "degC"
"""Unit of a counter in a recording that makes it a temperature."""
_UNIT_THERE = "°C"
_OURS, _THEIRS = " temperature", " Temperature"


def read(name: str, unit: str) -> tuple[str, str]:
    """Return a recording's name and unit for a counter's in a file, or in a recording."""
    if unit not in (UNIT, _UNIT_THERE):
        return name, unit
    return _ending(name, _THEIRS, _OURS), UNIT


def written(name: str, unit: str) -> tuple[str, str]:
    """Return the file's name and unit for a counter that ``read`` returned."""
    if unit != UNIT:
        return name, unit
    return _ending(name, _OURS, _THEIRS), _UNIT_THERE


def _ending(name: str, old: str, new: str) -> str:
    return name.removesuffix(old) + new if name.endswith(old) else name
