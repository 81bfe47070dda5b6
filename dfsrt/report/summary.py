"""From a run's totals to the figures that people compare."""

from __future__ import annotations

import math
from collections.abc import Mapping

from dfsrt.governor.governor import Governor
from dfsrt.governor.registry import label
from dfsrt.report.notes import run_notes
from dfsrt.report.schema import (
    CapChange,
    CapKept,
    Latency,
    LatencyBin,
    Power,
    Prediction,
    Residency,
    RunReport,
    Transitions,
)
from dfsrt.report.totals import Totals
from dfsrt.run.log import COMPONENTS, IN_DOMAIN, HeldBy


def summarize(
    totals: Totals,
    unknown_ops: Mapping[str, int],
    governor: Governor,
    seed: int,
    period_ns: int | None = None,
    detail: str = "layer",
    macs: int | None = None,
) -> RunReport:
    """Return the report of one run; ``macs`` is all it did, where frames differ."""
    macs = totals.table.macs * totals.frames if macs is None else macs
    table, cap = totals.table, totals.cap
    npu, frames = table.npu, totals.frames
    inside = IN_DOMAIN[cap.domain]
    by_component = dict(zip(COMPONENTS, totals.energy_j.tolist(), strict=True))
    energy_j = math.fsum(list(by_component.values())[:inside])
    time_s = totals.span_ns * 1e-9
    return RunReport(
        network=table.network,
        device=npu.name,
        bin=npu.bin,
        rail=npu.rail.name,
        precision="+".join(sorted({cost.precision for cost in table.costs})),
        governor=label(governor),
        power_model=table.model,
        seed=seed,
        cap_w=finite(cap.first_w),
        cap_changes=[CapChange(s.start_ns * 1e-9, finite(s.limit_w)) for s in cap.steps[1:]],
        frames=frames,
        period_s=None if period_ns is None else period_ns * 1e-9,
        detail=detail,
        time_s=time_s,
        fps=frames / time_s,
        latency_s=Latency(*totals.latencies.percentiles_s(50, 95, 99)),
        latency_histogram=[LatencyBin(*found) for found in totals.latencies.histogram()],
        energy_j=energy_j,
        energy_per_inference_j=energy_j / frames,
        power_w=Power(energy_j / time_s, totals.power_max_w),
        inferences_per_watt_s=_per(frames, energy_j),
        tops_per_w=_per(2e-12 * macs, energy_j),
        cap=cap_kept(totals),
        transitions=transitions(totals),
        residency=residency(totals),
        energy_breakdown_j=dict(list(by_component.items())[:inside]),
        outside_domain_j=dict(list(by_component.items())[inside:]),
        held_share=_held_share(totals),
        prediction=Prediction(*totals.prediction_error, len(table.out_of_range), table.confidence),
        unknown_ops=dict(unknown_ops),
        notes=run_notes(totals, governor, unknown_ops),
        assumed=list(npu.assumed),
        cycles=table.cycles or None,
    )


def _per(amount: float, energy_j: float) -> float:
    return amount / energy_j if energy_j > 0 else math.inf


def finite(value: float) -> float | None:
    """Return ``value``, or None where it is infinite."""
    return value if math.isfinite(value) else None


def cap_kept(totals: Totals) -> CapKept:
    """Return how the cap was kept."""
    by_window, by_layer, cap = totals.window_excess, totals.layer_excess, totals.cap
    return CapKept(
        domain=str(cap.domain),
        window_s=cap.window_ns * 1e-9,
        excess_time_s=by_window.time_s,
        excess_max_w=by_window.max_w,
        layer_excess_time_s=by_layer.time_s,
        layer_excess_max_w=by_layer.max_w,
        layers_over=totals.layers_over,
        layers_unreachable=totals.unreachable,
        layer_runs=totals.runs,
    )


def transitions(totals: Totals) -> Transitions:
    """Return changes of clock and voltage."""
    matrix = totals.transitions
    changed = int(matrix.sum() - matrix.trace())
    return Transitions(changed, totals.moves, totals.stall_ns * 1e-9, matrix.tolist())


def residency(totals: Totals) -> list[Residency]:
    """Share of time by clock; a stall counts for the clock that it leads to."""
    *busy_ns, idle_ns = totals.level_ns.tolist()
    freqs = totals.table.npu.opps.freqs_hz
    spans = [(0, idle_ns), *zip(freqs, busy_ns, strict=True)]
    return [Residency(f, ns / totals.span_ns) for f, ns in spans if ns > 0]


def _held_share(totals: Totals) -> dict[str, float]:
    whole = float(totals.held_ns.sum())
    spans = zip(HeldBy, totals.held_ns.tolist(), strict=True)
    return {h.name.lower(): ns / whole for h, ns in spans if ns}
