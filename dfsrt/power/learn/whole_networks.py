"""Whole networks against a model of layers: a number fitted on half of them, errors on the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.base.reading import file_digest
from dfsrt.power.card import ClockLaw, Errors, WholeNetworks
from dfsrt.power.clock_law import Predicted, compose
from dfsrt.power.learn.validate import errors_of
from dfsrt.power.measure.networks_file import NetworkReading, NetworksFile, read_networks
from dfsrt.power.shape_features import roofline_s, shape_features
from dfsrt.power.whole import Whole, switch_s_of, whole_of

Raw = Callable[[Floats], Predicted]
"""A model's raw outputs, ``(n_rows,)`` each, for features of shape ``(n_rows, n_features)``."""


def whole_networks(law: ClockLaw, raw: Raw, path: Path) -> WholeNetworks:
    """Return what the networks in the file at ``path`` show of a model.

    Every second network by name is fitted on, at all its batch sizes; readings with gaps are left
    out.

    Raises:
        InputError: no such file, or one without readings of two networks.
    """
    file = read_networks(path)
    readings = [r for r in file.readings if not r.reading.gaps]
    alone = [_alone(law, raw, file, r) for r in readings]
    names = sorted({r.network for r in readings})
    if len(names) < 2:
        raise InputError(f"'{path}' has readings of {len(names)} networks; measure two or more")
    seen = [r.network in names[::2] for r in readings]
    plain = [whole_of(law, 0.0, *values) for values in alone]
    chosen = [i for i, is_seen in enumerate(seen) if is_seen]
    switch_s = switch_s_of(
        [readings[i].reading.latency_s - plain[i].latency_s for i in chosen],
        [len(readings[i].layers) for i in chosen],
        [readings[i].reading.latency_s for i in chosen],
    )
    kept = [i for i, is_seen in enumerate(seen) if not is_seen]
    wholes = [whole_of(law, switch_s, *alone[i]) for i in kept]
    held = [readings[i] for i in kept]
    return WholeNetworks(
        switch_s=switch_s,
        fitted_on=names[::2],
        held_out=names[1::2],
        latency_s=_by_layout(held, wholes, lambda w: w.latency_s, lambda r: r.reading.latency_s),
        energy_j=_by_layout(held, wholes, lambda w: w.energy_j, _energy_j),
        sha256=file_digest(path),
    )


def _alone(
    law: ClockLaw, raw: Raw, file: NetworksFile, reading: NetworkReading
) -> tuple[Floats, Floats, Floats]:
    """Watts, seconds and clock of a network's layers, each alone, ``(n_layers,)``."""
    layers = file.layers_of(reading)
    features = shape_features(layers, reading.layouts)
    said = compose(law, raw(features), roofline_s(layers, reading.layouts))
    return said["power_w"], said["latency_s"], said["clock_hz"]


def _energy_j(reading: NetworkReading) -> float:
    return reading.reading.power_w * reading.reading.latency_s


def _by_layout(
    readings: Sequence[NetworkReading],
    wholes: Sequence[Whole],
    predicted: Callable[[Whole], float],
    measured: Callable[[NetworkReading], float],
) -> dict[str, Errors]:
    errors: dict[str, Errors] = {}
    for layout in sorted({r.layout for r in readings}):
        pairs = [
            (predicted(w), measured(r))
            for r, w in zip(readings, wholes, strict=True)
            if r.layout == layout
        ]
        said, true = np.array(pairs).T
        errors[layout] = errors_of(said, true)
    return errors
