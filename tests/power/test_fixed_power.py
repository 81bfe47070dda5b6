"""Fixed power, and a clock tree that idles in stalls: predictions, and what a digest counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from dfsrt.device import load_device
from dfsrt.power.card import device_digest
from dfsrt.power.features import features, names
from dfsrt.power.fit import fit_model
from dfsrt.power.linear import datasheet_model
from dfsrt.power.measure.virtual_bench import VirtualBench
from dfsrt.power.measure.wanted import Wanted
from dfsrt.power.plant import true_npu_w
from tests.helpers.strategies import npus, tables
from tests.helpers.tiny import tiny_npu, tiny_table

UNCHANGED = {
    "etri-like": "90163a6a4fbf23d3",
    "systolic-128": "cd4bfcb64a0e8237",
    "tpu7nm": "41b060222e38c7cc",
}
"""Digests of devices of before fixed power was known, which have none."""


def with_silicon(npu, **facts):
    return replace(npu, silicon=replace(npu.silicon, **facts))


@pytest.mark.parametrize("name", UNCHANGED)
def test_a_device_without_these_facts_is_the_one_that_its_model_was_trained_on(name):
    assert device_digest(load_device(name)).startswith(UNCHANGED[name])


def test_facts_at_their_defaults_do_not_count_and_others_do():
    npu = tiny_npu()
    assert device_digest(with_silicon(npu, fixed_w=0.0, clock_stall_share=1.0)) == (
        device_digest(npu)
    )
    facts = [{}, {"fixed_w": 0.01}, {"fixed_w": 0.02}, {"clock_stall_share": 0.0}]
    facts += [{"clock_stall_share": 0.5}, {"clock_stall_share": 0.5, "fixed_w": 0.01}]
    assert len({device_digest(with_silicon(npu, **each)) for each in facts}) == len(facts)


def test_fixed_power_is_a_feature_where_there_is_any():
    assert "fixed" not in names(tiny_npu())
    assert names(tiny_npu(fixed_w=0.01))[-1] == "fixed"


def test_features_of_a_stalled_layer_as_worked_by_hand():
    # 1,000 cycles at 100 MHz are 10 µs of 20 µs that its bytes take: 0.1 nF · 100 MHz · V² · 0.625
    npu = tiny_npu(fixed_w=0.004, clock_stall_share=0.25)
    table = tiny_table(npu, [1_000], [20_000], [0.5])
    found = features(table.load, npu, np.array(npu.opps.freqs_hz, dtype=float), np.full(3, 0.5))
    row = dict(zip(names(npu), found[0, 0], strict=True))
    assert row["clock_v2"] == pytest.approx(0.1e-9 * 100e6 * 0.25 * 0.625)
    assert row["leakage_v^2"] == pytest.approx(0.05 * 0.25)
    assert row["fixed"] == 0.004


@given(tables(npu=None))
def test_a_data_sheet_predicts_a_die_that_hides_nothing(table):
    npu = table.npu
    freqs, volts = np.array(npu.opps.freqs_hz, dtype=float), np.array(npu.opps.rails_uv) * 1e-6
    predicted = datasheet_model(npu).predict_w(table.load, npu, freqs, volts)
    assert predicted == pytest.approx(true_npu_w(table.plant, table.load, freqs, volts), rel=1e-9)


@given(npus())
def test_a_governor_is_told_of_more_watts_by_as_many_as_are_fixed(npu):
    table = tiny_table(npu, [1_000, 50], [10, 4_000], [1.0, 0.2])
    more = with_silicon(npu, fixed_w=npu.silicon.fixed_w + 0.04)
    freqs, volts = np.array(npu.opps.freqs_hz, dtype=float), np.array(npu.opps.rails_uv) * 1e-6
    before, after = (
        datasheet_model(each).predict_w(table.load, each, freqs, volts) for each in (npu, more)
    )
    assert after - before == pytest.approx(0.04 / npu.rail.efficiency, rel=1e-9)


def test_a_model_learns_a_device_with_both():
    npu = tiny_npu(fixed_w=0.03, clock_stall_share=0.2)
    table = tiny_table(npu, [40_000, 300], [1_000, 90_000], [3.0, 0.1])
    freqs, volts = np.array(npu.opps.freqs_hz, dtype=float), np.array(npu.opps.rails_uv) * 1e-6
    predicted = fit_model(npu).predict_w(table.load, npu, freqs, volts)
    assert predicted == pytest.approx(true_npu_w(table.plant, table.load, freqs, volts), rel=0.01)


def test_a_bench_reads_fixed_power_where_the_clock_is_gated():
    idle = [
        VirtualBench(Wanted(device="tiny", networks=(), sweep=4, seed=3), npu).open_meter().idle()
        for npu in (tiny_npu(leakage=(), fixed_w=0.04), tiny_npu(fixed_w=0.04))
    ]
    # 40 mW and 50 mW · 0.25 over 80 %
    assert [each.power_w for each in idle] == pytest.approx([0.05, 0.065625], rel=0.02)
