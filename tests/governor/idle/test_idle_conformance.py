"""Our own idle governors pass the conformance tests that we publish, and each test can fail."""

from __future__ import annotations

from itertools import count

import pytest

from dfsrt.governor.idle import Sleep, idle_governor_names
from dfsrt.testing import IdleGovernorConformance

OURS = (*idle_governor_names(), "timeout=rknpu", "menu:tick=4ms", "teo:tick=4ms")
CHECKS = [name for name in dir(IdleGovernorConformance) if name.startswith("test_")]


def suite(governor):
    return type("T", (IdleGovernorConformance,), {"make": lambda self: governor()})()


@pytest.mark.parametrize("name", OURS)
def test_our_own_pass(name):
    one = type("T", (IdleGovernorConformance,), {"governor": name})()
    for check in CHECKS:
        getattr(one, check)()


class Sound:
    """Stays up: right in everything. Each class below breaks one thing."""

    name = "none"

    def choose(self, view):
        return Sleep()


class TooDeep(Sound):
    def choose(self, view):
        return Sleep(len(view.power_w))


class BeforeTheBeginning(Sound):
    def choose(self, view):
        return Sleep(-1, -5)


class WithDice(Sound):
    rolls = count()

    def choose(self, view):
        return Sleep(-1, next(self.rolls))


class Remembers(Sound):
    def __init__(self):
        self.calls = 0

    def choose(self, view):
        self.calls += 1
        return Sleep(-1, self.calls)


class HandsOnTheView(Sound):
    def choose(self, view):
        object.__setattr__(view, "idle_ns", view.idle_ns + 1)
        return Sleep()


FAULTS = {
    "test_a_choice_is_a_state_that_is_there_and_deeper": TooDeep,
    "test_times_are_whole_nanoseconds_from_the_beginning_of_the_stretch": BeforeTheBeginning,
    "test_the_same_view_gives_the_same_choice": WithDice,
    "test_what_was_chosen_before_does_not_matter": Remembers,
    "test_choosing_leaves_the_view_as_it_was": HandsOnTheView,
}


@pytest.mark.parametrize("check", FAULTS)
def test_each_check_fails_the_governor_with_its_fault_and_no_sound_one(check):
    getattr(suite(Sound), check)()
    with pytest.raises(AssertionError):
        getattr(suite(FAULTS[check]), check)()
