"""Idle states on a device's data sheet: what each draws, what it costs, when it pays."""

from __future__ import annotations

import msgspec

from dfsrt.base.units import format_si
from dfsrt.device import Npu
from dfsrt.device.idle import IdleState
from dfsrt.device.residual import NEVER_NS, UP, break_even_of, residual_w, standing_w


class SheetState(msgspec.Struct, frozen=True, kw_only=True):
    """An idle state, the first of them up with a stopped clock, by the data sheet.

    Two numbers are with the rail at the lowest and at the highest voltage. ``power_w`` is what rail
    and uncore give, the regulator's loss included; ``break_even_ns`` the shortest gap that pays,
    entry and exit in it, None where none does; ``residency_ns`` what the file asks for, 0 where
    the break-even time decides.
    """

    name: str
    power_w: tuple[float, float]
    entry_ns: int = 0
    exit_ns: int = 0
    entry_j: float = 0.0
    exit_j: float = 0.0
    residency_ns: int = 0
    break_even_ns: tuple[int | None, int | None] = (0, 0)
    loses: tuple[str, ...] = ()


def sheet_states(npu: Npu) -> list[SheetState]:
    """Return a device's idle states, shallow to deep; none where it has nothing but the clock."""
    if not npu.idle:
        return []
    low_uv, high_uv = npu.opps.set_points_uv[0], npu.opps.set_points_uv[-1]
    up = SheetState(name=UP, power_w=(standing_w(npu, low_uv), standing_w(npu, high_uv)))
    return [up, *(_state(npu, state, low_uv, high_uv) for state in npu.idle)]


def _state(npu: Npu, state: IdleState, low_uv: int, high_uv: int) -> SheetState:
    power_w = residual_w(npu, state)
    return SheetState(
        name=state.name,
        power_w=(power_w, power_w),
        entry_ns=state.entry_ns,
        exit_ns=state.exit_ns,
        entry_j=state.entry_j,
        exit_j=state.exit_j,
        residency_ns=state.residency_ns,
        break_even_ns=(_pays(npu, state, low_uv), _pays(npu, state, high_uv)),
        loses=state.loses,
    )


def _pays(npu: Npu, state: IdleState, rail_uv: int) -> int | None:
    paid_ns = break_even_of(npu, state, rail_uv)
    return None if paid_ns >= NEVER_NS else paid_ns


def state_rows(
    states: list[SheetState], low_uv: int, high_uv: int
) -> tuple[list[str], list[list[str]]]:
    """Return heads and rows of ``states`` for people, with the rail at two voltages."""
    ends = [format_si(uv * 1e-6, "V", 4) for uv in (low_uv, high_uv)]
    heads = ["<idle state", f"draws, {ends[0]}", f"at {ends[1]}", "entry", "exit", "energy"]
    heads += [f"pays from, {ends[0]}", f"at {ends[1]}", "<loses"]
    return heads, [_row(state) for state in states]


def _row(state: SheetState) -> list[str]:
    watts = [format_si(w, "W") for w in state.power_w]
    if state.name == UP:
        return [state.name, *watts, "0 s", "0 s", "0 J", "", "", ""]
    return [
        state.name,
        *watts,
        format_si(state.entry_ns * 1e-9, "s"),
        format_si(state.exit_ns * 1e-9, "s"),
        format_si(state.entry_j + state.exit_j, "J"),
        *("never" if ns is None else format_si(ns * 1e-9, "s") for ns in state.break_even_ns),
        ", ".join(state.loses),
    ]
