"""Rules of idle states: each number in its range, and none deeper that draws more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device.idle import IdleState
from dfsrt.device.idle_states import LOSES
from dfsrt.device.npu import Npu
from dfsrt.device.residual import UP, residual_w, standing_w, transition_ns
from dfsrt.device.schema import DeviceFile

MOST_STATES = 10
"""No device has more of them; as many as Linux allows a CPU (CPUIDLE_STATE_MAX)."""
_MOST_NS, _MOST_J, _MOST_W = 10**15, 1e6, 1e6
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,39}")


def check_states(device: DeviceFile) -> None:
    """Check that no idle state of a file has more than the device: voltage of any bin, or uncore.

    Raises:
        DeviceError: the first that has.
    """
    top_uv = max(uv for point in device.opp.points for uv in (point.rail_uv, *point.bins.values()))
    uncore_w = device.silicon.uncore_w
    for name, state in device.idle.states.items():
        path = f"device '{device.name}': idle.states.{name}"
        if state.rail_uv is not None:
            _check_number(f"{path}.rail_uv", state.rail_uv, top_uv, " uV, the highest point's")
        if state.uncore_w is not None:
            _check_number(f"{path}.uncore_w", state.uncore_w, uncore_w, " W, silicon.uncore_w")


def check_idle(npu: Npu) -> None:
    """Check a device's idle states against their ranges, and each against the one before it.

    Residual power is compared where the rail stands lowest and where it stands highest.

    Raises:
        DeviceError: the first that breaks a rule.
    """
    where = f"device '{npu.name}': idle"
    _check_names(where, [state.name for state in npu.idle])
    for state in npu.idle:
        path = f"{where}.states.{state.name}"
        _check_numbers(path, state, npu)
        _check_losses(path, state)
        _check_times(path, state)
    for rail_uv in (npu.opps.set_points_uv[0], npu.opps.set_points_uv[-1]):
        _check_depths(where, npu, rail_uv)


def _check_names(where: str, names: Sequence[str]) -> None:
    if len(names) > MOST_STATES:
        raise DeviceError(
            f"{where} has {len(names)} states; allowed are up to {MOST_STATES}: leave some out "
            "with idle.order"
        )
    for name, count in Counter(names).items():
        if count > 1:
            raise DeviceError(f"{where} names state '{name}' {count} times; name each once")
        if name in ("up", UP) or not _NAME.fullmatch(name):
            raise DeviceError(
                f"{where}: a state cannot be called '{name}'; give up to 40 letters, digits, "
                f"'.', '_', '+' and '-', not 'up' or '{UP}', which every device has"
            )


def _check_numbers(path: str, state: IdleState, npu: Npu) -> None:
    uncore_w = npu.silicon.uncore_w
    for name, value, most, unit in (
        ("power_w", state.power_w, _MOST_W, " W"),
        ("leakage_share", state.leakage_share, 1, ""),
        ("uncore_w", uncore_w if state.uncore_w is None else state.uncore_w, uncore_w, " W"),
        ("entry_ns", state.entry_ns, _MOST_NS, " ns"),
        ("exit_ns", state.exit_ns, _MOST_NS, " ns"),
        ("entry_j", state.entry_j, _MOST_J, " J"),
        ("exit_j", state.exit_j, _MOST_J, " J"),
        ("residency_ns", state.residency_ns, _MOST_NS, " ns"),
        ("rail_uv", state.rail_uv, max(npu.opps.set_points_uv), " uV"),
    ):
        _check_number(f"{path}.{name}", value, most, unit)


def _check_number(path: str, value: float, most: float, unit: str) -> None:
    if not 0 <= value <= most:
        raise DeviceError(f"{path} is {value}; allowed is 0 to {most:.9g}{unit}")


def _check_losses(path: str, state: IdleState) -> None:
    for lost in state.loses:
        if lost not in LOSES:
            raise DeviceError(f"{path}.loses: {unknown_name('loss', lost, LOSES)}")
    if state.rail_uv == 0 and state.leakage_share:
        raise DeviceError(
            f"{path}.leakage_share is {state.leakage_share:g} with a rail that is off; give "
            "leakage_share = 0, or the rail_uv at which it leaks"
        )
    if state.rail_uv and "rail" in state.loses:
        raise DeviceError(
            f"{path}.loses names 'rail', but rail_uv is {state.rail_uv}; give rail_uv = 0 for a "
            "rail that is off, or take 'rail' out"
        )


def _check_times(path: str, state: IdleState) -> None:
    if state.rail_uv == 0 and state.exit_ns == 0:
        raise DeviceError(
            f"{path}.exit_ns is 0, but its rail is off; give the regulator's enable ramp at least, "
            "like 500_000"
        )
    least_ns = transition_ns(state)
    if 0 < state.residency_ns < least_ns:
        raise DeviceError(
            f"{path}.residency_ns is {state.residency_ns}, below entry and exit, {least_ns} ns "
            "together; give that or more, or 0 for the break-even time"
        )
    for way, time_ns, energy_j in (
        ("entry", state.entry_ns, state.entry_j),
        ("exit", state.exit_ns, state.exit_j),
    ):
        if energy_j > 0 and time_ns == 0:
            raise DeviceError(
                f"{path}.{way}_j is {energy_j:g} J in no time; give {way}_ns = 1 or more"
            )


def _check_depths(where: str, npu: Npu, rail_uv: int) -> None:
    above, above_w = f"'{UP}'", standing_w(npu, rail_uv)
    for state in npu.idle:
        own_w = residual_w(npu, state)
        if own_w > above_w * (1 + 1e-9):
            raise DeviceError(
                f"{where}.states.{state.name} draws {own_w:g} W, more than the shallower {above}, "
                f"{above_w:g} W with the rail at {rail_uv} uV; let idle.order name states from "
                "shallow to deep, or correct their numbers"
            )
        above, above_w = f"'{state.name}'", own_w
