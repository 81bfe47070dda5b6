"""The JSON that dfsrt writes: versioned, documented, the same from the command line and Python."""

from __future__ import annotations

from typing import Any

import msgspec

SCHEMA_VERSION = 1
"""Rises when a key is renamed or removed; new keys may appear within a version."""


class Latency(msgspec.Struct, frozen=True):
    """Time from a frame's arrival to its end, in seconds."""

    p50: float
    p95: float
    p99: float


class Power(msgspec.Struct, frozen=True):
    """Watts in the capped domain: over the whole run, and the highest layer's own average."""

    avg: float
    max: float


class CapKept(msgspec.Struct, frozen=True):
    """How the cap was kept.

    ``excess_*`` follow the cap's window: 0 is each layer's own average; ``layer_excess_*`` are
    always per layer. ``layers_over`` and ``layers_unreachable`` count layer executions, out of
    ``layer_runs``.
    """

    domain: str
    window_s: float
    excess_time_s: float
    excess_max_w: float
    layer_excess_time_s: float
    layer_excess_max_w: float
    layers_over: int
    layers_unreachable: int
    layer_runs: int


class CapChange(msgspec.Struct, frozen=True):
    """From ``time_s`` on, the limit is ``cap_w``; null is no cap."""

    time_s: float
    cap_w: float | None


class LatencyBin(msgspec.Struct, frozen=True):
    """Requests with a latency of at most ``upto_s``, and more than the bin before."""

    upto_s: float
    requests: int


class Transitions(msgspec.Struct, frozen=True):
    """Changes of clock and of voltage, and the time the core stood still for them.

    ``matrix`` counts layer runs by the level before (row) and their own (column).
    """

    frequency: int
    voltage: int
    stall_s: float
    matrix: list[list[int]] = []


class Residency(msgspec.Struct, frozen=True):
    """Share of the run's time at a clock; 0 Hz is idle."""

    freq_hz: int
    share: float


class Prediction(msgspec.Struct, frozen=True):
    """The power model against the plant: mean absolute relative error, share too low.

    ``mape`` is a fraction: 0.05 is 5 %. ``out_of_range`` counts the layers that the model was not
    trained for; ``confidence`` is that of its bound, null where it predicts the mean.
    """

    mape: float
    under_share: float
    out_of_range: int = 0
    confidence: float | None = None


class Regret(msgspec.Struct, frozen=True):
    """How far a governor is from ``optimal``, as predicted and once frames repeat; shares.

    ``time`` is against the least time of a frame under the cap, ``energy`` against the least
    energy under the cap in the time that the governor itself takes. A governor that breaks the
    cap may be below 0; ``layers_over`` says how many layers of a frame do so by prediction.
    """

    time: float
    energy: float
    layers_over: float


class StageReport(msgspec.Struct, frozen=True, kw_only=True):
    """A stage of a pipeline: how often it ran, its time and its energy in the capped domain.

    ``where`` is ``npu`` or ``host``; time on the host costs no energy here, for it is another
    part of the device. ``clocks`` are shares of the stage's own time.
    """

    workload: str
    name: str
    where: str
    calls: int
    time_s: float
    energy_j: float
    energy_share: float
    clocks: list[Residency]


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run.

    Energy and power are those of the capped domain; ``outside_domain_j`` is the rest of the
    device. ``cap_w`` is the first limit, null without a cap. ``held_share`` is the share of
    running time by what held the clock. ``detail`` says what was kept: each layer run, each
    request, or the summary. ``regret`` is worked out where runs are compared under one cap, else
    null. ``stages``, ``shown_fps`` and ``energy_per_shown_frame_j`` are those of a pipeline.
    ``cycles`` names the simulator's report that the array's cycles come from, null where they
    are dfsrt's own.
    """

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    bin: str
    rail: str
    precision: str
    governor: str
    power_model: str
    seed: int
    cap_w: float | None
    cap_changes: list[CapChange]
    frames: int
    period_s: float | None
    detail: str = "layer"
    time_s: float
    fps: float
    latency_s: Latency
    latency_histogram: list[LatencyBin] = []
    energy_j: float
    energy_per_inference_j: float
    power_w: Power
    inferences_per_watt_s: float
    tops_per_w: float
    cap: CapKept
    transitions: Transitions
    residency: list[Residency]
    energy_breakdown_j: dict[str, float]
    outside_domain_j: dict[str, float]
    held_share: dict[str, float]
    prediction: Prediction
    unknown_ops: dict[str, int]
    notes: list[str]
    assumed: list[str]
    regret: Regret | None = None
    stages: list[StageReport] = []
    shown_fps: float | None = None
    energy_per_shown_frame_j: float | None = None
    cycles: str | None = None


class CompareReport(msgspec.Struct, frozen=True, kw_only=True):
    """Several governors on the same network, device and cap."""

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    cap_w: float | None
    runs: list[RunReport]


class LayerEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One layer; cycles and DRAM bytes are there when a device is named."""

    name: str
    op: str
    kind: str
    precision: str
    macs: int = msgspec.field()
    weight_bytes: int = msgspec.field()
    input_bytes: int = msgspec.field()
    output_bytes: int = msgspec.field()
    nodes: list[str]
    compute_cycles: int | None = None
    dram_bytes: int | None = None
    tiling: str | None = None


class LayerTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over a network; ``params`` counts constant elements as the file has them."""

    layers: int
    macs: int
    params: int
    weight_bytes: int


class LayersReport(msgspec.Struct, frozen=True, kw_only=True):
    """The layers of a network, on a device or on none; ``cycles`` is as in a run's report."""

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str | None
    fused: bool
    totals: LayerTotals
    layers: list[LayerEntry]
    unknown_ops: dict[str, int]
    cycles: str | None = None
    notes: list[str] = []


class PredictedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer as a power model sees it; ``power_upper_w`` is the bound at the confidence."""

    name: str
    op: str
    precision: str
    power_w: float
    power_upper_w: float
    latency_s: float
    clock_hz: float
    in_range: bool
    cap_unreachable: bool


class PredictedTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over a network's layers, run one after another."""

    layers: int
    out_of_range: int
    cap_unreachable: int
    latency_s: float
    energy_j: float
    power_w: float
    power_max_w: float


class PredictReport(msgspec.Struct, frozen=True, kw_only=True):
    """A network's layers as a power model predicts them."""

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    power_model: str
    confidence: float
    cap_w: float | None
    totals: PredictedTotals
    layers: list[PredictedLayer]
    notes: list[str]


class FrontierPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A frame on the frontier: no frame under the cap is as fast on less energy, but for ``gap``.

    ``gap`` is a share of the energy; ``certified`` says that it is a thousandth or less.
    ``corner`` marks corners of the convex hull.
    """

    time_s: float
    energy_j: float
    gap: float
    certified: bool
    corner: bool


class FrontierGovernor(msgspec.Struct, frozen=True, kw_only=True):
    """A governor's own frame beside the frontier."""

    governor: str
    time_s: float
    energy_j: float
    regret: Regret


class FrontierReport(msgspec.Struct, frozen=True, kw_only=True):
    """Time against energy of one frame under a cap, as predicted: the best, and each governor."""

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    power_model: str
    cap_w: float | None
    points: list[FrontierPoint]
    governors: list[FrontierGovernor]
    assumed: list[str]


def to_json(report: Any) -> bytes:
    """Return a report, or any document of plain values, as indented JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"
