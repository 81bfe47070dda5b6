"""The supply rail: how fast and at what loss a voltage moves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rail:
    """A voltage regulator's timing and loss.

    A change takes ``command_ns`` (bus write), then the ramp at ``slew_uv_per_us``, then
    ``settle_ns``. An infinite slew is an ideal ramp, in no time. ``efficiency`` is rail power over
    input power, the same at every load.

    Limits: efficiency does not depend on load or voltage.
    """

    name: str
    command_ns: int
    slew_uv_per_us: float
    settle_ns: int
    efficiency: float
