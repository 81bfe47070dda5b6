"""Idle states of a device file: which ones, and in which order."""

from __future__ import annotations

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device.idle import IdleState
from dfsrt.device.schema import DeviceFile, StateEntry

LOSES = ("clock", "registers", "memory", "rail")
"""What a state may lose, from what is brought back soonest to what takes longest."""


def idle_states(device: DeviceFile, cores: int, top_uv: int) -> tuple[IdleState, ...]:
    """Return a file's idle states for so many cores in use, shallow to deep.

    ``top_uv`` is the highest voltage of the silicon bin in use: no state's rail stands above it,
    and one that stays where it is leaks as there. No state's uncore draws more than the device's.

    Raises:
        DeviceError: an order that names a state that is not there.
    """
    known = device.idle.states
    names = known if device.idle.order is None else device.idle.order
    for name in names:
        if name not in known:
            raise DeviceError(
                f"device '{device.name}': idle.order: {unknown_name('idle state', name, known)}"
            )
    uncore_w = device.silicon.uncore_w
    return tuple(_state(name, known[name], cores, top_uv, uncore_w) for name in names)


def _state(name: str, entry: StateEntry, cores: int, top_uv: int, uncore_w: float) -> IdleState:
    # A rail that is off is lost, whether the file says so or not.
    lost = {*entry.loses, "rail"} if entry.rail_uv == 0 else {*entry.loses}
    return IdleState(
        name=name,
        power_w=entry.power_w * cores,
        leakage_share=entry.leakage_share,
        rail_uv=top_uv if entry.rail_uv is None else min(entry.rail_uv, top_uv),
        uncore_w=None if entry.uncore_w is None else min(entry.uncore_w, uncore_w),
        entry_ns=entry.entry_ns,
        exit_ns=entry.exit_ns,
        entry_j=entry.entry_j,
        exit_j=entry.exit_j,
        residency_ns=entry.residency_ns,
        loses=(*(one for one in LOSES if one in lost), *sorted(lost - {*LOSES})),
    )
