"""Our own governors pass the conformance tests that we publish."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.governor import Plan, make_governor
from dfsrt.testing import GovernorConformance


def conformance(name):
    return type(f"Test_{name}", (GovernorConformance,), {"make": lambda self: make_governor(name)})


TestPerformance = conformance("performance")
TestPowersave = conformance("powersave")
TestUserspace = conformance("userspace:freq=500MHz")
TestSimpleOndemand = conformance("simple_ondemand")
TestSchedutil = conformance("schedutil")
TestAppDvfs = conformance("app-dvfs")
TestDfs = conformance("dfs")
TestDvfs = conformance("dvfs")
TestSegmentDvfs = conformance("segment-dvfs")
TestOptimal = conformance("optimal")
TestPace = conformance("pace:time=20ms")
TestEdfStatic = conformance("edf-static")
TestEdfCc = conformance("edf-cc")
TestEdfLa = conformance("edf-la")
TestRmStatic = conformance("rm-static")
TestRmCc = conformance("rm-cc")
TestOptimalInEnergy = conformance("optimal:goal=energy:deadline=100ms:gap=0.001")


class Sound:
    """Level 0 for every layer: right in everything. Each class below breaks one thing."""

    def plan(self, view):
        return Plan(np.zeros(view.n_layers, dtype=int), np.full(view.n_layers, view.rails_uv[0]))


class OneTooMany(Sound):
    def plan(self, view):
        return Plan(*(np.append(a, a[-1]) for a in vars_of(super().plan(view))))


class BelowItsVoltage(Sound):
    sees_cap = False

    def plan(self, view):
        level, rail = vars_of(super().plan(view))
        return Plan(level + view.top, rail)


class WithDice(Sound):
    def plan(self, view):
        level, _ = vars_of(super().plan(view))
        rail = np.random.default_rng().choice(view.set_points_uv, view.n_layers)
        return Plan(level, rail)


class HandsOnTheView(Sound):
    def plan(self, view):
        view.duration_ns[0] += 1
        return super().plan(view)


class DeafToTheCap(Sound):
    def plan(self, view):
        level, rail = vars_of(super().plan(view))
        return Plan(level + view.top, rail * 0 + view.rails_uv[-1])


class DeafToTheLimit(Sound):
    def plan(self, view):
        return make_governor("dfs").plan(replace(view, npu_limit_w=float("inf")))


def vars_of(plan):
    return plan.level, plan.rail_uv


FAULTS = {
    "test_a_plan_has_a_level_and_a_set_point_for_every_layer": OneTooMany,
    "test_a_plan_stays_inside_the_operating_points": BelowItsVoltage,
    "test_the_same_view_gives_the_same_plan": WithDice,
    "test_planning_leaves_the_view_as_it_was": HandsOnTheView,
    "test_a_governor_that_sees_the_cap_keeps_it_in_prediction": DeafToTheCap,
    "test_a_governor_that_sees_the_cap_keeps_the_limit_on_the_npu_too": DeafToTheLimit,
}
CHECKS = [name for name in dir(GovernorConformance) if name.startswith("test_")]


def suite(governor):
    return type("T", (GovernorConformance,), {"make": lambda self: governor()})()


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_fails_the_governor_with_its_fault_and_no_sound_one(check):
    getattr(suite(Sound), check)()
    with pytest.raises(AssertionError):
        getattr(suite(FAULTS[check]), check)()
