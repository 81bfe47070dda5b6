"""From a finished scenario to its report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.governor.registry import label
from dfsrt.report import summary
from dfsrt.report.life_schema import (
    AssumedNumber,
    BatteryState,
    ComponentUse,
    EnergyFlow,
    LifeReport,
    NpuUse,
    StageUse,
    Temperatures,
)
from dfsrt.report.outcomes import Outcomes
from dfsrt.report.schema import Residency, Transitions
from dfsrt.run.log import COMPONENTS
from dfsrt.run.queue import PREEMPTIONS, Status
from dfsrt.world.state import End
from dfsrt.world.world import World

if TYPE_CHECKING:
    from dfsrt.run.life_job import BatteryRun

CAUSES = {
    End.EMPTY: "empty",
    End.BROWN_OUT: "brown_out",
    End.TIME: "time",
    End.REQUESTS: "requests",
}


def summarize_life(run: BatteryRun) -> LifeReport:
    """Return the report of a finished scenario."""
    s, world, table = run.job.scenario, run.world, run.job.mix.table
    seconds = float(world.state.now_ns) * 1e-9
    energy, outcomes = energy_flow(run), _outcomes(run)
    frames = outcomes.counts().completed
    npu, uses = table.npu, _components(run, seconds, energy)
    return LifeReport(
        scenario=s.name,
        what=s.what,
        device=npu.name,
        bin=npu.bin,
        rail=npu.rail.name,
        governor=label(run.governor),
        power_model=table.model,
        confidence=table.confidence,
        seed=s.seed,
        cap_w=summary.finite(run.job.first_cap_w),
        cap_domain=s.cap.domain,
        ambient_c=s.setting.ambient.value,
        life_s=seconds,
        end_cause=CAUSES[End(int(world.state.end))],
        frames=frames,
        frames_per_s=frames / seconds if seconds > 0 else 0.0,
        energy_per_frame_j=energy.chemical / frames if frames else None,
        requests=outcomes.counts(),
        deadlines=outcomes.deadlines(),
        latency_s=outcomes.latency_s(),
        energy_j=energy,
        temperature_c=_temperatures(run),
        battery=_battery(run, seconds),
        components=uses,
        npu=_npu(run, seconds),
        stages=_stages(run),
        notes=_notes(run, uses),
        assumed=[
            AssumedNumber(
                name=path, value=n.value, low=n.low, high=n.high, unit=n.unit, source=n.source
            )
            for path, n in s.assumed().items()
        ],
        device_assumed=[*npu.assumed, *run.job.mix.assumed],
    )


def npu_joules(world: World) -> dict[str, float]:
    """Return the NPU's joules by component."""
    return {name: float(getattr(world.npu, f"{name}_j")) for name in COMPONENTS}


def energy_flow(run: BatteryRun) -> EnergyFlow:
    """Return where the energy went, from the ledgers."""
    world, book, npu = run.world, run.world.cell_book, npu_joules(run.world)
    uses = run.job.scenario.setting.uses
    own = {use.name: float(part.spent_j) for use, part in zip(uses, world.parts, strict=True)}
    on_chip = math.fsum(npu[k] for k in ("switching", "clock", "leakage"))
    return EnergyFlow(
        chemical=float(book.chemical_j),
        internal_loss=float(book.ohmic_j + book.rc_j + book.stored_j),
        pmic_loss=float(world.state.pmic_j) + npu["regulator_loss"],
        components={"npu": on_chip, "npu dram": npu["dram"], "npu uncore": npu["uncore"], **own},
    )


def _outcomes(run: BatteryRun) -> Outcomes:
    """What became of the requests that came before the end; the others never did."""
    q, end_ns = run.queue, int(run.world.state.now_ns)
    came = (q.arrival_ns < end_ns) & (q.status != Status.PENDING)
    late = q.finish_ns > end_ns  # in the tick in which the battery ended
    status = np.where(late, int(Status.STARTED), q.status)
    finish = np.where(late, -1, q.finish_ns)
    whole = Outcomes(status, q.arrival_ns, q.admit_ns, finish, q.deadline_ns, end_ns)
    return whole.of(came)


