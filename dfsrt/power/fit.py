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

SAMPLE_LAYERS = 320
"""Layers as networks have them: enough products, 220, for a bound of 99.5 % of their own."""
SWEPT = 4
"""One layer for so many of them is of the sweep, which fills the range of sizes: none counts for
the bound."""
POINTS = 8
"""Operating points at which a layer is read, beside the slowest and the fastest: drawn for each by
itself, a few fill the plane of clocks and voltages, and those two bound it."""
CALIBRATION_SEED = 20221001
"""Fixed, so that the same device always gets the same model; a run's own seed is another."""


def measure_samples(
    npu: Npu, layers: int = SAMPLE_LAYERS, seed: int = CALIBRATION_SEED
) -> list[Sample]:
    """Return readings of ``layers`` made as networks have them, and of a sweep, in memory."""
    wanted = Wanted(
        device=npu.name,
        networks=(),
        alike=layers,
        sweep=layers // SWEPT,
        seed=seed,
        points=POINTS,
        corners=True,
    )
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
