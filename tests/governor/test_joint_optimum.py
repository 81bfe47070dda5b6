"""The optimum of core and memory together, against brute force."""

from __future__ import annotations

import pytest

from dfsrt.governor.optimum import Tradeoff
from tests.governor.joint_views import joint_small_view
from tests.helpers.brute_joint import JointBrute

SEEDS = range(200)


@pytest.mark.parametrize("seed", SEEDS)
def test_time_and_energy_are_those_of_the_best_of_all_plans(seed):
    view = joint_small_view(seed)
    brute, tradeoff = JointBrute(view), Tradeoff(view)
    frames = list(brute.frames())
    least = min(f.over for f in frames)
    fitting = [f for f in frames if f.over == least]
    _agrees(brute, tradeoff.least_time, least, min(f.time_ns for f in fitting), "time_ns")
    times = sorted(f.time_ns for f in fitting)
    for share in (0.3, 1.0):
        deadline_ns = times[int(share * (len(times) - 1))]
        want = min(f.energy_j for f in fitting if f.time_ns <= deadline_ns)
        found = tradeoff.least_energy(deadline_ns)
        assert found.time_ns <= deadline_ns
        _agrees(brute, found, least, want, "energy_j")
    for power in (1, 2):
        want = min(f.energy_j * (f.time_ns * 1e-9) ** power for f in fitting)
        found = tradeoff.least(power)
        assert found.goal <= want * (1 + 1e-9)
        assert found.gap < 1e-9


def _agrees(brute, found, least, want, what):
    frame = brute.steady(brute.plan_of(found.plan))
    assert found.gap < 1e-9
    assert found.frame.over_cap <= least
    if frame is None:
        # Frames that are not all alike may beat every plan whose frames are.
        assert getattr(found, what) <= want * (1 + 1e-9)
    else:
        assert brute.keeps_delay(frame)
        assert getattr(found, what) == pytest.approx(want, rel=1e-9)
