"""Conformance of governors: subclass, say how to make yours, and let pytest collect it.

class TestMine(GovernorConformance):
    def make(self):
        return MyGovernor()
"""

from __future__ import annotations

import copy

import numpy as np

from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.governor import Governor, sees_cap
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View
from dfsrt.testing.views import make_view, odd_views


class GovernorConformance:
    """What every governor must do, whatever its policy."""

    def make(self) -> Governor:
        """Return a fresh governor; each test calls this anew."""
        raise NotImplementedError("return an instance of the governor under test")

    def test_a_plan_has_a_level_and_a_set_point_for_every_layer(self) -> None:
        """Shapes are (n_layers,) and every value is a finite whole number."""
        for what, view in odd_views().items():
            plan = self.make().plan(view)
            for values in (plan.level, plan.rail_uv):
                array = np.asarray(values, dtype=np.float64)
                assert array.shape == (view.n_layers,), what
                assert np.isfinite(array).all(), what
                assert (array == np.rint(array)).all(), what

    def test_a_plan_stays_inside_the_operating_points(self) -> None:
        """Levels exist, set points are the table's, and each level has its voltage."""
        for what, view in odd_views().items():
            plan = self.make().plan(view)
            level, rail = np.asarray(plan.level), np.asarray(plan.rail_uv)
            assert ((level >= 0) & (level <= view.top)).all(), what
            assert np.isin(rail, view.set_points_uv).all(), what
            assert (rail >= view.rails_uv[level]).all(), what

    def test_the_same_view_gives_the_same_plan(self) -> None:
        """A fresh governor has no memory and no dice."""
        for what, view in odd_views().items():
            one, two = self.make().plan(view), self.make().plan(view)
            assert np.array_equal(one.level, two.level), what
            assert np.array_equal(one.rail_uv, two.rail_uv), what

    def test_planning_leaves_the_view_as_it_was(self) -> None:
        """The arrays of a view belong to the runtime."""
        for what, view in odd_views().items():
            before = copy.deepcopy(view)
            self.make().plan(view)
            for name in ("freqs_hz", "rails_uv", "set_points_uv", "duration_ns", "predicted_w"):
                assert np.array_equal(getattr(view, name), getattr(before, name)), (what, name)

    def test_a_governor_that_sees_the_cap_keeps_it_in_prediction(self) -> None:
        """No layer is planned above the cap at its set point where the lowest level fits.

        A plan that knows how the rail moves may ask for more than a layer gets: then no layer
        may run above the cap, frame after frame.
        """
        if not sees_cap(self.make()):
            return
        for cap_w in (0.8, 1.5, 2.5, 5.0):
            view = make_view(n_layers=40, n_levels=8, cap_w=cap_w)
            plan = self.make().plan(view)
            within = planned_w(view, plan) <= cap_w
            planned = bool((within | (view.predicted_w[:, 0, 0] > cap_w)).all())
            assert planned or expected_frame(view, plan).over_cap == 0, cap_w


def planned_w(view: View, plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the predicted watts of each layer as planned, ``(n_layers,)``."""
    set_point = np.searchsorted(view.set_points_uv, plan.rail_uv)
    watts: np.ndarray[tuple[int], np.dtype[np.float64]] = view.predicted_w[
        np.arange(view.n_layers), plan.level, set_point
    ]
    return watts
