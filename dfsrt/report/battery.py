"""The battery of a report: how long it lasted, where its energy went, how warm everything got."""

from __future__ import annotations

import math

from dfsrt.base.errors import InputError
from dfsrt.power.components import LOSSES, PLACES
from dfsrt.report.battery_table import hours
from dfsrt.report.energy import ratio
from dfsrt.report.schema import (
    AssumedNumber,
    BatteryReport,
    ComponentUse,
    EnergyFlow,
    Temperatures,
)
from dfsrt.run.run import Run
from dfsrt.run.surroundings import Surroundings
from dfsrt.world.setting import Setting
from dfsrt.world.state import End, Part
from dfsrt.world.use import Use
from dfsrt.world.world import World

NPU_FLOW = {
    part if part == "npu" else f"npu {part}": [k for k in places if k not in LOSSES]
    for part, places in PLACES.items()
}
"""Parts of the NPU as the flow of energy names them, and the components in each."""


def surroundings_of(run: Run) -> Surroundings:
    """Return what surrounded the NPU.

    Raises:
        InputError: nothing did.
    """
    if run.surroundings is None:
        raise InputError("only a scenario has a battery and heat; run a scenario")
    return run.surroundings


def battery_report(run: Run) -> BatteryReport | None:
    """Return what became of the battery and all around the NPU; None where there is no world."""
    return None if run.surroundings is None else battery_of(run)


def battery_of(run: Run) -> BatteryReport:
    """Return what became of the battery and all around the NPU.

    Raises:
        InputError: there was none.
    """
    around = surroundings_of(run)
    world, setting = around.world, around.setting
    battery, flow = setting.battery, energy_flow(world, setting)
    seconds = float(world.state.now_ns) * 1e-9
    return BatteryReport(
        name=battery.name,
        model=battery.model,
        life_s=seconds,
        end_cause=End(int(world.state.end)).name.lower(),
        ambient_c=setting.ambient.value,
        capacity_ah=battery.capacity_ah.value,
        health=setting.health.value,
        charge_start=setting.charge.value,
        charge_end=max(float(world.cell.soc), 0.0),
        voltage_end_v=float(world.cell.voltage_v),
        current_end_a=float(world.cell.current_a),
        power_mean_w=ratio(float(world.cell_book.delivered_j), seconds) or 0.0,
        power_peak_w=float(world.state.peak_w),
        energy_j=flow,
        energy_per_frame_j=ratio(flow.chemical, run.book.frames),
        temperature_c=_temperatures(world, setting),
        components=[
            _component(use, part, flow.chemical, seconds)
            for use, part in zip(setting.uses, world.parts, strict=True)
        ],
        limited_s=float(world.state.limited_s),
        limit_changes=int(world.state.limit_changes),
        over_cap_s=run.book.layer_excess.time_s,
        assumed=[
            AssumedNumber(
                name=path, value=n.value, low=n.low, high=n.high, unit=n.unit, source=n.source
            )
            for path, n in setting.assumed().items()
        ],
    )


def energy_flow(world: World, setting: Setting) -> EnergyFlow:
    """Return where the energy went, from the ledgers."""
    book, uses = world.cell_book, zip(setting.uses, world.parts, strict=True)
    npu = {part: math.fsum(world.npu_j[k] for k in places) for part, places in NPU_FLOW.items()}
    own = {use.name: float(part.spent_j) for use, part in uses}
    return EnergyFlow(
        chemical=float(book.chemical_j),
        internal_loss=float(book.ohmic_j + book.rc_j + book.stored_j),
        pmic_loss=math.fsum([world.state.pmic_j, *world.npu_j[LOSSES]]),
        components={**npu, **own},
    )


def _temperatures(world: World, setting: Setting) -> Temperatures:
    heat = setting.heat
    nodes = {n.name: float(c) for n, c in zip(heat.nodes, world.temp_max_c, strict=True)}
    return Temperatures(die_max=nodes[heat.die], skin_max=nodes[heat.skin], nodes_max=nodes)


def _component(use: Use, part: Part, whole_j: float, seconds: float) -> ComponentUse:
    joules = float(part.spent_j)
    return ComponentUse(
        name=use.name,
        energy_j=joules,
        share=ratio(joules, whole_j) or 0.0,
        power_mean_w=ratio(joules, seconds) or 0.0,
        power_peak_w=float(part.peak_w),
        budget_w=use.budget_w,
        within_budget=_within_budget(use, part),
    )


def _within_budget(use: Use, part: Part) -> bool | None:
    if use.budget_w is None:
        return None
    return bool(part.peak_w <= use.budget_w * (1 + 1e-9))


def battery_notes(run: Run) -> list[str]:
    """Return what is worth saying of a run in a world, one line each."""
    if run.surroundings is None:
        return []
    world, setting, notes = run.surroundings.world, run.surroundings.setting, []
    if run.job.stop.empty and world.state.end == End.TIME:
        lasted = hours(run.job.stop.at_ns * 1e-9)
        notes.append(
            f"the battery was not empty after {lasted}; to see its end, say "
            "at = 'empty' and a longer most in the scenario's [stop]"
        )
    notes += [
        f"component '{use.name}' went over its budget"
        for use, part in zip(setting.uses, world.parts, strict=True)
        if _within_budget(use, part) is False
    ]
    if world.state.limited_s > 0:
        notes.append(f"heat or charge held the NPU for {world.state.limited_s / 60:.1f} min in all")
    return notes
