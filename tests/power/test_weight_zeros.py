"""Zeros of stored weights in watts: known to plant and model alike, and counted once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.cost import cost_network
from dfsrt.device import load_device
from dfsrt.device.npu import Hidden
from dfsrt.device.weights import Weights
from dfsrt.network.network import Network
from dfsrt.network.packing import Packing
from dfsrt.power.activity import known_load, match_activity, of_layers
from dfsrt.power.card import device_digest
from dfsrt.power.choose import choose_model
from dfsrt.power.joined import join_tables
from dfsrt.power.linear import datasheet_model
from dfsrt.power.plant import build_plant
from dfsrt.power.table import build_table
from dfsrt.power.workload import workload
from dfsrt.power.zeros_file import Share, ZerosFile
from tests.cost.test_decoding import HALF, product

NPU = load_device("rk3588-npu")


def still(**facts):
    """The device with hidden activity of 0.8 in all layers."""
    hidden = Hidden(0.8, 0.0, 50.0, 1.0, 1.0)
    return replace(NPU, hidden=hidden, weights=Weights(**facts))


def network(packing):
    return Network("one", (product(packing),), 0)


def switched(packing, npu, nonzero=None):
    load = workload(cost_network(network(packing), npu), npu)
    return float(build_plant(npu, load, 1, nonzero=nonzero).switched_farad[0])


def products_farad(share, npu):
    s = npu.silicon
    energy = 30_720 * (s.mac_pj["int8"] + s.register_pj_per_mac["int8"])
    return energy * 1e-12 / (s.ref_uv * 1e-6) ** 2 * share


@given(st.floats(0, 1))
def test_the_plant_switches_less_by_what_zeros_gate(zeros):
    npu = still()
    saved = switched(None, npu) - switched(Packing(zeros=zeros), npu)
    assert saved == pytest.approx(products_farad(0.8 * npu.silicon.zero_gating * zeros, npu))


def test_the_model_sees_at_deployment_what_the_plant_has():
    npu, model = still(), datasheet_model(NPU, 0.0)
    dense, sparse = (build_table(network(p), npu, model, 1) for p in (None, Packing(zeros=0.6)))
    assert (sparse.predicted_w < dense.predicted_w)[np.isfinite(dense.predicted_w)].all()
    assert (sparse.load.duration_ns == dense.load.duration_ns).all()


def test_measured_activity_holds_the_zeros_of_weights_already():
    """A file says 50 % zero weights and no zero inputs: as many as the weights themselves show."""
    npu, file = still(), ZerosFile("zeros.csv", "d", {"fc": Share(0.0, 0.5)})
    costs = cost_network(network(HALF), npu)
    load = workload(costs, npu)
    nonzero = of_layers(match_activity(file, network(HALF)), network(HALF), costs)
    assert switched(HALF, npu, nonzero) == pytest.approx(switched(None, npu, nonzero))
    seen = known_load(load, npu, datasheet_model(npu, 0.0), nonzero)
    assert seen.product_pj == pytest.approx(load.product_pj)


def test_what_is_skipped_takes_no_energy_whatever_was_measured_of_it():
    """Of the half that is done of kept 2 of 4 with half of all weights zero, none is."""
    npu, file = still(skip="2:4"), ZerosFile("zeros.csv", "d", {"fc": Share(0.2, 0.5)})
    costs = cost_network(network(HALF), npu)
    assert of_layers(match_activity(file, network(HALF)), network(HALF), costs) == pytest.approx(
        0.8
    )


def test_models_were_trained_on_the_silicon_whatever_it_decodes():
    for weights in (Weights(), Weights(decode=(), skip="2:4", skip_efficiency=0.5)):
        assert device_digest(replace(NPU, weights=weights)) == device_digest(NPU)
    assert not choose_model("fitted", NPU).note


@pytest.mark.parametrize(
    ("packing", "said"),
    [
        (None, ()),
        (Packing(zeros=0.1), ()),
        (HALF, ("2:4 in 1 layer: rk3588-npu has no", "1 of 1 layers with products have")),
    ],
)
def test_what_a_device_cannot_use_and_a_model_never_saw_is_noted(packing, said):
    table = build_table(network(packing), NPU, choose_model("fitted", NPU), 1)
    assert len(table.notes) == len(said)
    assert all(note.startswith(text) for note, text in zip(table.notes, said, strict=True))


def test_a_mix_of_a_sparse_and_a_dense_network_keeps_what_each_has():
    sparse, dense = (build_table(network(p), NPU, datasheet_model(NPU, 0.0), 1)
                     for p in (HALF, None))  # fmt: skip
    mixed = join_tables([sparse, dense], "two").load
    assert mixed.product_pj == pytest.approx([*sparse.load.product_pj, *dense.load.product_pj])
    assert mixed.product_pj[0] < mixed.product_pj[1]
