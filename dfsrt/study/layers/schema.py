"""The JSON that ``dfsrt optimize search`` writes."""

from __future__ import annotations

import msgspec

from dfsrt.report.schema import SCHEMA_VERSION


class LayerPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One trial's point, on the device and on the data.

    ``steps`` makes it again, by ``dfsrt optimize --steps``; ``weights`` says the same by layer.
    ``energy_j`` is a frame's of all domains, ``latency_s`` the mean. ``accuracy`` is null without
    labels, ``same`` where outputs are no classes; ``sqnr_db`` is at most 200, which is no error.
    """

    trial: int
    steps: str
    weights: dict[str, str]
    maps: str
    energy_j: float
    latency_s: float
    weight_bytes: int
    sqnr_db: float
    cosine: float
    accuracy: float | None
    same: float | None


class LayerReport(msgspec.Struct, frozen=True, kw_only=True):
    """A finished search.

    ``fidelity`` is what stands against energy. ``pareto`` is the set of points that no other is as
    good as in both and better in one, the least energy first; ``chosen`` is the one of it with the
    least energy that keeps ``at_least`` of the fidelity, or where nobody said how much, of those
    that take no more energy than ``widest`` the one nearest to the best of both, each scaled to
    the range; where none saves 1 % of it, the most faithful. ``widest`` has most bits in every
    layer. ``exhaustive`` says that every point of the space was tried. ``sensitivity_db`` is signal
    to error at the outputs with one layer alone changed, by layer and option.
    """

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    data: str
    cap_w: float | None
    governor: str
    fidelity: str
    at_least: float | None
    trials: int
    failed: int
    seed: int
    exhaustive: bool
    widest: LayerPoint
    chosen: LayerPoint
    pareto: list[LayerPoint]
    sensitivity_db: dict[str, dict[str, float]]
    failures: dict[str, int]
    notes: list[str]
