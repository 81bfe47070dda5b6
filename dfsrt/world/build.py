"""From a setting to its world."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.record import record_type
from dfsrt.device.npu import Npu
from dfsrt.device.opp import level_at_most
from dfsrt.power.components import COMPONENTS
from dfsrt.world.battery.pack import CellBook, max_power_w, rested_cell
from dfsrt.world.events import events_of
from dfsrt.world.heat.allocator import FRAC_BITS, Actor, ZoneState, make_zone
from dfsrt.world.heat.model import HeatModel
from dfsrt.world.limits import set_limits
from dfsrt.world.setting import Setting
from dfsrt.world.state import Part, Sample, SocCap, TripState, WorldState
from dfsrt.world.use import Use
from dfsrt.world.world import World
from dfsrt.world.zone import Trip, Zone

SAMPLES = 4096
FIRST_SAMPLES_NS = 10**9


def build_world(
    setting: Setting,
    npu: Npu,
    npu_most_w: float,
    caps: Sequence[tuple[int, float]],
    *,
    stop_ns: int,
    stop_requests: int,
    horizon_ns: int,
) -> World:
    """Return the world at its start, for plain Python; see ``for_compiled``.

    ``npu_most_w`` is the most that any layer is predicted to draw, ``caps`` the
    schedule's limits as (ns, watts), the first at 0. It ends at ``stop_ns`` or after
    ``stop_requests``; events are laid out up to ``horizon_ns``, by which it has ended.

    Raises:
        InputError: a battery that cannot even carry the components at rest, or more events than
            can be kept.
    """
    heat, n_nodes = setting.heat, len(setting.heat.nodes)
    start_c = setting.ambient.value if setting.start_c is None else setting.start_c
    pack = setting.battery.pack(setting.health.value, setting.growth.value)
    world = World(
        state=_state(setting, caps[0][1]),
        tick_ns=setting.tick_ns,
        stop_ns=stop_ns,
        stop_requests=stop_requests,
        modes=heat.modes(),
        temp_c=np.full(n_nodes, start_c),
        temp_max_c=np.full(n_nodes, start_c),
        watts=np.zeros(n_nodes),
        work=np.zeros(n_nodes),
        die_node=heat.place(heat.die),
        board_node=heat.place(heat.board),
        cell_node=heat.place(heat.cell),
        leakage_per_c=np.array(npu.silicon.leakage_per_c, dtype=np.float64),
        ref_c=float(npu.silicon.ref_temp_c),
        pack=pack,
        cell=rested_cell(pack, setting.charge.value),
        cell_book=CellBook(),
        pmic_load_w=np.array([point.load_w for point in setting.pmic]),
        pmic_efficiency=np.array([point.efficiency.value for point in setting.pmic]),
        parts=_parts(setting),
        npu_j=np.zeros(len(COMPONENTS)),
        events=events_of(setting, caps[1:], horizon_ns),
        soc_caps=[SocCap(share, watts) for share, watts in setting.soc_caps],
        zones=[_zone(zone, heat) for zone in setting.zones],
        actors=_actors(setting, npu_most_w),
        grid=setting.grid,
        trips=[_trip(trip, heat, npu) for trip in setting.trips],
        samples=np.zeros(SAMPLES, dtype=record_type(Sample)).view(np.recarray),
        sample_temp_c=np.zeros((SAMPLES, n_nodes)),
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


def _state(setting: Setting, cap_w: float) -> WorldState:
    return WorldState(
        sample_ns=max(setting.tick_ns, FIRST_SAMPLES_NS),
        ambient_c=setting.ambient.value,
        schedule_w=cap_w,
        cap_w=cap_w,
    )


def _parts(setting: Setting) -> list[Part]:
    actors = _acting(setting)
    return [
        Part(
            base_w=use.component.state_w(use.state),
            event_w=math.fsum(use.component.event_j(event) * hz for event, hz in use.rate_hz),
            frame_j=use.component.event_j(use.per_frame) if use.per_frame else 0.0,
            npu_w=_on_top_w(use, use.while_npu),
            host_w=_on_top_w(use, use.while_host),
            at_rail=use.component.at == "rail",
            node=node_of(use.component.node, setting.heat),
            actor=1 + actors.index(use) if use in actors else -1,
            least_w=use.least_w or 0.0,
        )
        for use in setting.uses
    ]


def _acting(setting: Setting) -> list[Use]:
    """The components among whom zones share, besides the NPU."""
    return [use for use in setting.uses if use.least_w is not None]


def _on_top_w(use: Use, state: str | None) -> float:
    """Watts on top of the component's first state while something else works."""
    if state is None:
        return 0.0
    return use.component.state_w(state) - use.component.state_w(use.state)


def _actors(setting: Setting, npu_most_w: float) -> list[Actor]:
    """The NPU, which may have the most that any layer is predicted to draw, and the others."""
    npu = Actor(_fixed(setting.npu_weight), max(1, round(npu_most_w * 1e3)))
    return [npu, *(Actor(_fixed(use.weight), _most_mw(use)) for use in _acting(setting))]


def _fixed(value: float) -> int:
    """Return a number with the allocator's fractional bits."""
    return round(value * (1 << FRAC_BITS))


def _most_mw(use: Use) -> int:
    return max(round(use.component.state_w(state) * 1e3) for state in use.states)


def _zone(zone: Zone, heat: HeatModel) -> ZoneState:
    def fraction(gain: float | None) -> int | None:
        """Gains are typed in mW/°C as in sysfs; inside they are per m°C."""
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


def _trip(trip: Trip, heat: HeatModel, npu: Npu) -> TripState:
    level = level_at_most(npu.opps.freqs_hz, trip.max_freq_hz)
    return TripState(heat.place(trip.node), trip.above_c, trip.below_c, level)


def _check_battery(setting: Setting, world: World) -> None:
    """Raise InputError where the battery cannot carry even what rests."""
    asked_w = math.fsum(part.base_w + part.event_w for part in world.parts)
    give_w = max_power_w(world.pack, world.cell, float(world.temp_c[world.cell_node]))
    if asked_w > give_w:
        raise InputError(
            f"battery '{setting.battery.name}' can give {give_w:.3g} W at most at "
            f"{setting.charge.value:.0%} charge, and the components draw {asked_w:.3g} W before "
            "the NPU does anything; take a larger battery or fewer components"
        )
