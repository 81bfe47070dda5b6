"""An idle governor of one's own: when it leaves a state, and what is no choice."""

from __future__ import annotations

import pytest

from dfsrt.governor.idle import Sleep
from dfsrt.run.clamp import PlanError
from dfsrt.run.idle_tables import IdlePolicy
from dfsrt.run.sleep_state import phase_code
from tests.run.test_sleep import OFF, day_of, joined


class Same:
    """An idle governor that always says the same."""

    def __init__(self, choice):
        self.choice = choice

    def choose(self, view):
        return self.choice


def test_a_state_left_as_soon_as_it_is_entered_takes_no_longer_than_its_exit():
    _, pieces = day_of([OFF], [0], IdlePolicy(Same(Sleep(0, 5_000, 8_000))), 300_000)
    enter, leave = (phase_code(phase, -1, 0, 1) for phase in (1, 3))
    assert joined(pieces) == [
        (-1, 0, 10_000), (0, 10_000, 15_000),
        (enter, 15_000, 25_000), (leave, 25_000, 45_000), (0, 45_000, 300_000),
    ]  # fmt: skip


@pytest.mark.parametrize("choice", [None, "off", Sleep("off"), Sleep(0, 1e6), Sleep(0, 0, 0.5)])
def test_what_is_no_choice_is_refused_with_what_is(choice):
    with pytest.raises(PlanError, match=r"idle governor returned .*; (return a dfsrt.Sleep|state)"):
        day_of([OFF], [0], IdlePolicy(Same(choice)), 300_000)
