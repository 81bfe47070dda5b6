"""Ladder, menu and teo on sequences worked by hand, by the rules and constants of the kernel."""

from __future__ import annotations

import pytest

from dfsrt.governor.idle.rule import NEVER_NS
from dfsrt.governor.idle.rules.menu import timer_ns
from tests.governor.idle.players import MS, Player, rule_of
from tests.helpers.idle_walk import Depth

# Light pays from 1 ms on and is left in 0.1 ms, deep from 5 ms on and is left in 0.6 ms.
DEPTHS = (Depth(0.04, 100_000, 100_000, 30e-6, 30e-6), Depth(0.005, 400_000, 600_000, 1e-4, 3e-4))
PAYS = (1 * MS, 5 * MS)
UP, LIGHT, DEEP = -1, 0, 1


def player(name):
    return Player(rule_of(name, 0.1, DEPTHS, PAYS), 0.1, DEPTHS)


def played(one, gaps_ms, timer_ms=None):
    timer = NEVER_NS if timer_ms is None else round(timer_ms * MS)
    return [one.play(round(gap * MS), timer)[2] for gap in gaps_ms]


def test_ladder_goes_down_after_four_long_stretches_and_up_after_a_short_one():
    one = player("ladder")
    # Up is left in no time: four stretches above 0, then light: 2 - 0.1 > 0.1, four times: deep.
    assert played(one, [2] * 9) == [UP] * 4 + [LIGHT] * 4 + [DEEP]
    # 1.2 - 0.6 is not above 0.6 and not below: nothing. 1.1 - 0.6 is below: light.
    assert played(one, [1.2, 1.1, 2]) == [DEEP, DEEP, LIGHT]
    # 0.15 - 0.1 is below 0.1: up.
    assert played(one, [0.15, 2]) == [LIGHT, UP]


def test_ladder_counts_long_stretches_anew_after_a_short_one():
    one = player("ladder")
    assert played(one, [2, 2, 2, 2]) == [UP] * 4
    # Three long ones, then a short one takes it up; there it takes four again.
    assert played(one, [2, 2, 2, 0.15]) == [LIGHT] * 4
    assert played(one, [2, 2, 2, 2, 2]) == [UP] * 4 + [LIGHT]
    # One that is neither keeps the count: 0.2 - 0.1 is 0.1.
    assert played(one, [2, 2, 0.2, 2, 2]) == [LIGHT] * 4 + [DEEP]


def test_menu_sees_a_habit_from_six_stretches_on():
    # No timer is known: without a habit the end is out of sight, and deep is entered.
    assert played(player("menu"), [3] * 8) == [DEEP] * 6 + [LIGHT] * 2
    assert played(player("menu"), [0.5] * 8) == [DEEP] * 6 + [UP] * 2


def test_menu_leaves_out_the_two_longest_of_eight():
    # 3 ms six times, 30, 90: all: mean 17.25 ms, mean of squares 1132 ms2: no. Without 90: mean
    # 6.857, variance 89.3: 47 is not above 36 x 89.3. Without 30: all the same, 3 ms.
    assert played(player("menu"), [3, 3, 30, 3, 3, 90, 3, 3, 3])[-1] == LIGHT
    # With three outliers there is no habit, and with 20, 21, ..., 27 ms one of 23.5 ms: variance
    # 5.25, and 23.5^2 = 552 is above 36 x 5.25 = 189.
    assert played(player("menu"), [3, 30, 30, 3, 3, 90, 3, 3, 3])[-1] == DEEP
    assert played(player("menu"), [*range(20, 28), 3])[-1] == DEEP
    assert played(player("menu"), [0.9, 0.7, 0.8, 0.9, 0.8, 0.7, 0.8, 0.8, 3])[-1] == UP


def test_menu_takes_lengths_within_twenty_microseconds_for_the_same():
    # 1 and 41 us, four times: mean 21, variance 400 us2: a habit. 1 and 61: 900, without one of the
    # longest 882, without two 800: none.
    assert played(player("menu"), [0.001, 0.041] * 4 + [3])[-1] == UP
    assert played(player("menu"), [0.001, 0.061] * 4 + [3])[-1] == DEEP


