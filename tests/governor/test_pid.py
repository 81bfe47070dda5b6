"""``pid`` holds a cap from the meter alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import dfsrt
from dfsrt.governor.pid import Pid
from dfsrt.governor.view import Telemetry
from dfsrt.testing.views import make_view

JOB = {"frames": 300, "device": "rk3588-npu"}


def view_after(*power_w, level=1, cap_w=1.0):
    view = make_view()
    return replace(view, cap_w=cap_w, telemetry=Telemetry(5, 10, level, tuple(power_w)))


def test_it_begins_at_the_slowest_clock_and_runs_free_without_a_cap():
    view = make_view()
    assert (Pid().plan(replace(view, telemetry=None)).level == 0).all()
    assert (Pid().plan(view_after(0.5, cap_w=float("inf"))).level == view.top).all()


def test_without_a_reading_the_clock_stays():
    assert (Pid().plan(view_after()).level == 1).all()


def test_the_step_is_as_worked_by_hand():
    # e = 0.2, 0.1, 0.4: 0.8 * 0.2 + 0.2 * 0.1 + 0.5 * (0.2 - 0.2 + 0.4) = 0.38.
    seen = Telemetry(5, 10, 1, (0.8, 0.9, 0.6))
    assert Pid(kd=0.5)._change(seen, 1.0) == pytest.approx(0.38)
    assert Pid()._change(Telemetry(5, 10, 1, (0.8,)), 1.0) == pytest.approx(0.16)


@pytest.mark.parametrize("cap", [0.16, 0.2, 0.24])
def test_the_mean_power_settles_below_the_cap_and_near_it(cap):
    log = dfsrt.run("resnet50", governor="pid", cap=cap, **JOB).log
    late = log.frame >= 150
    watts = log.domain_energy_j()[late].sum() / ((log.end_ns - log.begin_ns)[late].sum() * 1e-9)
    assert 0.7 * cap < watts < 1.03 * cap


def test_it_follows_a_cap_that_changes():
    log = dfsrt.run("resnet50", governor="pid", cap=0.24, cap_changes={"700ms": 0.16}, **JOB).log
    early = (log.start_ns > 300_000_000) & (log.start_ns < 700_000_000)
    late = log.start_ns > 900_000_000
    assert np.median(log.freq_hz[early]) > np.median(log.freq_hz[late])
    assert log.power_w[late].mean() < 0.17


def wide_gap(power_w):
    """Two clocks, the second eight times as fast at the same voltage, read at the first."""
    view = make_view(n_levels=2)
    view = replace(view, freqs_hz=np.array([100, 800]) * 10**6, cap_w=1.0)
    return replace(view, telemetry=Telemetry(5, 10, 0, (power_w,)))


def test_a_gap_that_no_step_reaches_across_is_crossed_where_the_cap_is_sure_to_hold():
    assert (Pid().plan(wide_gap(0.12)).level == 1).all()  # 8 * 0.12 = 0.96
    assert (Pid().plan(wide_gap(0.13)).level == 0).all()  # 8 * 0.13 = 1.04


@pytest.mark.parametrize("device", ["mdla", "etri-like", "tpu7nm", "rk3588-npu-ivr"])
def test_it_does_not_stay_at_the_slowest_clock_of_any_device(device):
    log = dfsrt.run("resnet50", governor="pid", device=device, frames=300, period=None).log
    assert log.level[log.last_frame].min() > 0
