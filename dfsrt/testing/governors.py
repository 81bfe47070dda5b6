"""Conformance of governors: subclass, name yours or say how to make it; pytest collects the rest.

class TestMine(GovernorConformance):
    governor = "mine.py:Mine:slack=0.2"


class TestOther(GovernorConformance):
    def make(self):
        return Other()
"""

from __future__ import annotations

import copy
from dataclasses import fields
from typing import ClassVar

import numpy as np

from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.governor import Governor, sees_cap, sees_queue
from dfsrt.governor.plan import Plan
from dfsrt.governor.registry import make_governor
from dfsrt.governor.view import View
from dfsrt.testing.queued import queued_views, with_queue
from dfsrt.testing.views import make_view, odd_views, under_two_limits


class GovernorConformance:
    """What every governor must do, whatever its policy.

    ``governor`` names the one under test as ``-g`` does, a Python file's path from where pytest
    is run.
    """

    governor: ClassVar[str] = ""

    def make(self) -> Governor:
        """Return a fresh governor; each test calls this anew.

        Raises:
            NotImplementedError: a subclass that neither names one nor makes one.
        """
        if not self.governor:
            raise NotImplementedError("set 'governor' to a name, or return an instance from 'make'")
        return make_governor(self.governor)

    def views(self) -> dict[str, View]:
        """Return the views that it is tried on, by what is odd; with a queue if it sees one."""
        views = odd_views()
        return queued_views(views) if sees_queue(self.make()) else views

    def seen(self, view: View) -> View:
        """Return a view as it sees it."""
        return with_queue(view) if sees_queue(self.make()) else view

    def test_a_plan_has_a_level_and_a_set_point_for_every_layer(self) -> None:
        """Shapes are (n_layers,) and every value is a finite whole number."""
        for what, view in self.views().items():
            plan = self.make().plan(view)
            for values in (plan.level, plan.rail_uv):
                array = np.asarray(values, dtype=np.float64)
                assert array.shape == (view.n_layers,), what
                assert np.isfinite(array).all(), what
                assert (array == np.rint(array)).all(), what

    def test_a_plan_stays_inside_the_operating_points(self) -> None:
        """Levels exist, set points are the table's, and each level has its voltage."""
        for what, view in self.views().items():
            plan = self.make().plan(view)
            level, rail = np.asarray(plan.level), np.asarray(plan.rail_uv)
            assert ((level >= 0) & (level <= view.top)).all(), what
            assert np.isin(rail, view.set_points_uv).all(), what
            assert (rail >= view.rails_uv[level]).all(), what

    def test_the_same_view_gives_the_same_plan(self) -> None:
        """A fresh governor has no memory and no dice."""
        for what, view in self.views().items():
            one, two = self.make().plan(view), self.make().plan(view)
            assert np.array_equal(one.level, two.level), what
            assert np.array_equal(one.rail_uv, two.rail_uv), what

    def test_planning_leaves_the_view_as_it_was(self) -> None:
        """The arrays of a view belong to the runtime: they are read-only, and stay the same.

        Raises:
            AssertionError: a plan that writes to one.
        """
        for what, view in self.views().items():
            before = copy.deepcopy(view)
            try:
                self.make().plan(view)
            except ValueError as error:
                raise AssertionError(f"{what}: {error}") from error
            for field in fields(view):
                same = np.array_equal(getattr(view, field.name), getattr(before, field.name))
                assert same, (what, field.name)

    def test_a_governor_that_sees_the_cap_keeps_it_in_prediction(self) -> None:
        """No layer is planned above the cap at its set point where the lowest level fits.

        A plan that knows how the rail moves may ask for more than a layer gets: then no layer
        may run above the cap, frame after frame.
        """
        if not sees_cap(self.make()):
            return
        for cap_w in (0.8, 1.5, 2.5, 5.0):
            view = self.seen(make_view(n_layers=40, n_levels=8, cap_w=cap_w))
            assert keeps_cap(view, self.make().plan(view)), cap_w

    def test_a_governor_that_sees_the_cap_keeps_the_limit_on_the_npu_too(self) -> None:
        """Heat and charge limit the NPU's own watts, whatever domain the cap holds.

        ``view.fits()`` says which points keep both.
        """
        if not sees_cap(self.make()):
            return
        for cap_w, limit_w in ((np.inf, 1.5), (2.5, 0.8), (2.0, 1.7)):
            view = self.seen(under_two_limits(cap_w, limit_w))
            assert keeps_cap(view, self.make().plan(view)), (cap_w, limit_w)


def keeps_cap(view: View, plan: Plan) -> bool:
    """Return whether ``plan`` keeps cap and limit in every layer whose lowest level can.

    A plan that knows how the rail moves may ask for more than a layer gets: then the frame that
    repeats decides.
    """
    fits, row = view.fits(), np.arange(view.n_layers)
    set_point = np.searchsorted(view.set_points_uv, plan.rail_uv)
    planned = fits[row, plan.level, set_point] | ~fits[:, 0, 0]
    return bool(planned.all()) or expected_frame(view, plan).over_cap == 0
