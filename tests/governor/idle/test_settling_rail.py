"""The oracle while a rail moves: no state is entered before it has settled."""

from __future__ import annotations

import pytest

from dfsrt.governor.idle.dispatch import choose_state
from dfsrt.governor.idle.governor import IdleView
from dfsrt.governor.idle.oracle import Oracle
from dfsrt.governor.idle.replay import rule_of
from dfsrt.governor.idle.rule import NEVER_NS, ORACLE, STAY, Outlook

US = 1_000
VIEW = IdleView(-1, 0, 1.0, (0.1,), (10 * US,), (10 * US,), (20 * US,), (1e-5,), (1e-5,))
"""Up takes 1 W; entry and exit 10 us and 10 uJ each, and 0.1 W between them."""


@pytest.mark.parametrize(
    ("settles_us", "choice"),
    [
        (0, (0, 0, 90 * US)),
        (70, (0, 0, 90 * US)),  # 70 + 10 + 1 + 10 uJ are less than 100 up
        (85, (STAY, NEVER_NS, NEVER_NS)),  # 85 + 10 + 0.5 + 10 uJ are more
        (100, (STAY, NEVER_NS, NEVER_NS)),
    ],
)
def test_a_state_is_worth_what_is_left_of_a_gap_once_the_rail_has_settled(settles_us, choice):
    rule = rule_of(ORACLE, (), Oracle().memory(1), VIEW)
    outlook = Outlook(0, -1, 0, NEVER_NS, 100 * US, 0, settles_us * US)
    assert choose_state(rule, outlook) == choice
