"""At confidence 99 %, governors keep the cap on networks that the model has not seen."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from dfsrt import run
from dfsrt.base.shelf import find_entry
from dfsrt.device import device_names, load_device
from dfsrt.network import shelf_names
from dfsrt.power.fit import fit_rows
from dfsrt.power.learn.rows import npu_rows
from dfsrt.power.measure.store import read_samples

MEAN, WORST = 0.05, 0.07
GPU = {"h100-sxm"}
"""Whose model on the shelf is of the real card, not of the simulated device."""
ALIKE = {"rk3588-npu-ivr", "rk3562-npu"}
"""Chips whose silicon, rules and features are those of others here."""
MODELLED = [n for n in device_names() if n not in GPU | ALIKE and find_entry("powermodels", n)]
LOSES = dict.fromkeys(MODELLED, (MEAN, WORST)) | {
    "ethos-u55-256": (MEAN, 0.13),
    "etri-like": (0.12, 0.20),
    "mdla": (0.07, 0.11),
    "rk3566-npu": (0.11, 0.25),
    "rk3576-npu": (0.06, 0.11),
    "rk3588-npu": (MEAN, 0.10),
    "rk3588-npu-ideal": (MEAN, 0.09),
    "systolic-128": (MEAN, 0.10),
}
"""What a bound of 99 % may cost in FPS, on the mean of nine networks and on the worst of them.
``etri-like`` hides a spread of 30 % from the features, so that its bound is wide. Nearly all that
``mdla`` draws under its cap is switched, which the bound is on. Clocks of ``systolic-128`` are far
apart and layers of vgg19 lie 2 % under its cap: any margin is a step. So it is on Rockchip's chips,
where the bound lies 9 to 16 % above the mean: one step down to 600 or 500 MHz is a seventh or a
sixth of the clock, and on ``rk3566-npu``, which has none between 600 and 400 MHz, a third;
on ``ethos-u55-256`` a fifth to a quarter."""


@lru_cache
def rows_of(device):
    return npu_rows(
        read_samples(find_entry("powermodels", device) / "samples.parquet"), load_device(device)
    )


def model_without(device, network):
    """A model whose training and bound know nothing of ``network`` nor of its shapes."""
    rows = rows_of(device)
    out = rows.groups == network
    seen = rows.pick(~out & ~np.isin(rows.shapes, rows.shapes[out]))
    return fit_rows(seen).as_model("held out")


@pytest.mark.slow
@pytest.mark.parametrize("device", LOSES)
def test_unseen_networks_keep_the_cap_at_99_percent_without_losing_much_speed(device):
    over = {None: 0, 0.99: 0}
    runs, lost = 0, []
    for network in shelf_names():
        model = model_without(device, network)
        fps = {}
        for confidence in over:
            report = run(
                network, device=device, power_model=model, confidence=confidence, frames=1, seed=11
            ).report
            over[confidence] += report.cap.layers_over
            fps[confidence] = report.fps
        runs += report.cap.layer_runs
        lost.append(1 - fps[0.99] / fps[None])
    assert over[0.99] <= 0.01 * runs
    assert over[None] > over[0.99] or over[None] == 0
    mean, worst = LOSES[device]
    assert np.mean(lost) <= mean
    assert max(lost) <= worst
    # An exception must be one: where it loses no more than others, it goes from the list.
    assert (mean > MEAN) == (np.mean(lost) > MEAN)
