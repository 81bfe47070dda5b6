"""A cap on one domain and a limit on the NPU's own watts hold together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.governor import Telemetry, make_governor
from dfsrt.governor.optimum import Tradeoff
from dfsrt.testing.views import make_view
from tests.governor.small_views import small_view
from tests.governor.test_governors import INF
from tests.governor.test_governors import make_view as by_hand
from tests.helpers.brute import Brute

AWARE = (
    "app-dvfs",
    "dfs",
    "dfs:tie=highest",
    "dfs:set_points=600mV+700mV",
    "dvfs",
    "segment-dvfs",
    "optimal",
    "optimal:goal=energy",
    "optimal:goal=energy:deadline=2ms",
)


def plan(name, view):
    wish = make_governor(name).plan(view)
    return wish.level.tolist(), wish.rail_uv.tolist()


def outside(view, watts):
    """``view`` of a domain that adds ``watts`` outside the NPU, its cap raised by as much."""
    return replace(
        view,
        predicted_w=view.predicted_w + watts,
        npu_predicted_w=view.predicted_w,
        cap_w=view.cap_w + watts,
    )


def test_a_point_fits_where_it_keeps_both_as_worked_by_hand():
    # Watts of the NPU by [layer, level, set point]; DRAM adds 1 W to layer 0, 0.1 W to layer 1.
    view = by_hand()
    view = replace(
        view,
        npu_predicted_w=view.predicted_w,
        predicted_w=view.predicted_w + np.array([1.0, 0.1])[:, None, None],
        cap_w=2.0,
        npu_limit_w=1.0,
    )
    # Layer 0: 1, 3; 2, 6; inf, 9 and 1 W of DRAM. Layer 1: 0.5, 1; 0.6, 1.2; inf, 2.
    assert view.fits().tolist() == [
        [[True, False], [False, False], [False, False]],
        [[True, True], [True, False], [False, False]],
    ]
    assert view.own_fits().tolist() == [[True, False, False], [True, True, False]]
    # With the limit gone the cap alone is left: 1.3 W of layer 1 keep it now.
    free = replace(view, npu_limit_w=INF)
    assert free.fits()[1].tolist() == [[True, True], [True, True], [False, False]]
    assert plan("app-dvfs", view) == ([0, 0], [500_000] * 2)
    assert plan("dvfs", replace(view, npu_limit_w=2.0, cap_w=9.0))[0] == [1, 0]


def test_without_a_cap_the_limit_alone_holds_and_no_level_runs_below_its_voltage():
    view = by_hand(cap_w=INF, npu_limit_w=2.5)
    assert view.fits()[0].tolist() == [[True, False], [True, False], [False, False]]
    assert not by_hand(cap_w=INF, npu_limit_w=INF).fits()[:, 2, 0].any()


@pytest.mark.parametrize("name", AWARE)
@pytest.mark.parametrize("seed", range(8))
def test_in_the_capped_domain_the_lower_of_the_two_is_the_cap(name, seed):
    view = make_view(n_layers=30, n_levels=6, cap_w=3.0, seed=seed)
    for limit_w in (0.7, 1.5, 3.5):
        lower = replace(view, cap_w=min(3.0, limit_w))
        assert plan(name, replace(view, npu_limit_w=limit_w)) == plan(name, lower)
        # The cap is far away in a domain of its own.
        far = replace(outside(view, 0.5), cap_w=100.0, npu_limit_w=limit_w)
        alone = replace(view, cap_w=limit_w)
        if not name.startswith("optimal"):  # energy counts what the domain holds
            assert plan(name, far) == plan(name, alone)
        if name == "optimal":
            assert Tradeoff(far).least_time.time_ns == Tradeoff(alone).least_time.time_ns


@pytest.mark.parametrize("seed", range(120))
def test_the_optimum_under_both_is_the_best_of_all_plans(seed):
    rng = np.random.default_rng(10_000 + seed)
    view = small_view(seed)
    npu_w = view.predicted_w * rng.uniform(0.3, 0.9, view.duration_ns.shape)[:, :, None]
    limit_w = float(np.quantile(npu_w[np.isfinite(npu_w)], rng.uniform(0.1, 0.9)))
    view = replace(view, npu_predicted_w=npu_w, npu_limit_w=limit_w)
    brute, best = Brute(view), Tradeoff(view).least_time
    reached, least = (best.frame.over_cap, best.time_ns), brute.least_time()
    still = brute.steady(
        tuple(zip(best.plan.level.tolist(), best.plan.rail_uv.tolist(), strict=True))
    )
    assert reached <= least
    assert reached == least or still is None


def test_the_limit_binds_in_enough_of_these_views_and_the_cap_in_others():
    # Or the tests above would prove little.
    binds = [0, 0]
    for seed in range(8):
        view = make_view(n_layers=30, n_levels=6, cap_w=3.0, seed=seed)
        free = plan("dfs", replace(view, cap_w=INF))
        binds[0] += plan("dfs", view) != free
        binds[1] += plan("dfs", replace(view, cap_w=INF, npu_limit_w=1.5)) != free
    assert min(binds) >= 6


def test_a_guard_is_for_the_cap_and_leaves_the_limit():
    view = make_view(n_layers=30, n_levels=8, cap_w=INF)
    limited = replace(view, npu_limit_w=1.5)
    assert plan("dfs:guard=0.3", limited) == plan("dfs", limited)
    assert plan("dfs", limited) != plan("dfs", replace(view, npu_limit_w=1.05))


def test_the_limit_goes_with_the_layers():
    view = outside(make_view(n_layers=30, n_levels=8, cap_w=3.0), 0.5)
    view = replace(view, npu_limit_w=1.2)
    part = view.of_layers(7, 19)
    assert np.array_equal(part.fits(), view.fits()[7:19])


@pytest.mark.parametrize(("cap_w", "limit_w"), [(1.0, INF), (INF, 1.0), (5.0, 1.0), (1.0, 5.0)])
def test_pid_holds_the_lower_of_the_two_since_its_meter_reads_the_npu(cap_w, limit_w):
    seen = Telemetry(5, 10, 3, (2.0, 2.0, 2.0))
    view = replace(make_view(), telemetry=seen)
    lower = replace(view, cap_w=1.0)
    assert plan("pid", replace(view, cap_w=cap_w, npu_limit_w=limit_w)) == plan("pid", lower)
    assert plan("pid", lower)[0][0] < 3
