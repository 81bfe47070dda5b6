"""DRAM in a run: each layer's own joules, and standby, not forgotten and not counted twice."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.cost.cost import cost_network
from dfsrt.cost.dram import Stream, dram_cost
from dfsrt.device import load_device
from dfsrt.device.dram import load_dram
from dfsrt.device.npu import Domain
from dfsrt.network import load_network
from dfsrt.power.components import COMPONENTS
from dfsrt.power.standby import Standby, standby_of
from dfsrt.power.workload import workload
from dfsrt.report.core import report_of
from dfsrt.run import constant_cap
from dfsrt.run.job import make_job
from dfsrt.run.run import execute
from dfsrt.study.calibration import calibrate
from tests.helpers.serve import run_frames
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table

DRAM = COMPONENTS.index("dram")
MINE = """format = 1
base = "rk3588-npu"
name = "mine"
description = "mine"
[dram]
part = "lpddr4-3200"
channels = 4
"""


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE)
    return tmp_path / "mine.toml"


def told(book):
    """Joules in DRAM by counts: bytes of layers that ran, standby while one ran and while none."""
    load, standby = book.table.load, book.table.plant.standby
    access_j = math.fsum((book.runs * load.dram_j).ravel())
    work_s = (book.busy_ns - book.stall_ns) * 1e-9
    rest_s = (book.idle_ns + book.stall_ns) * 1e-9
    return access_j + work_s * standby.work_w[-1] + rest_s * standby.idle_w[-1]


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 20), min_size=3, max_size=3),
    st.floats(0.0, 0.5),
    st.floats(0.0, 0.5),
    st.sampled_from([None, 400_000]),
    st.booleans(),
)
def test_rows_hold_each_layers_joules_and_standby(pj, work_w, idle_w, period_ns, compiled):
    table = tiny_table(tiny_npu(), [40_000, 90_000, 50_000], [1_000, 0, 70_000], [2.0, 9.0, 3.0])
    j_per_byte = np.repeat(np.array(pj)[:, None], 3, axis=1) * 1e-12
    load = replace(table.load, dram_j_per_byte=j_per_byte)
    standby = Standby(np.full(3, work_w), np.full(3, idle_w))
    table = replace(table, load=load, plant=replace(table.plant, standby=standby))
    top = len(table.npu.opps) - 1
    plan = Fixed([top, 0, top], [table.npu.opps.rails_uv[-1]] * 3, sees_cap=False)
    log = run_frames(table, plan, constant_cap(1.0), 3, period_ns, compiled=compiled)
    ran = log.layer >= 0
    work_s = float(((log.end_ns - log.start_ns) * log.times)[ran].sum()) * 1e-9
    rest_s = log.span_ns * 1e-9 - work_s
    expected = 3e-12 * (1_000 * pj[0] + 70_000 * pj[2]) + work_w * work_s + idle_w * rest_s
    dram_j = float((log.energy_j[:, DRAM] * log.times).sum())
    assert dram_j == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("load", "options"),
    [
        ("squeezenet", {"frames": 3, "period": "40 ms"}),
        ("voice-glasses", {"until": "1 s", "step": "layer"}),
    ],
)
def test_books_balance_on_a_device_with_a_part(load, options, mine):
    run = execute(make_job(load, device=str(mine), **options))
    book, report = run.book, report_of(run)
    standby = book.table.plant.standby
    assert standby.work_w[-1] > standby.idle_w[-1] > 0.1
    assert book.component_j[DRAM] == pytest.approx(told(book), rel=1e-9)
    energy = report.energy_by_domain_j
    assert energy.dram == pytest.approx(told(book), rel=1e-9)
    assert energy.total == pytest.approx(math.fsum(book.component_j), rel=1e-9)


def test_a_layer_follows_its_own_pattern_where_its_dram_says_so():
    npu, dram = load_device("rk3588-npu"), load_dram("lpddr4-3200")
    costs = cost_network(load_network("squeezenet"), npu)
    flat = workload(costs, npu)
    slow = [replace(c, dram=dram_cost([Stream(c.dram_bytes, 32, False)], dram)) for c in costs]
    own = workload(slow, replace(npu, dram=dram))
    moves = flat.dram_bytes > 0
    assert own.dram_j[:, -1] == pytest.approx([c.dram.access_j for c in slow])
    waits_ns = np.array([c.dram.seconds for c in slow])[moves] * 1e9
    assert (own.duration_ns[moves, -1] >= np.floor(waits_ns)).all()
    assert (own.duration_ns[moves] > flat.duration_ns[moves]).any()
    assert (own.duration_ns >= flat.duration_ns).all()
    assert flat.dram_j[:, -1] == pytest.approx(
        flat.dram_bytes * 8e-12 * npu.silicon.dram_pj_per_bit
    )


def test_flat_numbers_of_memory_are_not_fitted_where_it_is_a_part(mine):
    with pytest.raises(InputError, match=r"part of DRAM \(lpddr4-3200\).*take \[dram\] out"):
        calibrate(str(mine), ["measured.csv"])


def test_governors_are_told_of_dram_as_it_is():
    npu = replace(load_device("rk3588-npu"), dram=load_dram("ddr3-1600"))
    table = tiny_table(tiny_npu(), [40_000, 90_000], [1_000, 70_000], [2.0, 9.0])
    load = replace(table.load, dram_j_per_byte=np.array([[5e-12] * 3, [9e-12] * 3]))
    standby = Standby(np.full(3, 0.25), np.full(3, 0.0))
    outside_w = load.outside_w(Domain.NPU_DRAM, table.plant.rates, standby)
    seconds = load.duration_ns * 1e-9
    assert outside_w == pytest.approx(np.array([[5e-9], [630e-9]]) / seconds + 0.25)
    assert standby_of(npu).work_w == pytest.approx(0.270 + 0.021, rel=0.01)
    assert standby_of(npu).idle_w == pytest.approx(0.252 + 0.021, rel=0.01)
    assert not np.any(standby_of(load_device("etri-like")))
