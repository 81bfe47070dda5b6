from __future__ import annotations

from dataclasses import replace

import pytest

from dfsrt.base.errors import InputError
from dfsrt.network.probe import Probe, make_probe
from dfsrt.power.measure import nvidia, nvml
from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.nvidia import NvidiaMeter
from dfsrt.power.measure.sample import Subject
from tests.power.measure.fake_gpu import Clock, FakeNvml, FakeTorch


@pytest.fixture
def gpu(monkeypatch):
    clock = Clock()
    fake = FakeNvml(clock)
    torch = FakeTorch(clock)
    monkeypatch.setattr(nvml, "_load", lambda: fake)
    monkeypatch.setattr(nvidia, "_load_torch", lambda: torch)
    monkeypatch.setattr(nvidia.time, "perf_counter", clock.perf_counter)
    monkeypatch.setattr(nvidia.time, "sleep", lambda _s: None)
    return fake, torch


def relu(size: int = 1000) -> Subject:
    probe = make_probe("r", "Relu", [(size,)], "float16")
    return Subject(probe=probe, source="sweep", group="sweep/unary")


def test_power_is_energy_over_time_from_tick_to_tick(gpu):
    reading = NvidiaMeter().measure(relu())
    assert reading.power_w == pytest.approx(500.0, rel=0.01)
    assert reading.latency_s == pytest.approx(5e-4, rel=0.01)
    assert 0.4 < reading.window_s < 0.7
    assert reading.held_share == 1.0
    assert reading.limit_w == 700.0
    assert reading.clock_hz == 1500e6


def test_a_card_without_an_energy_counter_is_refused_clearly(gpu):
    gpu[0].counter = False
    with pytest.raises(InputError, match="does not show its energy counter"):
        NvidiaMeter()


def test_an_operator_without_a_kernel_is_skipped_not_fatal(gpu):
    probe = make_probe("c", "CumSum", [(8,)], "float16", settings={1: 0})
    with pytest.raises(CannotRunError, match="CumSum has no kernel"):
        NvidiaMeter().measure(Subject(probe=probe, source="sweep", group="g"))


def test_a_stopped_counter_ends_in_an_error_not_in_a_hang(gpu):
    gpu[0].nvmlDeviceGetTotalEnergyConsumption = lambda _h: 1
    with pytest.raises(InputError, match="has not moved"):
        NvidiaMeter().measure(relu())


def test_idle_power_is_read_over_whole_ticks(gpu):
    idle = NvidiaMeter().idle()
    assert idle.power_w == pytest.approx(500.0, rel=0.01)
    assert idle.clock_hz == 1500e6


def test_a_network_is_read_as_one_graph_and_its_views_take_no_time(gpu):
    first = make_probe("a", "Relu", [(10, 10)], "float16")
    view = make_probe("v", "Flatten", [(10, 10)], "float16", views=True)
    last = make_probe("b", "Relu", [(10, 10)], "float16")
    chain = [first, renamed(view, "a_out"), renamed(last, "v_out")]
    reading = NvidiaMeter().measure_network(chain, "nchw", "two layers")
    assert reading.latency_s == pytest.approx(2 * 5e-4, rel=0.01)


def test_a_network_with_an_operator_that_has_no_kernel_is_refused_by_its_name(gpu):
    probe = make_probe("c", "CumSum", [(8,)], "float16", settings={1: 0})
    with pytest.raises(CannotRunError, match="CumSum has no kernel"):
        NvidiaMeter().measure_network([probe], "nchw", "sums")


def renamed(probe: Probe, source: str) -> Probe:
    """The probe with its input taken from ``source``."""
    (data,) = probe.layer.inputs
    layer = replace(probe.layer, inputs=(replace(data, name=source),))
    return replace(probe, layer=layer, operands=(source,))
