"""Idle states: what an NPU that has nothing to do may switch off, and what that takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdleState:
    """A state in which nothing runs, deeper than a stopped clock (rule 9).

    In it ``power_w`` flows on the NPU's rail at any temperature, in place of the device's fixed
    power, beside ``leakage_share`` of the leakage at ``rail_uv``, where 0 µV is a rail that is
    off; the regulator's loss comes on top. ``uncore_w`` is None where the uncore goes on as
    always. Entry and exit take ``entry_ns`` and ``exit_ns``, and ``entry_j`` and ``exit_j`` of all
    that the rail gives meanwhile, loss included. ``residency_ns`` is the shortest stay that a
    data sheet or a device tree asks for, entry included; 0 where the break-even time decides.
    ``loses`` names what has to be brought back on exit: ``clock``, ``registers``, ``memory``,
    ``rail``. ``exit_dram_j`` is what the DRAM gives for what is brought back.

    Limits: a state that leaves the rail where it is has its leakage at one voltage all the same.
    """

    name: str
    power_w: float
    entry_ns: int
    exit_ns: int
    entry_j: float
    exit_j: float
    leakage_share: float = 0.0
    rail_uv: int = 0
    uncore_w: float | None = None
    residency_ns: int = 0
    loses: tuple[str, ...] = ()
    exit_dram_j: float = 0.0