def test_menu_shortens_timers_by_what_came_of_them_in_their_decade():
    # Timer 6 ms, over after 0.6 ms: 1024 x 0.6 / 6 = 102. Factor 8192, less 1024, plus 102: 7270,
    # then less 908, plus 102: 6464, of 8192. So 6 ms are 5.32 ms and 4.73 ms.
    one = player("menu")
    assert played(one, [0.6, 0.6, 0.6], 6) == [DEEP, DEEP, LIGHT]
    factor = 6464 - 808 + 102
    assert timer_ns(one.rule, 6 * MS) == pytest.approx(6 * MS * factor / 8192, abs=1)
    # Other decades are as they were: 9.9 ms are the same one, 10 ms the next.
    assert timer_ns(one.rule, 9_900_000) < 9_900_000
    assert timer_ns(one.rule, 10 * MS) == 10 * MS


def test_menu_goes_by_the_nearer_of_timer_and_habit():
    one = player("menu")
    assert played(one, [3] * 6, 33) == [DEEP] * 6
    assert played(one, [3], 33) == [LIGHT]  # by habit
    assert played(one, [0.9], 0.9) == [UP]  # by the timer


def test_teo_goes_by_the_timer_until_stretches_end_before():
    one = player("teo")
    # The timer is 33 ms: deep. 2 ms less half of 0.6 are in light's bin: an early end there, 1024.
    # Early ends 1024 outweigh 0: light. Then 40 ms: a hit, 1024, and the early end is 896: deep.
    # Then 2 ms: hits 896, early ends 784 + 1024 = 1808: light.
    assert played(one, [2, 40, 2, 2], 33) == [DEEP, LIGHT, DEEP, LIGHT]


def test_teo_measures_a_stretch_less_half_the_time_to_leave_its_state():
    # Deep is left in 0.6 ms: 5.3 ms count as 5.0, a hit; 5.2 as 4.9, an early end in light's bin.
    assert played(player("teo"), [5.3, 5.3], 33) == [DEEP, DEEP]
    assert played(player("teo"), [5.2, 5.2], 33) == [DEEP, LIGHT]


def test_teo_takes_the_nearest_state_that_over_half_of_the_early_ends_fall_to():
    # 0.9 ms in deep count as 0.6: an early end in up's bin, 1024: up. There 0.9 ms again: 1920.
    # 4 ms, up: light's bin 1024 of 1024 + 1680: no half of 2704, up. 4 ms again: light's 1920 of
    # 1920 + 1470, more than half: light.
    assert played(player("teo"), [0.9, 0.9, 4, 4, 4], 33) == [DEEP, UP, UP, UP, LIGHT]


def test_teo_trusts_five_early_ends_of_the_last_nine():
    one = player("teo")
    # Early ends in light's bin, five times: 1024, 1920, 2704, 3390, 3991. Then hits: after three
    # 2675 early and 2704 hits, after four 2341 and 3390: by weight deep, but five of the last nine
    # ended early. The fifth hit pushes the first early end out: deep.
    assert played(one, [2] * 5, 33) == [DEEP] + [LIGHT] * 4
    assert played(one, [40] * 6, 33) == [LIGHT] * 5 + [DEEP]


def test_teo_weighs_only_early_ends_in_front_of_the_timer():
    one = player("teo")
    assert played(one, [2, 2, 2], 33)[-1] == LIGHT
    # The timer is 3 ms: light, and what ended in its bin did not end before it.
    assert played(one, [3], 3) == [LIGHT]
    assert played(one, [0.5], 0.5) == [UP]


@pytest.mark.parametrize("name", ["menu", "teo"])
def test_a_tick_takes_a_stretch_that_goes_on_deeper(name):
    # Habit says 3 ms or less: light. With a tick of 4 ms what goes on then goes to deep, unless a
    # timer comes before that pays.
    for tick, night in ((":tick=4ms", DEEP), ("", LIGHT)):
        one = player(name + tick)
        played(one, [3] * 7)
        assert played(one, [3, 3.9, 60_000]) == [LIGHT, LIGHT, night]
        played(one, [3] * 8, 33)
        assert played(one, [8], 8) == [LIGHT]
