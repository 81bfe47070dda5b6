"""What physics says must come out when real networks run on real devices."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

import dfsrt


def fps(network, governor, **job):
    return dfsrt.run(network, governor=governor, **job).report.fps


@pytest.mark.parametrize("cap", ["0.22 W", "0.26 W"])
@pytest.mark.parametrize("transition_us", [65, 90, 135])
def test_on_a_slow_rail_naive_dvfs_loses_to_dfs(transition_us, cap):
    # 150 mV ramps in 65 µs on this rail; the rest of the transition is the command.
    npu = dfsrt.load_device("rk3588-npu:rail=rk8602")
    npu = replace(npu, rail=replace(npu.rail, command_ns=(transition_us - 65) * 1_000))
    job = {"device": npu, "cap": cap}
    assert fps("resnet50", "dvfs", **job) < fps("resnet50", "dfs", **job)


@pytest.mark.parametrize("cap", ["0.16 W", "0.17 W"])
def test_under_a_tighter_cap_dvfs_gains_from_its_second_voltage_even_so(cap):
    job = {"device": "rk3588-npu:rail=rk8602", "cap": cap}
    assert fps("resnet50", "dvfs", **job) > fps("resnet50", "dfs", **job)


def test_on_an_on_die_regulator_naive_dvfs_does_not_lose_to_dfs():
    device = "rk3588-npu-ivr"
    assert fps("resnet50", "dvfs", device=device) >= fps("resnet50", "dfs", device=device)


def test_energy_per_inference_has_its_minimum_inside_the_range():
    npu = dfsrt.load_device("rk3588-npu")
    energy = [
        dfsrt.run("resnet50", cap="none", governor=f"userspace:freq={f}").report
        for f in npu.opps.freqs_hz
    ]
    joules = [report.energy_per_inference_j for report in energy]
    best = joules.index(min(joules))
    assert 0 < best < len(joules) - 1


def test_without_leakage_slower_is_never_dearer():
    npu = dfsrt.load_device("rk3588-npu")
    npu = replace(npu, silicon=replace(npu.silicon, leakage=()))
    joules = [
        dfsrt.run(
            "alexnet",
            device=npu,
            cap="none",
            governor=f"userspace:freq={f}",
            power_model="datasheet",
        ).report.energy_per_inference_j
        for f in npu.opps.freqs_hz
    ]
    # Whole nanoseconds leave a rounding of 1e-6; flat voltage makes some neighbours equal.
    assert all(slow <= fast * (1 + 1e-5) for slow, fast in pairwise(joules))
    assert joules[-1] > 1.2 * joules[0]
