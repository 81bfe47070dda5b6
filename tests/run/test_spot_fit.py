"""A model made on the spot does nearly what the shelf's does, on networks that it has not seen."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from dfsrt import run
from dfsrt.base.shelf import find_entry
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import device_names, load_device
from dfsrt.network import shelf_names
from dfsrt.network.layer import Kind
from dfsrt.network.load import load_network
from dfsrt.power.choose import choose_model
from dfsrt.power.fit import fit_model
from dfsrt.power.levels import levels_of
from dfsrt.power.plant import build_plant, true_npu_w
from dfsrt.power.workload import workload

GPU = {"h100-sxm"}
"""Whose model on the shelf is of the real card, not of the simulated device."""
MODELLED = [n for n in device_names() if n not in GPU and find_entry("powermodels", n)]
QUICK = "rk3588-npu"
DEVICES = [QUICK, *(pytest.param(d, marks=pytest.mark.slow) for d in MODELLED if d != QUICK)]
NETWORKS = (*shelf_names(), "mobilenetv2", "yolov8n", "vit_b_16", "sd2-text-encoder")
WIDER = 1.3
"""How much wider than the shelf's a bound made on the spot may be, at most."""
DIES = 5
"""Draws of hidden activity for each network."""


@lru_cache
def spot(device):
    return fit_model(load_device(device))


@lru_cache
def load_of(network, device):
    npu = load_device(device)
    fitting = at_device_precision(load_network(network), npu)
    costs = cost_network(fitting, npu)
    return workload([c for c in costs if c.layer.kind is not Kind.VIEW], npu)


def points_of(npu):
    """(voltages of one set point at each level, which levels it can run), one after another."""
    needs = levels_of(npu).rails_uv
    for uv in npu.opps.set_points_uv:
        yield np.full(len(needs), uv * 1e-6), needs <= uv


@pytest.mark.deep
@pytest.mark.parametrize("device", DEVICES)
def test_its_bound_has_the_shelfs_classes_and_is_little_wider(device):
    shelf = choose_model("fitted", load_device(device)).bound
    assert set(spot(device).bound.factors) == set(shelf.factors)
    ours, theirs = (b.of(["matrix", "vector"], 0.99) for b in (spot(device).bound, shelf))
    assert (ours <= WIDER * theirs).all()
    assert (ours > 1).all()


@pytest.mark.parametrize("device", DEVICES)
def test_nearly_every_layer_of_a_network_lies_in_its_range(device):
    npu, freqs = load_device(device), levels_of(load_device(device)).freqs_hz.astype(float)
    outside = layers = 0
    for network in NETWORKS:
        load = load_of(network, device)
        inside = np.ones(len(load.names), dtype=bool)
        for volts, runs in points_of(npu):
            inside &= spot(device).in_range(load, npu, freqs, volts)[:, runs].all(axis=1)
        layers, outside = layers + len(inside), outside + int((~inside).sum())
    assert layers > 1000
    assert outside <= 5
    # On the default device none may have a note.
    assert outside == 0 or device != QUICK


@pytest.mark.parametrize("device", DEVICES)
def test_its_bound_of_99_percent_covers_that_of_the_layers_of_networks(device):
    npu, freqs = load_device(device), levels_of(load_device(device)).freqs_hz.astype(float)
    model = spot(device).at(0.99, 0.0)
    over = layers = 0
    for place, network in enumerate(shelf_names()):
        load = load_of(network, device)
        bounds = [model.predict_w(load, npu, freqs, volts) for volts, _ in points_of(npu)]
        for die in range(DIES):
            plant = build_plant(npu, load, 100 * place + die)
            broken = np.zeros(len(load.names), dtype=bool)
            for bound, (volts, runs) in zip(bounds, points_of(npu), strict=True):
                true = true_npu_w(plant, load, freqs, volts)
                broken |= (true > bound)[:, runs].any(axis=1)
            over, layers = over + int(broken.sum()), layers + len(broken)
    assert over <= 0.01 * layers


@pytest.mark.parametrize("device", DEVICES)
def test_at_99_percent_it_keeps_the_cap_and_loses_little_more_speed_than_the_shelfs(device):
    shelf = choose_model("fitted", load_device(device))
    lost = {"spot": [], "shelf": []}
    over = runs = 0
    for name, model in (("spot", spot(device)), ("shelf", shelf)):
        for network in shelf_names():
            mean, bound = (
                run(
                    network, device=device, power_model=model, confidence=confidence, frames=1,
                    seed=11,
                ).report
                for confidence in (None, 0.99)
            )  # fmt: skip
            lost[name].append(1 - bound.fps / mean.fps)
            if name == "spot":
                over, runs = over + bound.cap.layers_over, runs + bound.cap.layer_runs
    assert over <= 0.01 * runs
    assert np.mean(lost["spot"]) <= np.mean(lost["shelf"]) + 0.025
    assert max(lost["spot"]) <= max(lost["shelf"]) + 0.03


def test_a_copy_of_the_default_device_loses_a_tenth_of_speed_at_most_and_has_no_note_of_range():
    mean, bound = (
        run("resnet50", device="rk3588-npu:bin=L3", confidence=confidence).report
        for confidence in (None, "99%")
    )
    assert 0.9 * mean.fps <= bound.fps <= mean.fps
    notes = [*mean.notes, *bound.notes]
    assert any("fitted here" in note for note in notes)
    assert not any("lie outside" in note for note in notes)
