"""Regret is of the time that the frame takes, and of the best plan that anybody knows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dfsrt.governor.expected_run import ExpectedFrame
from dfsrt.governor.optimum.aim import Aim
from dfsrt.governor.optimum.solution import Solution
from dfsrt.report.regret import regret_of


def test_the_gap_in_energy_is_that_of_the_time_asked_for():
    # Of plans in 120 ns or less 2 J was found, in 110 ns, and 1.5 J is not ruled out: a quarter.
    fast = Solution(None, ExpectedFrame(100.0, 5.0, 0.0), 100.0, 100.0)
    thrifty = Solution(None, ExpectedFrame(110.0, 2.0, 0.0), 2.0, 1.5)
    best = SimpleNamespace(
        least_time=fast,
        least=lambda power, ns: {(0, 120.0): thrifty}[power, ns],
        aim=lambda power, ns: Aim(None, power, ns),
        gap_of=lambda solution: 0.1,  # in 110 ns no plan is below 1.8 J
        cut=False,
    )
    regret = regret_of(ExpectedFrame(120.0, 3.0, 0.0), best)
    assert regret.energy == pytest.approx(0.5)
    assert regret.energy_gap == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("over", "bound", "energy", "gap"),
    [(0.0, 1.2, 0.0, 0.2), (1.0, 1.2, -0.25, 0.4), (0.0, 2.0, -0.25, 0.0)],
)
def test_who_keeps_the_cap_is_never_better_than_the_best_of_a_search_that_was_cut(
    over, bound, energy, gap
):
    # 2 J was found, less than 1.2 J ruled out, and the governor takes 1.5 J. Were 2 J certain, that
    # would be an error of the search, which nobody hides.
    best = SimpleNamespace(
        least_time=Solution(None, ExpectedFrame(100.0, 5.0, 0.0), 100.0, 100.0),
        least=lambda power, ns: Solution(None, ExpectedFrame(110.0, 2.0, 0.0), 2.0, bound),
        aim=lambda power, ns: Aim(None, power, ns),
        cut=False,
    )
    regret = regret_of(ExpectedFrame(120.0, 1.5, over), best)
    assert regret.energy == pytest.approx(energy)
    assert regret.energy_gap == pytest.approx(gap)
