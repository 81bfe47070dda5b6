"""Fitting the first power model: scikit-learn on readings of a virtual meter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.cost.cost import cost_network
from dfsrt.device.npu import Npu
from dfsrt.errors import InputError
from dfsrt.network.network import Network
from dfsrt.power.calibration import calibration_layers
from dfsrt.power.features import features
from dfsrt.power.linear import LinearPowerModel
from dfsrt.power.meter import VirtualMeter
from dfsrt.power.plant import build_plant, true_npu_w
from dfsrt.power.workload import Floats, workload

SAMPLE_LAYERS = 160
CALIBRATION_SEED = 20221001
"""Fixed, so that the same device always gets the same model; a run's own seed is another."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Readings: ``features`` of shape ``(n_samples, n_features)`` and ``watts`` beside them."""

    features: Floats
    watts: Floats


def measure_samples(npu: Npu, layers: int = SAMPLE_LAYERS, seed: int = CALIBRATION_SEED) -> Samples:
    """Return one reading of each calibration layer at each clock and each allowed voltage."""
    network = Network("calibration", calibration_layers(npu, layers, seed), params=0)
    load = workload(cost_network(network, npu), npu)
    plant = build_plant(npu, load, seed)
    meter = VirtualMeter(seed)
    freqs = np.array(npu.opps.freqs_hz, dtype=np.float64)
    rows, watts = [], []
    for set_point in npu.opps.set_points_uv:
        allowed = np.array(npu.opps.rails_uv) <= set_point
        volts = np.full(len(freqs), set_point * 1e-6)
        true = true_npu_w(plant, load, freqs, volts)[:, allowed]
        rows.append(features(load, npu, freqs, volts)[:, allowed].reshape(true.size, -1))
        watts.append(meter.read_w(true, step_w=npu.default_cap_w * 1e-4).ravel())
    return Samples(np.concatenate(rows), np.concatenate(watts))


def fit_model(npu: Npu, guard: float = 0.0, samples: Samples | None = None) -> LinearPowerModel:
    """Return the model that fits ``samples`` best, in relative error.

    Without samples this device's calibration layers are measured first.
    """
    from sklearn.linear_model import LinearRegression  # costs a second: only where it is needed

    samples = samples or measure_samples(npu)
    seen = samples.watts > 0
    watts = samples.watts[seen]
    if len(watts) == 0:
        raise InputError(
            f"no calibration layer draws power on {npu.name}, so no model can be fitted; "
            "correct its energies or use --power-model datasheet"
        )
    # Dividing a row by its reading makes least squares minimise the relative error.
    relative = samples.features[seen] / watts[:, None]
    regression = LinearRegression(positive=True, fit_intercept=False)
    regression.fit(relative, np.ones(len(watts)))
    return LinearPowerModel("fitted", tuple(float(w) for w in regression.coef_), guard)
