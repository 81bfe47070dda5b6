"""What an idle governor of one's own answers: a choice, or one clear line."""

from __future__ import annotations

import pytest

from dfsrt import InputError, Sleep
from dfsrt.governor.idle.rule import NEVER_NS
from dfsrt.run.sleeper import checked


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "returned None; return a Sleep"),
        ((0, 5), "return a Sleep"),
        (Sleep(99), "chose state 99; this device has 0 to 1"),
        (Sleep(-7), "chose state -7"),
        (Sleep("off"), "state 'off'; give a whole number"),
        (Sleep(None), "state None"),
        (Sleep(0, -5), "after_ns -5"),
        (Sleep(0, float("nan")), "after_ns nan"),
        (Sleep(0, 1.5), "after_ns 1.5"),
        (Sleep(0, 0, float("inf")), "wake_ns inf"),
        (Sleep(0, 0, -1), "wake_ns -1"),
    ],
)
def test_an_answer_that_is_no_choice_is_refused_in_one_line(answer, said):
    with pytest.raises(InputError, match="the idle governor") as refused:
        checked(answer, 2)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_whole_numbers_are_taken_and_times_that_never_come_are_never():
    assert checked(Sleep(1, 2e6, 10**40), 2) == Sleep(1, 2_000_000, NEVER_NS)
