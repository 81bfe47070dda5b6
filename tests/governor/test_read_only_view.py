"""A view is the runtime's: whatever a governor tries, the next one sees the same."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest

import dfsrt
from dfsrt.governor import make_governor
from dfsrt.testing.views import make_view

ARRAYS = (
    "freqs_hz",
    "rails_uv",
    "set_points_uv",
    "duration_ns",
    "predicted_w",
    "stall_ns",
    "npu_predicted_w",
)


def two_domains():
    view = make_view()
    return replace(view, npu_predicted_w=view.predicted_w * 0.5, npu_limit_w=1.0)


class Seen:
    """Keeps the view that it is shown."""

    def plan(self, view):
        self.view = view
        return make_governor("powersave").plan(view)


def narrowed(view):
    """What a governor sees under a guard, at two voltages."""
    inner = Seen()
    ends = f"{view.set_points_uv[0] / 1000:g}mV+{view.set_points_uv[-1] / 1000:g}mV"
    guarded = make_governor(f"dfs:guard=0.1:set_points={ends}")
    replace(guarded, inner=inner).plan(view)
    return inner.view


VIEWS = {
    "made": lambda view: view,
    "of some layers": lambda view: view.of_layers(1, 3),
    "replaced": lambda view: replace(view, predicted_w=view.predicted_w * 2, cap_w=1.0),
    "guarded": narrowed,
}


@pytest.mark.parametrize("how", VIEWS)
@pytest.mark.parametrize("name", ARRAYS)
def test_no_array_of_a_view_can_be_written_to(name, how):
    array = getattr(VIEWS[how](two_domains()), name)
    with pytest.raises(ValueError, match="read-only"):
        array[...] = 0
    with pytest.raises(ValueError, match="read-only"):
        array *= 2


def test_a_view_takes_no_copy_and_leaves_its_makers_arrays_as_they_were():
    view = make_view()
    watts = view.predicted_w.copy()
    again = replace(view, predicted_w=watts)
    assert np.shares_memory(again.predicted_w, watts)
    assert np.shares_memory(again.of_layers(1, 3).predicted_w, watts)
    assert watts.flags.writeable


def test_what_a_view_works_out_belongs_to_the_governor():
    view = two_domains()
    for array in (view.fits(), view.own_fits(), view.own_power_w(), view.move_ns()):
        array[...] = 0
    assert view.fits().any()


class Slip:
    """Halves what is predicted, as a slip of the pen would."""

    def plan(self, view):
        watts = view.predicted_w
        watts *= 0.5
        return make_governor("dfs").plan(view)


class Stubborn(Slip):
    """Tries all it can, and goes on when it may not."""

    def plan(self, view):
        for name in ARRAYS[:-1]:
            with contextlib.suppress(ValueError):
                getattr(view, name)[...] = 1
        return make_governor("dfs").plan(view)


def test_a_write_into_the_view_ends_the_run_with_what_is_wrong():
    with pytest.raises(ValueError, match="read-only"):
        dfsrt.compare("alexnet", ["dfs", Slip(), "dfs"], cap="0.16 W", frames=2)


def test_no_governor_spoils_the_run_of_the_next_one():
    runs = dfsrt.compare("alexnet", ["dfs", Stubborn(), "dfs"], cap="0.16 W", frames=2).report.runs
    assert runs[0] == runs[2]
    assert runs[1].fps == runs[0].fps
