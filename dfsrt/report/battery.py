"""The battery of a report: how long it lasted, where its energy went, how warm everything got."""

from __future__ import annotations

import math
from typing import Any

from dfsrt.base.errors import InputError
from dfsrt.report.energy import ratio
from dfsrt.report.schema import (
    AssumedNumber,
    BatteryReport,
    ComponentUse,
    EnergyFlow,
    Temperatures,
)
from dfsrt.run.log import COMPONENTS
from dfsrt.run.run import Run
from dfsrt.run.surroundings import Surroundings
from dfsrt.world.state import End
from dfsrt.world.world import World


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
    if run.surroundings is None:
        return None
    world, setting, frames = run.surroundings.world, run.surroundings.setting, run.book.frames
    battery, seconds, flow = setting.battery, _seconds(world), energy_flow(run)
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
        energy_per_frame_j=ratio(flow.chemical, frames),
        temperature_c=_temperatures(run),
        components=_components(run, flow),
        limited_s=float(world.state.limited_s),
        limit_changes=int(world.state.limit_changes),
        over_cap_s=run.book.layer_excess.time_s,
        assumed=_assumed(run),
    )


def _seconds(world: World) -> float:
    return float(world.state.now_ns) * 1e-9


def energy_flow(run: Run) -> EnergyFlow:
    """Return where the energy went, from the ledgers."""
    around = surroundings_of(run)
    world, setting = around.world, around.setting
    book, uses = world.cell_book, zip(setting.uses, world.parts, strict=True)
    npu = {name: float(getattr(world.npu, f"{name}_j")) for name in COMPONENTS}
    on_chip = math.fsum(npu[k] for k in ("switching", "clock", "leakage"))
    own = {use.name: float(part.spent_j) for use, part in uses}
    return EnergyFlow(
        chemical=float(book.chemical_j),
        internal_loss=float(book.ohmic_j + book.rc_j + book.stored_j),
        pmic_loss=float(world.state.pmic_j) + npu["regulator_loss"],
        components={"npu": on_chip, "npu dram": npu["dram"], "npu uncore": npu["uncore"], **own},
    )


def _temperatures(run: Run) -> Temperatures:
    around = surroundings_of(run)
    world, setting = around.world, around.setting
    heat = setting.heat
    nodes = {n.name: float(c) for n, c in zip(heat.nodes, world.temp_max_c, strict=True)}
    return Temperatures(die_max=nodes[heat.die], skin_max=nodes[heat.skin], nodes_max=nodes)


def _components(run: Run, flow: EnergyFlow) -> list[ComponentUse]:
    around = surroundings_of(run)
    world, setting = around.world, around.setting
    return [
        _component(use.name, use.budget_w, part, flow.chemical, _seconds(world))
        for use, part in zip(setting.uses, world.parts, strict=True)
    ]


def _component(
    name: str, budget_w: float | None, part: Any, whole_j: float, seconds: float
) -> ComponentUse:
    joules, peak_w = float(part.spent_j), float(part.peak_w)
    return ComponentUse(
        name=name,
        energy_j=joules,
        share=ratio(joules, whole_j) or 0.0,
        power_mean_w=ratio(joules, seconds) or 0.0,
        power_peak_w=peak_w,
        budget_w=budget_w,
        within_budget=None if budget_w is None else peak_w <= budget_w * (1 + 1e-9),
    )


def _assumed(run: Run) -> list[AssumedNumber]:
    setting = run.job.setting
    assert setting is not None
    return [
        AssumedNumber(
            name=path, value=n.value, low=n.low, high=n.high, unit=n.unit, source=n.source
        )
        for path, n in setting.assumed().items()
    ]


def battery_notes(run: Run) -> list[str]:
    """Return what is worth saying of a run in a world, one line each."""
    if run.surroundings is None:
        return []
    world, setting = run.surroundings.world, run.surroundings.setting
    notes = []
    if run.job.stop.empty and world.state.end == End.TIME:
        notes.append("the battery was not empty at the stop's 'most'; raise it to see the end")
    notes += [
        f"component '{use.name}' went over its budget"
        for use, part in zip(setting.uses, world.parts, strict=True)
        if use.budget_w is not None and part.peak_w > use.budget_w * (1 + 1e-9)
    ]
    if world.state.limited_s > 0:
        notes.append(f"heat or charge held the NPU for {world.state.limited_s / 60:.1f} min in all")
    return notes
