"""From a setting to the arrays of its world."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.device.npu import Npu
from dfsrt.device.opp import level_at_most
from dfsrt.world import world as w
from dfsrt.world.battery.pack import max_power_w, new_book, start_state
from dfsrt.world.heat.allocator import FRAC_BITS, SIZE, make_zone
from dfsrt.world.heat.model import HeatModel
from dfsrt.world.limits import FASTEST, set_limits
from dfsrt.world.setting import Setting
from dfsrt.world.use import Use
from dfsrt.world.world import World
from dfsrt.world.zone import Zone

SAMPLES = 4096
MAX_EVENTS = 2_000_000
FIRST_SAMPLES_NS = 10**9

Event = tuple[int, int, float]
Caps = Sequence[tuple[int, float]]


def build_world(
    setting: Setting,
    npu: Npu,
    n_layers: int,
    npu_most_w: float,
    caps: Caps,
    *,
    stop_ns: int,
    stop_requests: int,
    horizon_ns: int,
) -> World:
    """Return the world at its start.

    ``npu_most_w`` is the most that any of ``n_layers`` layers is predicted to draw, ``caps`` the
    schedule's limits as (ns, watts), the first at 0. It ends at ``stop_ns`` or after
    ``stop_requests``; events are laid out up to ``horizon_ns``, by which it has ended.

    Raises:
        InputError: a battery that cannot even carry the components at rest, or more events than
            can be kept.
    """
    heat, uses = setting.heat, setting.uses
    n, m = len(uses), len(heat.nodes)
    events = _events(setting, caps, horizon_ns)
    actors = [use for use in uses if use.least_w is not None]
    pack = setting.battery.pack(setting.health.value, setting.growth.value)
    start_c = setting.ambient.value if setting.start_c is None else setting.start_c
    cell = start_state(pack, setting.charge.value)
    world = World(
        clock=_clock(setting, stop_ns, stop_requests),
        now=_now(setting, caps[0][1]),
        modes=heat.modes(),
        temp_c=np.full(m, start_c),
        temp_max_c=np.full(m, start_c),
        watts=np.zeros(m),
        work=np.zeros(m),
        pack=pack,
        cell=cell,
        cell_j=new_book(),
        base_w=np.array([u.component.state_w(u.state) for u in uses]),
        event_w=np.array([_steady_w(u) for u in uses]),
        frame_j=np.array([u.component.event_j(u.per_frame) if u.per_frame else 0.0 for u in uses]),
        npu_w=np.array([_on_top(u, u.while_npu) for u in uses]),
        host_w=np.array([_on_top(u, u.while_host) for u in uses]),
        at_rail=np.array([u.component.at == "rail" for u in uses], dtype=np.int64),
        node=np.array([node_of(u.component.node, heat) for u in uses], dtype=np.int64),
        actor=np.array([actors.index(u) + 1 if u in actors else -1 for u in uses], dtype=np.int64),
        granted_w=np.full(n, np.inf),
        least_w=np.array([u.least_w or 0.0 for u in uses]),
        spent_j=np.zeros(n),
        tick_j=np.zeros(n),
        peak_w=np.zeros(n),
        npu_j=np.zeros(6),
        npu_before=np.zeros(12),
        layer_before=np.zeros(n_layers),
        event_ns=np.array([t for t, _, _ in events], dtype=np.int64),
        event_kind=np.array([kind for _, kind, _ in events], dtype=np.int64),
        event_value=np.array([value for _, _, value in events], dtype=np.float64),
        pmic_w=np.array([point.load_w for point in setting.pmic]),
        pmic_share=np.array([point.efficiency.value for point in setting.pmic]),
        zone=_zones(setting),
        request_mw=np.zeros(1 + len(actors), dtype=np.int64),
        weight=np.array(
            [round(x * 2**FRAC_BITS) for x in (setting.npu_weight, *(u.weight for u in actors))],
            dtype=np.int64,
        ),
        most_mw=np.array(
            [max(1, round(npu_most_w * 1e3)), *(_most_mw(u) for u in actors)], dtype=np.int64
        ),
        grant_mw=np.zeros(1 + len(actors), dtype=np.int64),
        trip=_trips(setting, npu),
        zone_limit_w=np.full(len(setting.zones), np.inf),
        tripped=np.zeros(len(setting.trips), dtype=np.int64),
        soc_cap=np.array(setting.soc_caps, dtype=np.float64).reshape(-1, 2),
        leakage_per_c=np.array(npu.silicon.leakage_per_c, dtype=np.float64),
        ref_c=float(npu.silicon.ref_temp_c),
        place=np.array([heat.place(x) for x in (heat.die, heat.board, heat.cell)]),
        samples=np.zeros((SAMPLES, w.SAMPLE_COLUMNS + m)),
    )
    _check_battery(setting, world)
    set_limits(world, 0.0, 0.0)  # a low charge or a hot start holds from the first layer on
    return world


def node_of(name: str, heat: HeatModel) -> int:
    """Return the place of a node by its own name, or by its part: die, board, cell or skin."""
    names = [node.name for node in heat.nodes]
    if name in names:
        return names.index(name)
    return heat.place(
        {"board": heat.board, "cell": heat.cell, "skin": heat.skin}.get(name, heat.die)
    )


def _clock(setting: Setting, stop_ns: int, stop_requests: int) -> w.Ints:
    clock = np.zeros(w.CLOCK_SIZE, dtype=np.int64)
    clock[w.TICK_NS] = setting.tick_ns
    clock[w.STOP_NS] = stop_ns
    clock[w.STOP_REQUESTS] = stop_requests
    clock[w.MAX_LEVEL] = FASTEST
    clock[w.SAMPLE_NS] = max(setting.tick_ns, FIRST_SAMPLES_NS)
    return clock


def _now(setting: Setting, cap_w: float) -> Floats:
    now = np.zeros(w.NOW_SIZE)
    now[w.AMBIENT_C] = setting.ambient.value
    now[w.CAP_W] = now[w.LIMIT_W] = cap_w
    now[w.GRID] = setting.grid
    return now


def _steady_w(use: Use) -> float:
    return math.fsum(use.component.event_j(event) * hz for event, hz in use.rate_hz)


def _on_top(use: Use, state: str | None) -> float:
    """Watts on top of the component's first state while something else works."""
    if state is None:
        return 0.0
    return use.component.state_w(state) - use.component.state_w(use.state)


