"""The arrays that a calibration predicts with say what the product says, number by number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import Domain, load_device
from dfsrt.network import load_network
from dfsrt.power.levels import levels_of
from dfsrt.power.plant import build_plant, true_npu_w
from dfsrt.power.workload import workload
from dfsrt.study.calibration.energies import joules_of
from dfsrt.study.calibration.observed import Observation
from dfsrt.study.calibration.times import Timer, numbers_of
from dfsrt.study.calibration.work import work_of
from tests.study.boards import device_file

SOME = ("squeezenet", "mobilenetv2", "yolov8n", "vit_b_16")


def timer_of(npu, networks, level=-1) -> Timer:
    freqs = np.full(len(networks), float(npu.opps.freqs_hz[level]))
    return Timer(work_of([(n, npu) for n in networks]), freqs, npu, np.zeros(len(networks)))


def product_seconds(npu, networks, level=-1):
    """At an operating point of the core, with the memory at its highest."""
    at = range(-len(npu.opps.points), 0)[level]
    return [workload(cost_network(n, npu), npu).duration_ns[:, at].sum() * 1e-9 for n in networks]


def stored(npu, precision="auto", names=SOME):
    return [at_device_precision(load_network(name), npu, precision) for name in names]


@pytest.mark.parametrize("precision", ["auto", "fp16"])
@pytest.mark.parametrize(
    "device",
    [
        "rk3588-npu",
        "rk3588-npu:cores=3",
        "rk3576-npu:cores=2",
        "mdla",
        "tpu7nm",
        "eyeriss-v1",
        "ethos-u55-256",
        "orin-dla-spec",
        "hexagon-spec",
        "xdna2",
    ],
)
def test_times_of_networks_are_the_products(device, precision):
    npu = load_device(device)
    precision = precision if precision in npu.array.cycles_per_step else "auto"
    networks = stored(npu, precision)
    ours = timer_of(npu, networks, level=0).seconds(numbers_of(npu))
    assert ours == pytest.approx(product_seconds(npu, networks, level=0), rel=5e-4)


@pytest.mark.deep
@settings(max_examples=20)
@given(
    launch=st.integers(0, 300_000),
    bandwidth=st.floats(1e9, 50e9),
    efficiency=st.floats(0.1, 1.0),
    rates=st.lists(st.floats(0.3, 30.0), min_size=6, max_size=6),
    lanes=st.integers(4, 400),
    pace=st.floats(0.3, 30.0),
    slow=st.floats(1.0, 8.0),
    overflow=st.floats(1.0, 6.0),
)
def test_any_numbers_of_a_channel_engine_predict_what_the_product_does(
    tmp_path_factory, launch, bandwidth, efficiency, rates, lanes, pace, slow, overflow
):
    kinds = ("none", "relu", "clip", "silu", "sigmoid", "gelu")
    planted = {
        "run.launch_ns": launch,
        "cores.bandwidth_bytes_per_s": bandwidth,
        "memory.bandwidth_bytes_per_s": 1e12,
        "memory.overflow_slowdown": {"fp16": overflow},
        "engine.channel.mac_efficiency": efficiency,
        "engine.channel.activation_per_cycle": dict(zip(kinds, rates, strict=True)),
        "engine.channel.operator_per_cycle": {"Resize": pace},
        "vector.lanes": {"int8": lanes, "fp16": lanes, "fp32": lanes},
        "array.cycles_per_step": {"int8": 1, "fp16": slow, "fp32": 8},
    }
    npu = load_device(str(device_file(tmp_path_factory.mktemp("device"), planted)))
    base = load_device("rk3588-npu")
    for precision in ("int8", "fp16"):
        timer = timer_of(base, stored(base, precision))  # made of the base: numbers alone differ
        ours = timer.seconds(numbers_of(npu))
        assert ours == pytest.approx(product_seconds(npu, stored(npu, precision)), rel=1e-3)


@settings(max_examples=10)
@given(efficiency=st.floats(0.1, 4.0), steps=st.floats(1.0, 8.0), bandwidth=st.floats(1e10, 1e13))
def test_any_numbers_of_a_systolic_array_predict_what_the_product_does(
    tmp_path_factory, efficiency, steps, bandwidth
):
    planted = {
        "array.efficiency": efficiency,
        "array.cycles_per_step": {"int8": 1, "fp16": steps, "fp32": 4},
        "memory.bandwidth_bytes_per_s": bandwidth,
    }
    folder = tmp_path_factory.mktemp("device")
    npu, base = load_device(str(device_file(folder, planted, "tpu7nm"))), load_device("tpu7nm")
    ours = timer_of(base, stored(base)).seconds(numbers_of(npu))
    assert ours == pytest.approx(product_seconds(npu, stored(npu)), rel=2e-3)


@pytest.mark.parametrize("domain", list(Domain))
@pytest.mark.parametrize("device", ["rk3588-npu:bin=L3", "rk3588-npu:cores=3", "tpu7nm"])
def test_energy_of_networks_is_that_of_a_plant_with_average_activity(device, domain):
    npu = load_device(device)
    npu = replace(npu, hidden=replace(npu.hidden, activity_sigma=0.0))
    networks, level = stored(npu), 2
    timer = timer_of(npu, networks, level)
    times = timer.seconds(numbers_of(npu))
    observed = [
        Observation(n.name, n.name, "network", n, npu, level, float(t), 1.0, "auto", "")
        for n, t in zip(networks, times, strict=True)
    ]
    ours = joules_of(timer, observed, numbers_of(npu), domain).joules({})
    assert ours == pytest.approx([plant_joules(npu, n, level, domain) for n in networks], rel=1e-3)


def plant_joules(npu, network, level, domain):
    load = workload(cost_network(network, npu), npu)
    plant = build_plant(npu, load, 0)
    freqs, volts = levels_of(npu).freqs_hz.astype(float), npu.opps.points[level].rail_uv * 1e-6
    at = range(-len(npu.opps.points), 0)[level]
    watts = true_npu_w(plant, load, freqs, np.array(volts)) + load.outside_w(
        domain, plant.rates, plant.standby
    )
    return float((watts * load.duration_ns)[:, at].sum() * 1e-9)
