"""Closing the books of a tick: energy to components, battery, heat, limits, in that order.

Rule 8: the books are closed before anything changes. What a component does in a tick is charged
at the watts that held in it; then time's events come, and the limits for the next tick.
"""

from __future__ import annotations

from dfsrt.device import rules
from dfsrt.run import metering
from dfsrt.run.metering import Meter
from dfsrt.world import limits
from dfsrt.world.battery import pack as batteries
from dfsrt.world.battery.pack import (
    CURRENT_A,
    EMPTY,
    OHMIC_J,
    OK,
    RC_J,
    SOC,
    USED_S,
    VOLTAGE_V,
    draw,
    max_power_w,
)
from dfsrt.world.heat import steps
from dfsrt.world.heat.steps import advance_heat
from dfsrt.world.limits import set_limits
from dfsrt.world.world import (
    AMBIENT_C,
    CAP_W,
    DONE,
    END,
    HOST_S,
    LIMIT_CHANGES,
    LIMIT_W,
    LIMITED_S,
    MAX_LEVEL,
    N_SAMPLES,
    NEXT_EVENT,
    NEXT_NS,
    NEXT_SAMPLE_NS,
    NOW_NS,
    PEAK_W,
    PMIC_J,
    POWER_W,
    SAMPLE_COLUMNS,
    SAMPLE_NS,
    SET_AMBIENT,
    SET_CAP,
    STOP_NS,
    STOP_REQUESTS,
    TICK_NS,
    TICKS,
    World,
)

NPU_PARTS = 6
DIE, BOARD, CELL = 0, 1, 2


def close_tick(world: World, meter: Meter, now_ns: int, done: int, host_s: float) -> bool:
    """Close the books at ``now_ns``; return whether the limits changed or the scenario ended.

    ``done`` requests have finished and ``host_s`` have been spent on the host so far.
    """
    clock = world.clock
    seconds, npu_w = (now_ns - clock[NOW_NS]) * 1e-9, 0.0
    if seconds > 0.0:
        npu_w = _pass(world, meter, seconds, done, host_s)
        clock[TICKS] += 1
    if clock[END] == 0:
        clock[NOW_NS] = now_ns
        _stop_if_told(world, done)
    if seconds > 0.0:
        _sample(world, npu_w, done)
    clock[DONE], world.now[HOST_S] = done, host_s
    if clock[END] != 0:
        return True
    _come(world, now_ns)
    _set_next(world, now_ns)
    changed = set_limits(world, npu_w, seconds) if seconds > 0.0 else False
    tell_meter(world, meter)
    clock[LIMIT_CHANGES] += changed
    return bool(changed)


def tell_meter(world: World, meter: Meter) -> None:
    """Let the meter book leakage at the die's temperature, and runs against the limit, of now."""
    meter.now[metering.HEAT] = rules.leakage_at_temperature(
        world.leakage_per_c, world.temp_c[world.place[DIE]], world.ref_c
    )
    meter.now[metering.CAP_W] = world.now[LIMIT_W]


def _stop_if_told(world: World, done: int) -> None:
    """End where the stop rule says so: at a time, or after so many requests."""
    if world.clock[NOW_NS] >= world.clock[STOP_NS]:
        world.clock[END] = 3
    elif done >= world.clock[STOP_REQUESTS]:
        world.clock[END] = 4


def _pass(world: World, meter: Meter, seconds: float, done: int, host_s: float) -> float:
    """Let a tick's energy flow: books, battery, heat. Return the NPU's mean power."""
    frames, hosted = done - world.clock[DONE], host_s - world.now[HOST_S]
    busy = meter.now[metering.BUSY_S] - world.npu_before[metering.BUSY_S]
    for k in range(len(world.watts)):
        world.watts[k] = 0.0
    battery_j, rail_j = _charge_components(world, seconds, frames, hosted, busy)
    npu_j, dram_j = _charge_npu(world, meter, seconds)
    battery_j += npu_j
    rail_j += dram_j
    share = pmic_share(world, rail_j / seconds)
    loss_j = rules.regulator_loss_w(rail_j, share)
    world.watts[world.place[BOARD]] += loss_j / seconds
    power_w = (battery_j + rail_j + loss_j) / seconds
    used = _draw(world, meter, power_w, npu_j + dram_j, seconds)
    _book(world, meter, used / seconds, loss_j, seconds)
    world.now[POWER_W] = power_w
    advance_heat(world.modes, world.temp_c, world.watts, world.now[AMBIENT_C], used, world.work)
    for k in range(len(world.temp_c)):
        world.temp_max_c[k] = max(world.temp_max_c[k], world.temp_c[k])
    return npu_j / seconds


