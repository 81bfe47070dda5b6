"""From samples to rows that can be learned: features, readings, and what belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import InputError
from dfsrt.cost.cost import cost_network
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer
from dfsrt.network.layout import OF_IMAGES, PLAIN
from dfsrt.network.network import Network
from dfsrt.power.card import device_digest
from dfsrt.power.clock_law import HELD_BELOW
from dfsrt.power.features import features, names
from dfsrt.power.levels import levels_of
from dfsrt.power.measure.plan import signature
from dfsrt.power.measure.sample import Sample
from dfsrt.power.shape_features import feature_names, roofline_s, shape_features
from dfsrt.power.workload import workload

Names = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Samples as arrays, one row each: ``features`` is ``(n_rows, n_features)``, all others are
    ``(n_rows,)``.

    ``groups`` is what cross-validation holds out together, ``shapes`` tells equal layers, so that
    one that several networks share is never on both sides; ``operators`` and ``classes`` sort
    errors and bounds. ``layouts`` are ``nhwc`` and ``nchw`` of what runs on images, ``either`` of
    all else. ``scale_s`` is a roofline time, ``volts`` NaN where no meter shows it; ``held`` tells
    where a card lowered its clock for its power limit; ``readings`` counts those that a row is the
    mean of.
    """

    columns: tuple[str, ...]
    features: Floats
    groups: Names
    shapes: Names
    operators: Names
    classes: Names
    power_w: Floats
    latency_s: Floats
    clock_hz: Floats
    volts: Floats
    scale_s: Floats
    held: NDArray[np.bool_]
    layouts: Names
    readings: Ints

    def __len__(self) -> int:
        return len(self.power_w)

    def pick(self, chosen: NDArray[np.bool_] | Ints) -> Rows:
        """Return the rows that ``chosen`` marks, or those at the places that it names."""
        arrays = {k: getattr(self, k)[chosen] for k in self.__slots__ if k != "columns"}
        return replace(self, **arrays)

    @property
    def of_networks(self) -> NDArray[np.bool_]:
        """Which rows are layers of networks, real or made up, and not of a sweep."""
        return np.array([not g.startswith("sweep/") for g in self.groups.tolist()], dtype=bool)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which rows errors and bounds are made of: those of networks, all where there are none."""
        networks = self.of_networks
        return networks if networks.any() else np.ones(len(self), dtype=bool)

    @property
    def held_down(self) -> NDArray[np.bool_]:
        """Which rows ran at a clock that the power limit had lowered."""
        return np.asarray(self.held & (self.clock_hz < HELD_BELOW * self.clock_hz.max()))


def npu_rows(samples: Sequence[Sample], npu: Npu) -> Rows:
    """Return rows of ``dfsrt.power.features``, each layer costed alone on ``npu``.

    Samples that name no memory point are of the highest.

    Raises:
        InputError: the samples are of another device, or of an earlier version of it.
    """
    digest = device_digest(npu)
    if any(s.bench.digest != digest for s in samples):
        raise InputError(
            f"the samples were taken on another {npu.name} than this one: name that one, with "
            "its options or as a file, with --device; if its numbers have changed, measure again"
        )
    known, told = {p.freq_hz for p in npu.memory.points}, (s.subject.memory_hz for s in samples)
    if strange := [hz for hz in told if hz is not None and hz not in known]:
        raise InputError(
            f"samples were taken with the memory at {strange[0]} Hz, which this {npu.name} does "
            "not have; measure again"
        )
    layers = list(dict.fromkeys(s.layer for s in samples))
    place = {layer: i for i, layer in enumerate(layers)}
    costs = [cost_network(Network(a.name, (a,), params=0), npu)[0] for a in layers]
    load = workload(costs, npu)
    points = levels_of(npu)
    freqs = points.freqs_hz.astype(np.float64)
    at = {
        uv: features(load, npu, freqs, np.full(len(freqs), uv * 1e-6))
        for uv in npu.opps.set_points_uv
    }
    levels = [points.level_of(s.subject.freq_hz or 0, s.subject.memory_hz) for s in samples]
    values = [
        at[s.subject.rail_uv or 0][place[s.layer], level]
        for s, level in zip(samples, levels, strict=True)
    ]
    rows = _rows(samples, names(npu), np.array(values))
    return rows.pick((rows.power_w > 0) & (rows.latency_s > 0))


def gpu_rows(samples: Sequence[Sample]) -> Rows:
    """Return rows of ``dfsrt.power.shape_features``, one a layer of a network or of a sweep.

    Readings with gaps are left out; those of a layer that came again, to show drift, are averaged:
    a layer counts once, however often it was read.
    """
    without_gaps = [s for s in samples if not s.reading.gaps]
    layers, layouts = [s.layer for s in without_gaps], [s.subject.layout for s in without_gaps]
    values = shape_features(layers, layouts)
    return _once(_rows(without_gaps, feature_names(), values))


def _once(rows: Rows) -> Rows:
    """Rows of the same layer and layout in the same group as one, with the means of what was read;
    held where most readings were."""
    keys = zip(rows.groups.tolist(), rows.shapes.tolist(), rows.layouts.tolist(), strict=True)
    places: dict[tuple[str, str, str], int] = {}
    place = np.array([places.setdefault(key, len(places)) for key in keys], dtype=np.int64)
    counts = np.bincount(place)
    first = np.zeros(len(counts), dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(place, weights=values) / counts)

    once = rows.pick(first)
    return replace(
        once,
        power_w=mean(rows.power_w),
        latency_s=mean(rows.latency_s),
        clock_hz=mean(rows.clock_hz),
        held=mean(rows.held.astype(np.float64)) > 0.5,
        readings=counts,
    )


def layout_of(layer: Layer, layout: str) -> str:
    """Return ``layout`` where a layer is on images, ``either`` where it is the same in all."""
    on_images = layer.op in OF_IMAGES and len(layer.outputs[0].shape) == 4
    return layout if on_images or layout != PLAIN else "either"


def class_of(layer: Layer) -> str:
    """Return the class by which bounds are kept: what part of the hardware does the work."""
    return str(layer.kind)


def _rows(samples: Sequence[Sample], columns: tuple[str, ...], values: Floats) -> Rows:
    def reals(values: Sequence[float]) -> Floats:
        return np.array(values, dtype=np.float64)

    def texts(values: Sequence[str]) -> Names:
        return np.array(values, dtype=np.str_)

    layers = [s.layer for s in samples]
    return Rows(
        columns=columns,
        features=values,
        groups=texts([s.subject.group for s in samples]),
        shapes=texts([signature(s.subject.probe) for s in samples]),
        operators=texts([a.op for a in layers]),
        classes=texts([class_of(a) for a in layers]),
        power_w=reals([s.reading.power_w for s in samples]),
        latency_s=reals([s.reading.latency_s for s in samples]),
        clock_hz=reals([s.reading.clock_hz for s in samples]),
        volts=reals([(s.subject.rail_uv or float("nan")) * 1e-6 for s in samples]),
        scale_s=roofline_s(layers, [s.subject.layout for s in samples]),
        held=np.array([(s.reading.held_share or 0.0) > 0.5 for s in samples], dtype=bool),
        layouts=texts([layout_of(s.layer, s.subject.layout) for s in samples]),
        readings=np.ones(len(samples), dtype=np.int64),
    )