def _temperatures(run: BatteryRun) -> Temperatures:
    heat, world = run.job.scenario.setting.heat, run.world
    nodes = {n.name: float(c) for n, c in zip(heat.nodes, world.temp_max_c, strict=True)}
    return Temperatures(die_max=nodes[heat.die], skin_max=nodes[heat.skin], nodes_max=nodes)


def _battery(run: BatteryRun, seconds: float) -> BatteryState:
    s, world = run.job.scenario.setting, run.world
    return BatteryState(
        name=s.battery.name,
        model=s.battery.model,
        capacity_ah=s.battery.capacity_ah.value,
        health=s.health.value,
        charge_start=s.charge.value,
        charge_end=max(float(world.cell.soc), 0.0),
        voltage_end_v=float(world.cell.voltage_v),
        current_end_a=float(world.cell.current_a),
        power_mean_w=float(world.cell_book.delivered_j) / seconds if seconds > 0 else 0.0,
        power_peak_w=float(world.state.peak_w),
    )


def _components(run: BatteryRun, seconds: float, energy: EnergyFlow) -> list[ComponentUse]:
    uses = []
    for use, part in zip(run.job.scenario.setting.uses, run.world.parts, strict=True):
        joules, peak_w = float(part.spent_j), float(part.peak_w)
        within = None if use.budget_w is None else peak_w <= use.budget_w * (1 + 1e-9)
        uses.append(
            ComponentUse(
                name=use.name,
                energy_j=joules,
                share=joules / energy.chemical if energy.chemical > 0 else 0.0,
                power_mean_w=joules / seconds if seconds > 0 else 0.0,
                power_peak_w=peak_w,
                budget_w=use.budget_w,
                within_budget=within,
            )
        )
    return uses


def _npu(run: BatteryRun, seconds: float) -> NpuUse:
    world, meter, opps = run.world, run.meter, run.job.mix.table.npu.opps
    busy_s = float(meter.level_s.sum())
    spans = [(0, max(seconds - busy_s, 0.0)), *zip(opps.freqs_hz, meter.level_s, strict=True)]
    whole = max(seconds, busy_s, 1e-12)
    return NpuUse(
        energy_breakdown_j=npu_joules(world),
        busy_share=min(busy_s / whole, 1.0),
        power_max_w=float(meter.now.max_w),
        over_cap_s=float(meter.now.over_s),
        limited_s=float(world.state.limited_s),
        limit_changes=int(world.state.limit_changes),
        transitions=_transitions(run),
        residency=[Residency(int(f), float(s) / whole) for f, s in spans if s > 0],
    )


def _transitions(run: BatteryRun) -> Transitions:
    """Changes of clock and voltage; the time that the clock stood still for them."""
    matrix, stall_ns = run.transitions, run.job.mix.table.stall_ns
    changed = int(matrix.sum() - matrix.trace())
    stall_s = float((matrix * stall_ns).sum()) * 1e-9
    return Transitions(changed, run.moves, stall_s, matrix.tolist())


def _stages(run: BatteryRun) -> list[StageUse]:
    sections = [(key, slice(*key.section)) for key in run.job.mix.stage_keys if key.section]
    return [
        StageUse(
            workload=key.workload,
            stage=key.name,
            busy_s=float(run.meter.layer_s[part].sum()),
            energy_j=float(run.meter.layer_j[part].sum()),
        )
        for key, part in sections
    ]


def _notes(run: BatteryRun, uses: list[ComponentUse]) -> list[str]:
    notes: list[str] = []
    world, s = run.world, run.job.scenario
    table = run.job.mix.table
    if table.out_of_range:
        notes.append(
            f"{len(table.out_of_range)} layers lie outside what power model '{table.model}' was "
            "trained on; their predicted power may be off"
        )
    if s.stop.empty and world.state.end == End.TIME:
        notes.append("the battery was not empty at the stop's 'most'; raise it to see the end")
    notes += [
        f"component '{c.name}' went over its budget" for c in uses if c.within_budget is False
    ]
    if world.state.limited_s > 0:
        notes.append(f"heat or charge held the NPU for {world.state.limited_s / 60:.1f} min in all")
    if run.queue.now[PREEMPTIONS]:
        notes.append(f"{int(run.queue.now[PREEMPTIONS])} preemptions at layer boundaries")
    return notes
