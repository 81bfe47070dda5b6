"""Where the switching energy goes: worked by hand, and against plants of one action each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dfsrt
from dfsrt.power.actions import ACTIONS, action_shares
from dfsrt.power.plant import build_plant
from tests.helpers.golden_layer import write_product
from tests.helpers.tiny import tiny_npu, tiny_table

ENERGIES = st.lists(st.floats(1.0, 1e6), min_size=3, max_size=3)
SHARES = st.lists(st.floats(0.0, 1.0) | st.just(float("nan")), min_size=3, max_size=3)
M, K, N = 64, 256, 128


def by_fetches(rows, cols):
    """Bytes between a weight-stationary array and its buffer, int8, counted value by value."""
    fetched = 0
    for first_k in range(0, K, rows):
        for first_n in range(0, N, cols):
            held_k, held_n = range(first_k, min(first_k + rows, K)), range(first_n, first_n + cols)
            fetched += sum(1 for _ in held_k for n in held_n if n < N)  # the weights
            for _ in range(M):
                fetched += len(held_k)  # a row of the input, passed on from column to column
                for n in held_n:
                    if n < N:
                        fetched += 4 * (first_k > 0)  # its partial sum comes back
                        fetched += 4 if first_k + rows < K else 1
    return fetched


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    """A product of 64 x 256 by 256 x 128 on one 128 x 128 array at its top point, 0.85 V."""
    path = tmp_path_factory.mktemp("one") / "product.onnx"
    write_product(path, M, K, N)
    done = dfsrt.run(
        path, device="systolic-128", governor="performance", cap="none", frames=2,
        power_model="datasheet",
    )  # fmt: skip
    return done.report


def test_a_product_on_a_weight_stationary_array_worked_by_hand(product):
    """2,097,152 MACs at 0.10 pJ and 0.06 pJ of registers.

    Two folds along k: 16,384 of the input, 32,768 weights, 8,192 results and one pass of partial
    sums, out and back at 4 bytes, 65,536: 122,880 bytes beside the array. 57,344 more come from or
    go to DRAM. 1.06 pJ each; 64 pJ each in DRAM. At 0.85 V all count in full.
    """
    a_frame = {name: j / 2 * 1e12 for name, j in product.switching_by_action_j.items()}
    assert a_frame == pytest.approx(
        {"mac": 209_715.2, "register": 125_829.12, "sram": 180_224 * 1.06, "vector": 0.0}
    )
    assert product.energy_by_domain_j.dram / 2 * 1e12 == pytest.approx(57_344 * 64.0)


def test_bytes_beside_the_array_are_those_of_a_loop_that_fetches_value_by_value(product):
    crossing = M * K + K * N + M * N
    sram_pj = product.switching_by_action_j["sram"] / 2 * 1e12
    assert sram_pj == pytest.approx((by_fetches(128, 128) + crossing) * 1.06)


@pytest.mark.parametrize("governor", ["dfs", "segment-dvfs", "powersave"])
def test_actions_add_up_to_the_switching_of_the_same_run(governor):
    report = dfsrt.run("squeezenet", governor=governor, frames=2).report
    assert list(report.switching_by_action_j) == list(ACTIONS)
    whole = sum(report.switching_by_action_j.values())
    assert whole == pytest.approx(report.energy_breakdown_j["switching"], rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(ENERGIES, ENERGIES, ENERGIES, ENERGIES, SHARES, st.integers(0, 99), st.floats(0.0, 1.0))
def test_shares_are_those_of_plants_that_do_one_action_alone(
    mac, register, sram, vector, nonzero, seed, gating
):
    npu = tiny_npu()
    hidden = replace(npu.hidden, activity_mean=0.6, activity_sigma=0.2)
    npu = replace(npu, silicon=replace(npu.silicon, zero_gating=gating), hidden=hidden)
    table = tiny_table(npu, [10, 20, 30], [100, 200, 300], [1.0, 1.0, 1.0])
    layers = len(table.load.names)
    each = dict(zip(ACTIONS, (mac, register, sram, vector), strict=True))
    parts = {f"{name}_pj": np.resize(np.array(pj), layers) for name, pj in each.items()}
    measured = np.resize(np.array(nonzero), layers)

    def farad(pj):
        return build_plant(npu, replace(table.load, **pj), seed, nonzero=measured)

    none = dict.fromkeys(parts, np.zeros(layers))
    whole = farad(parts)
    alone = np.stack([farad({**none, key: pj}).switched_farad for key, pj in parts.items()], axis=1)
    known = replace(
        table, npu=npu, load=replace(table.load, **parts), plant=whole, nonzero=measured
    )
    assert action_shares(known) * whole.switched_farad[:, None] == pytest.approx(
        alone, rel=1e-9, abs=1e-9 * float(whole.switched_farad.max())
    )
