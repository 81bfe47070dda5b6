"""An idle governor of one's own: when it leaves a state."""

from __future__ import annotations

from dfsrt.governor.idle import Sleep
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
