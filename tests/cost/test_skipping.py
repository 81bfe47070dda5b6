"""Cycles and energy that zeros of stored weights spare a device, and where they spare none."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.cost import cost_network, unused_steps
from dfsrt.device import load_device
from dfsrt.device.weights import Weights
from dfsrt.network.network import Network
from dfsrt.network.packing import Packing
from dfsrt.power.workload import workload
from tests.cost.test_decoding import HALF, product

NPU = load_device("rk3588-npu-ideal")


def network(*layers):
    return Network("some", layers, 0)


def cost(layer, **facts):
    return cost_network(network(layer), replace(NPU, weights=Weights(**facts)))[0]


def energy_pj(layer, **facts):
    npu = replace(NPU, weights=Weights(**facts))
    load = workload(cost_network(network(layer), npu), npu)
    return float(load.product_pj.sum())


def test_kept_two_of_four_take_half_the_cycles_and_half_the_multiplications():
    dense, sparse = cost(product()), cost(product(HALF), skip="2:4")
    assert sparse.compute_cycles == math.ceil(dense.compute_cycles / 2)
    assert (dense.actions.macs, sparse.actions.macs) == (30_720, 15_360)


@pytest.mark.parametrize("skip", ["none", "2:4"])
def test_a_reduction_that_groups_do_not_divide_is_not_skipped(skip):
    assert cost(product(HALF, k=66), skip=skip).compute_cycles == cost(product(k=66)).compute_cycles


def test_zeros_are_skipped_by_their_share_over_the_efficiency():
    dense = cost(product()).compute_cycles
    sparse = cost(product(Packing(zeros=0.75)), skip="zeros", skip_efficiency=0.5)
    assert sparse.compute_cycles == math.ceil(dense * 0.25 / 0.5)


def test_skipping_is_bound_to_its_precisions_and_depths():
    dense = cost(product()).compute_cycles
    for facts in ({"skip_precisions": ("fp16",)}, {"skip_inputs": 65}):
        assert cost(product(HALF), skip="2:4", **facts).compute_cycles == dense
    assert cost(product(HALF), skip="2:4", skip_precisions=("int8",), skip_inputs=64
                ).compute_cycles < dense  # fmt: skip


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 1))
def test_more_zeros_never_take_more_where_zeros_are_skipped(a, b, efficiency):
    few, many = sorted((a, b))
    facts = {"skip": "zeros", "skip_efficiency": efficiency}
    sparse, sparser = (cost(product(Packing(zeros=z)), **facts) for z in (few, many))
    assert sparser.compute_cycles <= sparse.compute_cycles <= cost(product()).compute_cycles
    energies = [energy_pj(product(Packing(zeros=z)), **facts) for z in (few, many)]
    assert energies[1] <= energies[0] <= energy_pj(product())


@given(st.floats(0, 1))
def test_zeros_take_their_cycles_but_less_switching_where_none_are_skipped(zeros):
    dense, sparse = cost(product()), cost(product(Packing(zeros=zeros)))
    assert sparse.compute_cycles == dense.compute_cycles
    expected = energy_pj(product()) * (1 - NPU.silicon.zero_gating * zeros)
    assert energy_pj(product(Packing(zeros=zeros))) == pytest.approx(expected)


@given(st.integers(1, 40), st.integers(1, 200), st.integers(1, 300), st.floats(0.05, 1))
def test_two_of_four_never_take_less_than_half_of_the_time(m, k, n, efficiency):
    facts = {"skip": "2:4", "skip_efficiency": efficiency, "decode": ("2:4",)}
    npu = replace(NPU, weights=Weights(**facts))
    dense, sparse = (
        workload(cost_network(network(product(p, k=k, n=n, m=m)), npu), npu).duration_ns
        for p in (None, HALF)
    )
    assert (sparse <= dense).all()
    assert (sparse >= dense // 2).all()


def test_two_of_four_by_hand_in_picojoules():
    """Half of 30,720 products; registers still move all inputs and half of the weights: 3/4."""
    s = NPU.silicon
    by_hand = 15_360 * s.mac_pj["int8"] + 0.75 * 30_720 * s.register_pj_per_mac["int8"]
    assert energy_pj(product(HALF), skip="2:4") == pytest.approx(by_hand)


def test_products_of_which_one_is_sparse_save_its_own_cycles_alone():
    sparse, dense = product(HALF), product()
    renamed = replace(dense.weights[0], name="v")
    both = replace(
        sparse,
        weights=(*sparse.weights, renamed),
        gemms=(*sparse.gemms, *dense.gemms),
        operands=(*sparse.operands, replace(dense.operands[0], b=("v",))),
    )
    one = cost(dense).compute_cycles
    assert cost(both, skip="2:4").compute_cycles == math.ceil(1.5 * one)


def lines(layer, **facts):
    npu = replace(NPU, weights=Weights(**facts))
    return unused_steps(network(layer, replace(layer, name="b")), npu)


def test_what_a_device_cannot_use_is_said_with_the_layers_that_it_is_in():
    name = NPU.name
    assert lines(product(HALF)) == (
        f"2:4 in 2 layers: {name} has no sparse array and no decoder for it: bytes of the file "
        "only, and less switching",
    )
    assert lines(product(HALF), decode=("2:4",)) == (
        f"2:4 in 2 layers: {name} has no sparse array but decodes it: fewer bytes, no less time in "
        "its array, and less switching",
    )
    assert lines(product(Packing(zeros=0.5))) == (
        f"zeros in 2 layers: {name} does not skip them and has no decoder for them: bytes of the "
        "file only, and less switching",
    )
    assert lines(product(HALF, k=66), skip="2:4") == (
        f"2:4 in 2 layers: {name} skips 2:4 in other products than these and has no decoder for it:"
        " bytes of the file only, and less switching",
    )
    assert lines(product(Packing(values=16))) == (
        f"16 shared values in 2 layers: {name} has no decoder that they gain by: bytes of the file "
        "only",
    )
    assert lines(product(dtype="int4"), decode=()) == (
        f"int4 weights in 2 layers: {name} has no decoder for int4: they lie in its DRAM as int8",
    )


def test_shared_values_of_several_counts_are_one_line():
    two = (product(Packing(values=n)) for n in (16, 15))
    layers = (replace(layer, name=name) for layer, name in zip(two, "ab", strict=True))
    (line,) = unused_steps(Network("two", tuple(layers), 0), replace(NPU, weights=Weights()))
    assert line.startswith("15 to 16 shared values in 2 layers: ")


@pytest.mark.parametrize(("dtype", "most"), [("int8", 1 / 8), ("int4", 1 / 4)])
def test_zeros_are_said_where_a_mask_of_them_saves_bytes(dtype, most):
    decode = ("int4",)
    assert lines(product(Packing(zeros=most), dtype=dtype), decode=decode) == ()
    assert len(lines(product(Packing(zeros=most + 0.01), dtype=dtype), decode=decode)) == 1


@pytest.mark.parametrize(
    ("layer", "facts"),
    [
        (product(), {}),
        (product(HALF), {"skip": "2:4"}),
        (product(Packing(zeros=0.5)), {"skip": "zeros"}),
        (product(Packing(values=16)), {"decode": ("shared",)}),
        (product(dtype="int4"), {}),
    ],
)
def test_nothing_is_said_of_what_a_device_uses(layer, facts):
    assert lines(layer, **facts) == ()
