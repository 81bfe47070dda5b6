"""Weights that stay on chip are brought back after a state that loses memory, and paid for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dfsrt.cost.cost import cost_network
from dfsrt.cost.reload import Reload, reload_of, resident_bytes, states_with_reload
from dfsrt.device import load_device
from dfsrt.network import load_network
from dfsrt.run import make_job


@pytest.fixture(scope="module")
def npu():
    return load_device("hexagon-spec")  # 8 MiB of memory that keeps tensors


@pytest.fixture(scope="module")
def costs(npu):
    return cost_network(load_network("squeezenet").as_precision("int8"), npu)


def test_time_and_joules_of_a_reload_as_worked_by_hand(npu):
    """9 MB at 45 GB/s are 200 us; 60 mW leak and 10 mW fixed, 1.06 pJ a byte, through 0.9."""
    npu = replace(
        npu,
        memory=replace(npu.memory, bandwidth_bytes_per_s=45e9),
        silicon=replace(npu.silicon, sram_pj_per_byte=1.06, dram_pj_per_bit=5.0),
    )
    again = reload_of(9_000_000, npu)
    assert (again.dram_bytes, again.reload_ns) == (9_000_000, 200_000)
    assert again.dram_j == pytest.approx(9e6 * 40e-12, rel=1e-12)
    assert again.rail_j == pytest.approx((0.07 * 200e-6 + 9e6 * 1.06e-12) / 0.9, rel=1e-12)
    assert again.reload_j == again.rail_j + again.dram_j
    assert reload_of(0, npu) == Reload()


def test_a_dram_that_is_a_part_takes_its_own_time_and_joules(npu):
    from dfsrt.device.dram import load_dram

    dram = load_dram("lpddr4-3200")
    slow = reload_of(10**6, replace(npu, dram=dram))
    assert slow.reload_ns >= reload_of(10**6, npu).reload_ns
    assert slow.reload_ns >= 1e15 / dram.peak_bytes_per_s
    assert slow.dram_j > 0


def test_weights_that_fit_count_once_however_often_a_network_comes(npu, costs):
    whole = load_network("squeezenet").as_precision("int8").weight_bytes
    assert resident_bytes(npu, [costs]) == resident_bytes(npu, [costs, costs]) == whole
    tight = replace(npu, memory=replace(npu.memory, resident_bytes=whole))
    other = cost_network(load_network("squeezenet", fuse=False).as_precision("int8"), tight)
    assert resident_bytes(tight, [costs, other]) == whole  # no more than there is room


def test_weights_that_do_not_fit_or_have_no_room_are_fetched_anyway(npu, costs):
    large = cost_network(load_network("resnet50").as_precision("int8"), npu)
    assert resident_bytes(npu, [large]) == 0
    without = replace(npu, memory=replace(npu.memory, resident_bytes=0))
    assert states_with_reload(without, [costs]) == npu.idle


def test_only_states_that_lose_memory_pay_and_residencies_grow_with_their_exits(npu, costs):
    npu = replace(npu, idle=tuple(replace(s, residency_ns=10**6) for s in npu.idle))
    again = reload_of(resident_bytes(npu, [costs]), npu)
    retention, collapse = states_with_reload(npu, [costs])
    assert retention == npu.idle[0]
    assert collapse == replace(
        npu.idle[1],
        exit_ns=npu.idle[1].exit_ns + again.reload_ns,
        exit_j=npu.idle[1].exit_j + again.rail_j,
        exit_dram_j=again.dram_j,
        residency_ns=10**6 + again.reload_ns,
    )


def test_a_run_sleeps_by_states_that_bring_its_networks_back(npu, costs):
    mix = make_job("squeezenet", device="hexagon-spec").deployment.mix
    assert mix.table.npu.idle == states_with_reload(npu, [costs]) != npu.idle
