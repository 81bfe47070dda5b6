"""One clock held throughout is no better than the optimum in the time that it takes itself.

On the ideal array at its short frames, where a search for the least energy in a time is long.
"""

from __future__ import annotations

import pytest

from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.optimum import Budget, Tradeoff
from dfsrt.governor.plan import uniform
from dfsrt.run import make_job
from dfsrt.run.outlook import first_view

MS = 1_000_000


@pytest.mark.parametrize("cap", ["0.7 W", "1.2 W"])
def test_no_clock_that_keeps_the_cap_beats_it_in_energy_whatever_the_work(cap):
    job = make_job("shufflenet", device="rk3588-npu-ideal", frames=1, cap=cap)
    view = first_view(job.table, job.power_cap, None)
    best, held = Tradeoff(view, 0.0, Budget(100 * MS)), 0
    for level in range(view.top + 1):
        frame = expected_frame(view, uniform(view, level))
        if not frame.over_cap:
            held += 1
            assert best.least_energy(frame.time_ns).energy_j <= frame.energy_j
    assert held > 5
