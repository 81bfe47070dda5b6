"""Guard and set points: options of every governor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt import Job, Plan, run
from dfsrt.base.errors import InputError
from dfsrt.governor.registry import label, make_governor
from dfsrt.run.recorder import MOVE_COLUMNS
from dfsrt.testing import GovernorConformance
from dfsrt.testing.views import make_view


class TestGuardedDfs(GovernorConformance):
    def make(self):
        return make_governor("dfs:guard=10%")


class TestDfsOnTwoVoltages(GovernorConformance):
    def make(self):
        return _OnAnyView("dfs")


class TestOptimalOnTwoVoltages(GovernorConformance):
    def make(self):
        return _OnAnyView("optimal")


class _OnAnyView:
    """A governor held to the lowest and the highest voltage of whatever device it is shown."""

    def __init__(self, name):
        self.text = name

    def plan(self, view) -> Plan:
        ends = sorted({int(view.set_points_uv[0]), int(view.set_points_uv[-1])})
        volts = "+".join(f"{uv / 1000:g}mV" for uv in ends)
        plan = make_governor(f"{self.text}:set_points={volts}").plan(view)
        assert np.isin(plan.rail_uv, ends).all()
        return plan


@pytest.mark.parametrize("name", ["dfs", "app-dvfs", "dvfs", "optimal"])
def test_a_guard_plans_as_if_the_cap_were_lower(name):
    view = make_view(n_layers=30, n_levels=8, cap_w=3.0)
    lower = replace(view, cap_w=3.0 * (1 - 0.2))
    with_guard = make_governor(f"{name}:guard=0.2").plan(view)
    plain = make_governor(name).plan(lower)
    assert np.array_equal(with_guard.level, plain.level)
    assert np.array_equal(with_guard.rail_uv, plain.rail_uv)
    assert not np.array_equal(plain.level, make_governor(name).plan(view).level)


def test_all_set_points_change_nothing():
    view = make_view(n_layers=30, n_levels=8, cap_w=3.0)
    volts = "+".join(f"{uv / 1000:g}mV" for uv in view.set_points_uv)
    for name in ("dfs", "app-dvfs", "dvfs"):
        narrowed, plain = make_governor(f"{name}:set_points={volts}"), make_governor(name)
        assert np.array_equal(narrowed.plan(view).level, plain.plan(view).level)


def test_with_one_low_voltage_only_the_levels_that_it_allows_are_left():
    view = make_view(n_levels=8, cap_w=float("inf"))
    lowest = int(view.set_points_uv[0])
    plan = make_governor(f"dfs:tie=highest:set_points={lowest / 1000:g}mV").plan(view)
    highest = int(np.searchsorted(view.rails_uv, lowest, side="right")) - 1
    assert (plan.level <= highest).all()
    assert (plan.rail_uv == lowest).all()


def test_a_run_moves_the_rail_between_the_told_voltages_only():
    done = run("alexnet", governor="dvfs:set_points=700mV+800mV", cap="0.2 W", frames=2)
    settled = {*done.log.rail_uv.tolist()}
    assert {700_000, 800_000} <= settled
    assert set(done.log.moves[:, MOVE_COLUMNS.index("to_uv")].tolist()) <= {700_000, 800_000}


def test_a_guard_keeps_runs_further_below_the_cap():
    job = Job("resnet50", cap="0.2 W", frames=3)
    bare, careful = (job.run(g).report.power_w.max for g in ("dfs", "dfs:guard=10%"))
    assert careful < bare


@pytest.mark.parametrize(
    "text", ["dfs:guard=0.05", "dfs:same=0.1:guard=0.05:set_points=700mV+850mV", "dvfs:guard=0.3"]
)
def test_a_label_reads_back_as_the_same_governor(text):
    governor = make_governor(text)
    assert label(governor) == text
    assert make_governor(label(governor)) == governor


def test_no_guard_and_all_set_points_are_the_bare_governor():
    assert make_governor("dfs:guard=0:set_points=all") == make_governor("dfs")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dfs:guard=1", "out of range; allowed is 0 to below 1"),
        ("dfs:guard=-5%", "out of range"),
        ("dfs:guard=much", "not a quantity"),
        ("performance:guard=5%", "performance does not"),
        ("dfs:set_points=700mV+x", "set point 'x'"),
        ("dfs:gaurd=5%", "did you mean 'guard'"),
    ],
)
def test_bad_options_are_told_apart(text, says):
    with pytest.raises(InputError, match=says):
        make_governor(text)


def test_a_voltage_that_the_device_has_not_is_an_error_that_names_those_it_has():
    with pytest.raises(InputError, match=r"712 mV is no set point.*700, 750, 800, 850 mV"):
        run("alexnet", governor="dfs:set_points=712mV", frames=1)