def _charge_components(
    world: World, seconds: float, frames: int, hosted: float, busy: float
) -> tuple[float, float]:
    """Write each component's joules of the tick; return those at the battery and at rails."""
    battery_j, rail_j = 0.0, 0.0
    for c in range(len(world.base_w)):
        steady_w = min(world.base_w[c], world.granted_w[c]) + world.event_w[c]
        joules = (
            steady_w * seconds
            + world.frame_j[c] * frames
            + world.npu_w[c] * busy
            + world.host_w[c] * hosted
        )
        # A state that takes less than the first one, while that is off: nothing, not less.
        joules = max(joules, 0.0)
        world.tick_j[c] = joules
        world.watts[world.node[c]] += joules / seconds
        if world.at_rail[c]:
            rail_j += joules
        else:
            battery_j += joules
    return battery_j, rail_j


def _charge_npu(world: World, meter: Meter, seconds: float) -> tuple[float, float]:
    """Return the NPU's joules of the tick, its regulator's loss included, and those of DRAM."""
    die_j = 0.0
    for k in range(3):
        die_j += meter.now[k] - world.npu_before[k]
    loss_j = meter.now[metering.LOSS] - world.npu_before[metering.LOSS]
    dram_j = meter.now[metering.DRAM] - world.npu_before[metering.DRAM]
    uncore_j = meter.now[metering.UNCORE] - world.npu_before[metering.UNCORE]
    world.watts[world.place[DIE]] += (die_j + uncore_j) / seconds
    world.watts[world.place[BOARD]] += (loss_j + dram_j) / seconds
    return die_j + loss_j, dram_j + uncore_j


def pmic_share(world: World, load_w: float) -> float:
    """Return the PMIC's efficiency at a load: linear between the points of its table."""
    last = len(world.pmic_w) - 1
    if load_w <= world.pmic_w[0]:
        return float(world.pmic_share[0])
    if load_w >= world.pmic_w[last]:
        return float(world.pmic_share[last])
    k = 1
    while load_w > world.pmic_w[k]:
        k += 1
    step = (load_w - world.pmic_w[k - 1]) / (world.pmic_w[k] - world.pmic_w[k - 1])
    return float(world.pmic_share[k - 1] + step * (world.pmic_share[k] - world.pmic_share[k - 1]))


def _draw(world: World, meter: Meter, power_w: float, npu_j: float, seconds: float) -> float:
    """Draw the tick's power from the cell; return how much of the tick it lasted."""
    ohmic, rc = world.cell_j[OHMIC_J], world.cell_j[RC_J]
    temp_c = world.temp_c[world.place[CELL]]
    peak_w = power_w + max(meter.now[metering.PEAK_W] - npu_j / seconds, 0.0)
    meter.now[metering.PEAK_W] = 0.0
    world.now[PEAK_W] = max(world.now[PEAK_W], peak_w)
    if peak_w > max_power_w(world.pack, world.cell, temp_c):
        world.clock[END] = 2
        return 0.0
    end = draw(world.pack, world.cell, world.cell_j, power_w, seconds, temp_c)
    used = seconds
    if end != OK:
        world.clock[END] = 1 if end == EMPTY else 2
        used = world.cell[USED_S]
        world.clock[NOW_NS] += round(used * 1e9)
    if used > 0.0:
        lost = world.cell_j[OHMIC_J] - ohmic + world.cell_j[RC_J] - rc
        world.watts[world.place[CELL]] += lost / used
    return used


