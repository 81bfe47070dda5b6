"""Closing the books of a tick: energy to components, battery, heat, limits, in that order.

Rule 8: the books are closed before anything changes. All that has happened since they were closed
last is charged when it happened, wherever ticks fall; only battery, PMIC and heat see mean power.
Then limits come for the next tick.
"""

from __future__ import annotations

from dfsrt.device import rules
from dfsrt.world.battery.draw import draw
from dfsrt.world.battery.pack import max_power_w
from dfsrt.world.battery.segment import EMPTY, OK
from dfsrt.world.charge import (
    book_npu,
    charge_npu,
    charge_states,
    charge_work,
    pmic_efficiency,
)
from dfsrt.world.ledger import Ledger
from dfsrt.world.limits import is_limited, set_limits
from dfsrt.world.sampling import sample
from dfsrt.world.schedule import come_true, set_next
from dfsrt.world.state import End
from dfsrt.world.warming import warm
from dfsrt.world.world import World


def close_tick(world: World, meter: Ledger, now_ns: int, done: int, host_ns: int) -> bool:
    """Close the books at ``now_ns``; return whether the limits changed or the scenario ended.

    ``done`` requests have finished and ``host_ns`` have been spent on the host by then, in sum over
    all requests: of host work that goes on, what has passed.
    """
    state = world.state
    seconds, npu_w = (now_ns - state.now_ns) * 1e-9, 0.0
    if seconds > 0.0:
        npu_w = _pass(world, meter, now_ns, done, host_ns)
        state.ticks += 1
    if state.end == End.GOES_ON:
        state.now_ns = now_ns
        _stop_if_due(world, done)
    if seconds > 0.0:
        sample(world, npu_w, done)
    state.done, state.host_ns, state.busy_ns = done, host_ns, meter.now.busy_ns
    if state.end != End.GOES_ON:
        return True
    come_true(world, now_ns)
    set_next(world, now_ns)
    changed = set_limits(world, npu_w, seconds) if seconds > 0.0 else False
    tell_meter(world, meter)
    state.limit_changes += changed
    return bool(changed)


def tell_meter(world: World, meter: Ledger) -> None:
    """Let the meter book leakage at the die's temperature, and runs against the limits, of now."""
    meter.now.heat = rules.leakage_at_temperature(
        world.leakage_per_c, world.temp_c[world.die_node], world.ref_c
    )
    meter.now.cap_w, meter.now.npu_limit_w = world.state.cap_w, world.state.npu_limit_w


def _stop_if_due(world: World, done: int) -> None:
    """End where the stop rule says so: at a time, or after so many requests."""
    if world.state.now_ns >= world.stop_ns:
        world.state.end = End.TIME
    elif done >= world.stop_requests:
        world.state.end = End.REQUESTS


def _pass(world: World, meter: Ledger, now_ns: int, done: int, host_ns: int) -> float:
    """Let a tick's energy flow: books, battery, heat. Return the NPU's mean power."""
    state, begin_ns = world.state, world.state.now_ns
    seconds = (now_ns - begin_ns) * 1e-9
    for k in range(len(world.watts)):
        world.watts[k] = 0.0
    charge_states(world, now_ns)
    # Whole nanoseconds: a difference of long times keeps its digits in a short tick.
    host_s = (host_ns - state.host_ns) * 1e-9
    busy_ns = meter.now.busy_ns - state.busy_ns
    battery_j, rail_j = charge_work(world, seconds, done - state.done, host_s, busy_ns * 1e-9)
    npu_j, beside_j = charge_npu(world, meter, seconds)
    battery_j += npu_j
    rail_j += beside_j
    loss_j = rules.regulator_loss_w(rail_j, pmic_efficiency(world, rail_j / seconds))
    world.watts[world.board_node] += loss_j / seconds
    state.power_w = (battery_j + rail_j + loss_j) / seconds
    used_s = _draw(world, meter, state.power_w, npu_j + beside_j, seconds)
    _book(world, used_s / seconds, loss_j, seconds)
    book_npu(world, meter, used_s / seconds, busy_ns)
    warm(world, begin_ns, used_s)
    return npu_j / seconds


def _draw(world: World, meter: Ledger, power_w: float, npu_j: float, seconds: float) -> float:
    """Draw the tick's power from the cell; return how much of the tick it lasted."""
    state, book = world.state, world.cell_book
    ohmic_j, rc_j = book.ohmic_j, book.rc_j
    temp_c = world.temp_c[world.cell_node]
    peak_w = power_w + max(meter.now.peak_w - npu_j / seconds, 0.0)
    meter.now.peak_w = 0.0
    state.peak_w = max(state.peak_w, peak_w)
    if peak_w > max_power_w(world.pack, world.cell, temp_c):
        state.end = End.BROWN_OUT
        return 0.0
    end = draw(world.pack, world.cell, book, power_w, seconds, temp_c)
    used_s = seconds
    if end != OK:
        state.end = End.EMPTY if end == EMPTY else End.BROWN_OUT
        used_s = world.cell.used_s
        state.now_ns += round(used_s * 1e9)
    if used_s > 0.0:
        lost_j = book.ohmic_j - ohmic_j + book.rc_j - rc_j
        world.watts[world.cell_node] += lost_j / used_s
    return used_s


def _book(world: World, share: float, loss_j: float, seconds: float) -> None:
    """Write the tick into the ledgers; where the battery ended in it, only its share."""
    state = world.state
    for part in world.parts:
        part.spent_j += part.tick_j * share
        part.peak_w = max(part.peak_w, part.tick_j / seconds)
    state.pmic_j += loss_j * share
    if is_limited(world):
        state.limited_s += seconds * share
