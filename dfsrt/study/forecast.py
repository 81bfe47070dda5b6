"""What a power model says of a network before anything runs: layer by layer, and in sum."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.units import format_si
from dfsrt.network import Layer, Network
from dfsrt.network.engine_fusion import with_joined_convolutions
from dfsrt.network.layout import CHANNELS_LAST, LAYOUTS
from dfsrt.network.load import load_as
from dfsrt.network.precision import FLOAT_PRECISIONS, convert_layer
from dfsrt.power.at_memory import table_at
from dfsrt.power.bundle import Bundle
from dfsrt.power.card import ClockLaw
from dfsrt.power.choose import parse_confidence
from dfsrt.power.gpu import Prediction, predict_layers
from dfsrt.power.models import open_model
from dfsrt.power.whole import running, whole_of
from dfsrt.report.api import Job
from dfsrt.report.predicted import PredictedLayer, PredictedTotals, PredictReport
from dfsrt.run.fields import RunFields
from dfsrt.run.spec import RunSpec

_NAMES = {dtype: name for name, dtype in FLOAT_PRECISIONS.items()}
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Forecast:
    """A question to a power model: this network, this model, this confidence.

    A model of a real card takes every ONNX node as a layer of its own, in the precision of the
    file unless ``precision`` says otherwise, with images in ``layout``, ``nhwc`` or ``nchw``; its
    totals are those of all layers one after another. With ``fuse`` its convolutions hold batch
    norm, bias and ReLU. A model of a simulated device takes the
    layers that its compiler makes, each at the highest clock whose bound keeps the cap.
    """

    network: str | Path | Network
    power_model: str | Path
    confidence: str | float = CONFIDENCE
    precision: str = "auto"
    layout: str | None = None
    fuse: bool = False
    job: RunFields = field(default_factory=RunFields)

    def report(self) -> PredictReport:
        """Return the prediction.

        Raises:
            InputError: a network, model, precision or confidence that cannot be used.
        """
        share = parse_confidence(self.confidence)
        bundle = open_model(self.power_model)
        if bundle.card.kind == "gpu":
            return self._on_card(bundle, share)
        return self._on_npu(bundle, share)

    def _on_card(self, bundle: Bundle, share: float) -> PredictReport:
        if {"device", "cap"} & self.job.keys():
            raise InputError(
                f"power model '{bundle.card.name}' is of a real card, which has its own clock and "
                "limit; leave out --device and --cap"
            )
        network = self._network()
        if self.fuse:
            network = with_joined_convolutions(network)
        layout = self.layout or CHANNELS_LAST
        if layout not in LAYOUTS:
            raise InputError(unknown_name("layout", layout, LAYOUTS))
        layers, layouts = running(network.layers, layout)
        if not layers:
            raise InputError(f"network '{network.name}' has no layer that takes time")
        layers = self._converted(layers)
        law = bundle.card.clock_law
        found = predict_layers(bundle, layers, share, layouts)
        precisions = [_NAMES.get(a.outputs[0].dtype, a.outputs[0].dtype) for a in layers]
        limit_w = law.limit_w if law else None
        report = _report(network.name, bundle, share, limit_w, layers, precisions, found)
        whole = report if law is None else _as_whole(report, bundle, law, found, layout)
        return msgspec.structs.replace(whole, notes=[*network.notes, *whole.notes])

    def _on_npu(self, bundle: Bundle, share: float) -> PredictReport:
        if self.layout is not None or self.fuse:
            raise InputError(
                f"power model '{bundle.card.name}' is of a simulated device, whose compiler lays "
                "images out and fuses; leave out --layout and --fuse"
            )
        device = self.job.get("device", bundle.card.device)
        fields: RunFields = {
            **self.job,
            "device": device,
            "precision": self.precision,
            "power_model": self.power_model,
        }
        bounded: RunFields = {**fields, "confidence": share}
        mean, upper = Job(self.network, **fields), Job(self.network, **bounded)
        table, cap_w = table_at(mean.table, -1), mean.power_cap.first_w
        opps = table.npu.opps
        rail = [opps.set_points_uv.index(p.rail_uv) for p in opps.points]
        levels = np.arange(len(opps))
        watts, bound = (t.predicted_w[:, levels, rail] for t in (table, table_at(upper.table, -1)))
        fits = bound <= cap_w
        level = np.where(fits.any(axis=1), len(opps) - 1 - fits[:, ::-1].argmax(axis=1), 0)
        row = np.arange(len(level))
        found = Prediction(
            power_w=watts[row, level],
            power_upper_w=bound[row, level],
            latency_s=table.duration_ns[row, level].astype(np.float64) * 1e-9,
            clock_hz=np.array(opps.freqs_hz, dtype=np.float64)[level],
            in_range=np.array([name not in table.out_of_range for name in table.load.names]),
            cap_unreachable=np.asarray(~fits.any(axis=1)),
        )
        layers = [c.layer for c in table.costs]
        limit = cap_w if np.isfinite(cap_w) else None
        precisions = [c.precision for c in table.costs]
        report = _report(table.network, bundle, share, limit, layers, precisions, found)
        return msgspec.structs.replace(report, notes=[*mean.job.mix.notes, *report.notes])

    def _network(self) -> Network:
        if isinstance(self.network, Network):
            return self.network
        said: RunFields = {**self.job, "fuse": False}
        return load_as(self.network, RunSpec(**said).reading)

    def _converted(self, layers: list[Layer]) -> list[Layer]:
        if self.precision == "auto":
            return layers
        if self.precision not in FLOAT_PRECISIONS:
            raise InputError(
                f"precision '{self.precision}' is not one that this model knows; "
                f"use auto, {', '.join(FLOAT_PRECISIONS)}"
            )
        return [convert_layer(a, FLOAT_PRECISIONS[self.precision]) for a in layers]


def _report(
    network: str,
    bundle: Bundle,
    share: float,
    cap_w: float | None,
    layers: list[Layer],
    precisions: list[str],
    found: Prediction,
) -> PredictReport:
    energy_j = float((found.power_w * found.latency_s).sum())
    latency_s = float(found.latency_s.sum())
    outside, over = int((~found.in_range).sum()), int(found.cap_unreachable.sum())
    return PredictReport(
        network=network,
        device=bundle.card.device,
        power_model=bundle.card.name,
        confidence=share,
        cap_w=cap_w,
        totals=PredictedTotals(
            layers=len(layers),
            out_of_range=outside,
            cap_unreachable=over,
            latency_s=latency_s,
            energy_j=energy_j,
            power_w=energy_j / latency_s,
            power_max_w=float(found.power_w.max()),
        ),
        layers=[
            PredictedLayer(
                name=layer.name,
                op=layer.op,
                precision=precision,
                power_w=float(found.power_w[i]),
                power_upper_w=float(found.power_upper_w[i]),
                latency_s=float(found.latency_s[i]),
                clock_hz=float(found.clock_hz[i]),
                in_range=bool(found.in_range[i]),
                cap_unreachable=bool(found.cap_unreachable[i]),
            )
            for i, (layer, precision) in enumerate(zip(layers, precisions, strict=True))
        ],
        notes=_notes(bundle, outside, over, len(layers)),
    )


def _as_whole(
    report: PredictReport, bundle: Bundle, law: ClockLaw, found: Prediction, layout: str
) -> PredictReport:
    """The report with the totals of one inference, in place of those of layers each alone."""
    switch_s = bundle.card.whole.switch_s if bundle.card.whole else 0.0
    whole = whole_of(law, switch_s, found.power_w, found.latency_s, found.clock_hz)
    totals = msgspec.structs.replace(
        report.totals,
        latency_s=whole.latency_s,
        energy_j=whole.energy_j,
        power_w=whole.energy_j / whole.latency_s,
    )
    told = (
        f"images lie in {layout.upper()}; the totals are of all layers as one graph, each "
        f"{format_si(switch_s, 's')} longer than alone, the power limit on their mean"
    )
    return msgspec.structs.replace(report, totals=totals, notes=[told, *report.notes])


def _notes(bundle: Bundle, outside: int, over: int, layers: int) -> list[str]:
    notes = [f"trained on {bundle.card.samples} readings; {bundle.card.limits}"]
    if outside:
        notes.append(
            f"{outside} of {layers} layers lie outside what the model was trained on; "
            "their numbers are extrapolated"
        )
    if over:
        notes.append(
            f"{over} of {layers} layers exceed the cap by their bound even at the slowest clock; "
            "they are shown there (cap_unreachable)"
        )
    return notes
