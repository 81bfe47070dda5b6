"""From a run log to the figures that people compare."""

from __future__ import annotations

import math

import numpy as np

from dfsrt.governor.governor import Governor
from dfsrt.governor.registry import label
from dfsrt.network.network import Network
from dfsrt.report import cap_stats
from dfsrt.report.notes import run_notes
from dfsrt.report.schema import (
    CapChange,
    CapKept,
    Latency,
    Power,
    Prediction,
    Residency,
    RunReport,
    Transitions,
)
from dfsrt.runtime.log import COMPONENTS, IN_DOMAIN, HeldBy, RunLog


def summarize(
    log: RunLog, network: Network, governor: Governor, seed: int, period_ns: int | None = None
) -> RunReport:
    """Return the report of one run."""
    unknown_ops = dict(network.unknown_ops)
    npu, frames = log.table.npu, len(log.finish_ns)
    inside = IN_DOMAIN[log.cap.domain]
    by_component = dict(zip(COMPONENTS, log.energy_j.sum(axis=0).tolist(), strict=True))
    energy_j = math.fsum(list(by_component.values())[:inside])
    time_s = log.span_ns * 1e-9
    return RunReport(
        network=log.table.network,
        device=npu.name,
        bin=npu.bin,
        rail=npu.rail.name,
        precision=_precision(log),
        governor=label(governor),
        power_model=log.table.model,
        seed=seed,
        cap_w=_finite(log.cap.first_w),
        cap_changes=[CapChange(s.start_ns * 1e-9, _finite(s.limit_w)) for s in log.cap.steps[1:]],
        frames=frames,
        period_s=None if period_ns is None else period_ns * 1e-9,
        time_s=time_s,
        fps=frames / time_s,
        latency_s=_latency(log),
        energy_j=energy_j,
        energy_per_inference_j=energy_j / frames,
        power_w=Power(energy_j / time_s, float(np.max(log.power_w[log.ran]))),
        inferences_per_watt_s=_per(frames, energy_j),
        tops_per_w=_per(2e-12 * log.table.macs * frames, energy_j),
        cap=_cap_kept(log),
        transitions=_transitions(log),
        residency=_residency(log),
        energy_breakdown_j=dict(list(by_component.items())[:inside]),
        outside_domain_j=dict(list(by_component.items())[inside:]),
        held_share=_held_share(log),
        prediction=_prediction(log),
        unknown_ops=unknown_ops,
        notes=run_notes(log, governor, unknown_ops),
        assumed=list(npu.assumed),
    )


def _per(amount: float, energy_j: float) -> float:
    return amount / energy_j if energy_j > 0 else math.inf


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _precision(log: RunLog) -> str:
    """The precision, or all of them where layers differ."""
    return "+".join(sorted({cost.precision for cost in log.table.costs}))


def _latency(log: RunLog) -> Latency:
    seconds = (log.finish_ns - log.arrival_ns) * 1e-9
    return Latency(*(float(v) for v in np.percentile(seconds, [50, 95, 99])))


def _cap_kept(log: RunLog) -> CapKept:
    by_window, by_layer = cap_stats.window_excess(log), cap_stats.layer_excess(log)
    return CapKept(
        domain=str(log.cap.domain),
        window_s=log.cap.window_ns * 1e-9,
        excess_time_s=by_window.time_s,
        excess_max_w=by_window.max_w,
        layer_excess_time_s=by_layer.time_s,
        layer_excess_max_w=by_layer.max_w,
        layers_over=cap_stats.layers_over(log),
        layers_unreachable=int(log.cap_unreachable.sum()),
        layer_runs=int(log.ran.sum()),
    )


def _transitions(log: RunLog) -> Transitions:
    changed = int((np.diff(log.level) != 0).sum())
    return Transitions(changed, len(log.moves), float(log.stall_ns.sum()) * 1e-9)


def _residency(log: RunLog) -> list[Residency]:
    """Share of time by clock; a stall counts for the clock that it leads to."""
    spans = log.end_ns - log.begin_ns
    freqs = (0, *log.table.npu.opps.freqs_hz)
    shares = [(f, float(spans[log.freq_hz == f].sum() / log.span_ns)) for f in freqs]
    return [Residency(f, share) for f, share in shares if share > 0]


def _held_share(log: RunLog) -> dict[str, float]:
    spans = (log.end_ns - log.begin_ns)[log.ran]
    held = log.held_by[log.ran]
    shares = {h.name.lower(): float(spans[held == h].sum() / spans.sum()) for h in HeldBy}
    return {name: share for name, share in shares.items() if share > 0}


def _prediction(log: RunLog) -> Prediction:
    drew = log.ran & (log.end_ns > log.start_ns) & (log.power_w > 0)
    outside, confidence = len(log.table.out_of_range), log.table.confidence
    if not drew.any():
        return Prediction(0.0, 0.0, outside, confidence)
    true, predicted = log.power_w[drew], log.predicted_w[drew]
    error = np.abs(predicted / true - 1)
    under = float((predicted < true).mean())
    return Prediction(float(error.mean()), under, outside, confidence)