def _most_mw(use: Use) -> int:
    states = [use.state, *(state for _, state in use.changes)]
    return max(round(use.component.state_w(state) * 1e3) for state in states)


def _zones(setting: Setting) -> w.Ints:
    zones = [_zone(zone, setting.heat) for zone in setting.zones]
    return np.array(zones, dtype=np.int64).reshape(-1, SIZE)


def _zone(zone: Zone, heat: HeatModel) -> w.Ints:
    def fraction(gain: float | None) -> int | None:
        """Gains are typed in mW/°C as in sysfs; inside they are per m°C, with fractional bits."""
        return None if gain is None else round(gain * 2**FRAC_BITS / 1000)

    return make_zone(
        heat.place(zone.node),
        round(zone.switch_on_c * 1e3),
        round(zone.control_c * 1e3),
        round(zone.sustainable.value * 1e3),
        fraction(zone.k_po),
        fraction(zone.k_pu),
        fraction(zone.k_i),
        fraction(zone.k_d) or 0,
        round(zone.cutoff_c * 1e3),
    )


def _trips(setting: Setting, npu: Npu) -> Floats:
    rows = [
        (
            setting.heat.place(trip.node),
            trip.above_c,
            trip.below_c,
            level_at_most(list(npu.opps.freqs_hz), trip.max_freq_hz),
        )
        for trip in setting.trips
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _events(setting: Setting, caps: Caps, horizon_ns: int) -> list[Event]:
    """All that the schedules hold, in order of time; at the same time in the setting's order."""
    ambient = ((t, w.SET_AMBIENT, celsius) for t, celsius in setting.ambient_changes)
    limits = ((t, w.SET_CAP, watts) for t, watts in caps[1:])
    streams = [ambient, limits, *(_changes(k, use) for k, use in enumerate(setting.uses))]
    merged = heapq.merge(*streams, key=lambda event: event[0])
    found = list(islice(_until(merged, horizon_ns), MAX_EVENTS + 1))
    if len(found) > MAX_EVENTS:
        raise InputError(
            f"components change state more than {MAX_EVENTS:,} times; let changes be fewer, or "
            "give the mean as a rate"
        )
    return found


def _until(events: Iterator[Event], horizon_ns: int) -> Iterator[Event]:
    for event in events:
        if event[0] > horizon_ns:
            return
        yield event


def _changes(number: int, use: Use) -> Iterator[Event]:
    base = 0
    while use.changes:
        for when, state in use.changes:
            yield base + when, number, use.component.state_w(state)
        if use.repeat_ns is None:
            return
        base += use.repeat_ns
        yield base, number, use.component.state_w(use.state)


def _check_battery(setting: Setting, world: World) -> None:
    """Raise InputError where the battery cannot carry even what rests."""
    asked_w = float(world.base_w.sum() + world.event_w.sum())
    give_w = max_power_w(world.pack, world.cell, float(world.temp_c[world.place[2]]))
    if asked_w > give_w:
        raise InputError(
            f"battery '{setting.battery.name}' can give {give_w:.3g} W at most at "
            f"{setting.charge.value:.0%} charge, and the components draw {asked_w:.3g} W before "
            "the NPU does anything; take a larger battery or fewer components"
        )
