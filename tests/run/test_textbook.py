"""The textbook device: work is its cycles, energy its work times V^2, and all else is free."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfsrt.report.core import report_of
from dfsrt.run import execute, make_job

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "pillai-shin")


def report(load, **said):
    return report_of(execute(make_job(load, device="ideal", power_model="datasheet", **said)))


@pytest.mark.parametrize(("mhz", "volts"), [(500, 3), (750, 4), (1000, 5)])
@pytest.mark.parametrize("n", [3_000_000, 7_919])
def test_cycles_take_their_time_and_their_work_times_v2(mhz, volts, n):
    done = report(
        f"cycles:n={n}", governor=f"userspace:freq={mhz}MHz", frames=3, period="10ms", cap="none"
    )
    assert done.latency_s.max == pytest.approx(round(n * 1000 / mhz) * 1e-9, rel=1e-12)
    assert done.energy_j == pytest.approx(3 * done.latency_s.max * mhz * 1e-3 * volts**2)
    assert done.idle_j == 0


def test_pillai_and_shins_example_takes_175_at_full_speed_and_63_at_the_lowest():
    """Seven milliseconds of work; each at 1 GHz takes 25 mJ, and 9 mJ at 3 V."""
    for governor, joules in (("performance", 0.175), ("powersave", 0.063)):
        assert report(EXAMPLE, governor=governor).energy_j == pytest.approx(joules, rel=1e-12)


@pytest.mark.parametrize("governor", ["dvfs", "optimal", "segment-dvfs", "app-dvfs", "dfs"])
def test_an_instant_rail_serves_every_governor(governor):
    """Under 13 W 0.75 GHz at 4 V is what fits; the rail is there at once, wherever it stood."""
    done = report("cycles", governor=governor, cap="13 W", frames=2)
    assert done.energy_j == pytest.approx(2 * 1e-3 * 4**2)
