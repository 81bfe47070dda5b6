"""Our own governors pass the conformance tests that we publish."""

from __future__ import annotations

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

CHECKS = [name for name in dir(GovernorConformance) if name.startswith("test_")]


class Careless:
    """Wrong in every way: odd shapes, no voltage, dice, and hands on the runtime's arrays."""

    def plan(self, view):
        view.duration_ns[0] += 1
        level = np.random.default_rng().integers(0, view.top + 5, view.n_layers + 1)
        return Plan(level, np.zeros(view.n_layers))


@pytest.mark.parametrize("check", CHECKS)
def test_a_careless_governor_fails_every_check(check):
    suite = type("T", (GovernorConformance,), {"make": lambda self: Careless()})()
    with pytest.raises((AssertionError, IndexError, ValueError)):
        getattr(suite, check)()