def _book(world: World, meter: Meter, share: float, loss_j: float, seconds: float) -> None:
    """Write the tick into the ledgers; where the battery ended in it, only its share."""
    for c in range(len(world.tick_j)):
        world.spent_j[c] += world.tick_j[c] * share
        world.peak_w[c] = max(world.peak_w[c], world.tick_j[c] / seconds)
    world.now[PMIC_J] += loss_j * share
    if world.now[LIMIT_W] < world.now[CAP_W] or world.clock[MAX_LEVEL] < limits.FASTEST:
        world.now[LIMITED_S] += seconds * share
    for k in range(NPU_PARTS):
        world.npu_j[k] += (meter.now[k] - world.npu_before[k]) * share
    for k in range(len(world.npu_before)):
        world.npu_before[k] = meter.now[k]
    for k in range(len(world.layer_before)):
        if share < 1.0:
            spent = meter.layer_j[k] - world.layer_before[k]
            meter.layer_j[k] = world.layer_before[k] + spent * share
        world.layer_before[k] = meter.layer_j[k]


def _come(world: World, now_ns: int) -> None:
    """Let what the schedules hold for now come true."""
    clock = world.clock
    while clock[NEXT_EVENT] < len(world.event_ns) and world.event_ns[clock[NEXT_EVENT]] <= now_ns:
        kind, value = world.event_kind[clock[NEXT_EVENT]], world.event_value[clock[NEXT_EVENT]]
        if kind == SET_AMBIENT:
            world.now[AMBIENT_C] = value
        elif kind == SET_CAP:
            world.now[CAP_W] = value
        else:
            world.base_w[kind] = value
        clock[NEXT_EVENT] += 1


def _set_next(world: World, now_ns: int) -> None:
    """Say when the books are to be closed next: a tick on, or at what comes before that."""
    clock = world.clock
    next_ns = (now_ns // clock[TICK_NS] + 1) * clock[TICK_NS]
    if clock[NEXT_EVENT] < len(world.event_ns):
        next_ns = min(next_ns, world.event_ns[clock[NEXT_EVENT]])
    clock[NEXT_NS] = max(min(next_ns, clock[STOP_NS]), now_ns + 1)


def _sample(world: World, npu_w: float, done: int) -> None:
    """Write a sample where one is due; with no place left, every second one is let go."""
    clock = world.clock
    if clock[NOW_NS] < clock[NEXT_SAMPLE_NS] and clock[END] == 0:
        return
    if clock[N_SAMPLES] == len(world.samples):
        _thin_out(world)
    row = world.samples[clock[N_SAMPLES]]
    row[0] = clock[NOW_NS] * 1e-9
    row[1], row[2], row[3] = world.cell[SOC], world.cell[VOLTAGE_V], world.cell[CURRENT_A]
    row[4], row[5] = world.now[POWER_W], npu_w
    row[6], row[7], row[8] = world.now[LIMIT_W], world.clock[MAX_LEVEL], done
    for k in range(len(world.temp_c)):
        row[SAMPLE_COLUMNS + k] = world.temp_c[k]
    clock[N_SAMPLES] += 1
    clock[NEXT_SAMPLE_NS] = clock[NOW_NS] + clock[SAMPLE_NS]


def _thin_out(world: World) -> None:
    half = len(world.samples) // 2
    for k in range(half):
        for column in range(world.samples.shape[1]):
            world.samples[k, column] = world.samples[2 * k, column]
    world.clock[N_SAMPLES] = half
    world.clock[SAMPLE_NS] *= 2


HELPERS = (
    *batteries.HELPERS,
    *steps.HELPERS,
    *limits.HELPERS,
    rules.polynomial,
    rules.leakage_at_temperature,
    rules.regulator_loss_w,
    pmic_share,
    _charge_components,
    _charge_npu,
    _draw,
    _book,
    tell_meter,
    _stop_if_told,
    _come,
    _set_next,
    _thin_out,
    _sample,
    _pass,
    close_tick,
)
