"""Clock changes that are worth it: against every round of clocks there is."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from dfsrt.governor.plan import highest_that_fits
from dfsrt.governor.worth import worth_changing
from dfsrt.testing.views import make_view
from tests.governor.small_views import small_view


def cost_of(view, asked, watts, levels):
    """A round's cost in ns by plain loops: time lost, energy's share, and stalls."""
    total = 0.0
    for layer, level in enumerate(levels):
        ran, wish = view.duration_ns[layer], asked[layer]
        total += max(ran[level] - ran[wish], 0)
        joules = watts[layer] * ran
        total += max(joules[level] / joules[wish] - 1, 0) * ran[wish]
        total += view.stall_ns[levels[layer - 1], level]
    return total


@pytest.mark.parametrize("seed", range(120))
def test_no_round_is_cheaper(seed):
    view = small_view(seed)
    fits, watts = view.fits()[:, :, -1], view.predicted_w[:, :, -1]
    asked = highest_that_fits(fits)
    fits[np.arange(view.n_layers), asked] = True
    found = worth_changing(view, asked, fits, watts)
    allowed = [np.flatnonzero(row).tolist() for row in fits]
    assert all(level in row for level, row in zip(found.tolist(), allowed, strict=True))
    least = min(cost_of(view, asked, watts, way) for way in itertools.product(*allowed))
    assert cost_of(view, asked, watts, found.tolist()) == pytest.approx(least, abs=1e-3)


def test_without_stalls_or_with_one_clock_all_stays():
    view = make_view(n_layers=30, n_levels=8, cap_w=1.5)
    fits, watts = view.own_fits(), view.own_power_w()
    asked = highest_that_fits(fits)
    free = replace(view, stall_ns=np.zeros_like(view.stall_ns))
    assert worth_changing(free, asked, fits, watts).tolist() == asked.tolist()
    one = np.full(30, 2)
    assert worth_changing(view, one, fits, watts) is one


def test_where_stalls_outlast_the_frame_no_clock_changes():
    view = make_view(n_layers=30, n_levels=8, cap_w=1.5)
    view = replace(view, stall_ns=view.stall_ns * 1_000_000)
    fits, watts = view.fits()[:, :, 0], view.predicted_w[:, :, 0]
    found = worth_changing(view, highest_that_fits(fits), fits, watts)
    assert len(set(found.tolist())) == 1
