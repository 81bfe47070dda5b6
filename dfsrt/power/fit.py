"""A model made on the spot, for a device that has none on the shelf: measured and fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.device.npu import Npu
from dfsrt.power.fitted import Fit
from dfsrt.power.learned import LearnedPowerModel
from dfsrt.power.measure.sample import Sample
from dfsrt.power.measure.virtual_bench import VirtualBench
from dfsrt.power.measure.wanted import Wanted

if TYPE_CHECKING:
    from dfsrt.power.learn.rows import Rows

SAMPLE_LAYERS = 160
POINTS = 40
"""Operating points at which a layer is read, at most: drawn for each layer by itself, a few already
fill the plane of clocks and voltages. All points of the presets, which have 36 at most."""
CALIBRATION_SEED = 20221001
"""Fixed, so that the same device always gets the same model; a run's own seed is another."""


def measure_samples(
    npu: Npu, layers: int = SAMPLE_LAYERS, seed: int = CALIBRATION_SEED
) -> list[Sample]:
    """Return readings of made-up layers, each at a few operating points, in memory."""
    wanted = Wanted(device=npu.name, networks=(), sweep=layers, seed=seed, points=POINTS)
    bench = VirtualBench(wanted, npu)
    meter = bench.open_meter()
    about = meter.bench
    return [
        Sample(key=s.key, subject=s, reading=meter.measure(s), bench=about)
        for s in bench.subjects()
    ]


def fit_model(npu: Npu) -> LearnedPowerModel:
    """Return a model fitted to readings of ``npu`` now.

    Raises:
        InputError: no layer draws power, so there is nothing to learn.
    """
    return fit_device(npu).as_model("fitted")


def fit_device(npu: Npu) -> Fit:
    """Return the numbers of a model fitted to readings of ``npu`` now.

    Raises:
        InputError: no layer draws power, so there is nothing to learn.
    """
    from dfsrt.power.learn.rows import npu_rows

    rows = npu_rows(measure_samples(npu), npu)
    if not len(rows):
        raise InputError(
            f"no calibration layer draws power on {npu.name}, so no model can be fitted; "
            "correct its energies or use --power-model datasheet"
        )
    return fit_rows(rows)


def fit_rows(rows: Rows) -> Fit:
    """Return what ``rows`` of a simulated device teach, bounded, in memory alone."""
    from dfsrt.power.learn.bounds import bound_of
    from dfsrt.power.learn.learner import NpuLearner
    from dfsrt.power.learn.validate import out_of_fold

    bound = bound_of(rows, out_of_fold(rows, NpuLearner()))
    return Fit(
        weights=NpuLearner().fit(rows).weights.tolist(),
        valid_low=rows.features.min(axis=0).tolist(),
        valid_high=rows.features.max(axis=0).tolist(),
        levels=list(bound.levels),
        factors={group: list(factors) for group, factors in bound.factors.items()},
        samples=dict(bound.samples),
    )
