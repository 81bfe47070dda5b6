"""Break-even is never above twice what the best takes, and nobody is below the oracle."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.governor.idle.rule import NEVER_NS
from tests.governor.idle.players import MS, Player, devices, gaps_of, rule_of
from tests.helpers.idle_walk import Depth, least_of_all, least_of_one

OTHERS = (
    *("none", "timeout=0ms", "timeout=0.1ms", "timeout=3ms", "break-even"),
    *("ladder", "menu", "menu:tick=1ms", "teo", "teo:tick=1ms"),
)


@given(st.data(), devices())
@settings(max_examples=80)
def test_break_even_is_never_above_twice_the_best_for_any_gap(data, device):
    up_w, depths = device
    edges = [d.pays_ns(up_w) for d in depths]
    near = st.sampled_from(edges).flatmap(lambda at: st.integers(max(1, at - 2), at + 2))
    gap_ns = data.draw(st.one_of(near, st.integers(1, 20 * max(edges))))
    spent_j, _, _ = Player(rule_of("break-even", up_w, depths), up_w, depths).play(gap_ns)
    assert spent_j <= 2 * least_of_one(up_w, depths, gap_ns) * (1 + 1e-6)


def test_break_even_takes_twice_the_best_just_when_it_has_entered():
    # 100 mW up, a transition of 1 mJ that takes no time to speak of, nothing asleep: pays at 10 ms.
    off = (Depth(0.0, 1, 1, 0.5e-3, 0.5e-3),)
    player = Player(rule_of("break-even", 0.1, off), 0.1, off)
    assert player.play(10 * MS) == (pytest.approx(1e-3), 0, -1)
    spent_j, wait_ns, state = player.play(10 * MS + 1)
    assert (spent_j, wait_ns, state) == (pytest.approx(2e-3), 1, 0)


def test_break_even_goes_down_along_the_lower_envelope():
    # Lines over the gap t in ms, in uJ: up 100 t; light 60 + 40 (t - 0.2) = 52 + 40 t, from 0.87
    # on; deep 400 + 5 (t - 1) = 395 + 5 t. Light and deep cross at 343 / 35 = 9.8 ms, up and deep
    # at 4.16 ms, when light takes less than both.
    light = Depth(0.04, 100_000, 100_000, 30e-6, 30e-6)
    deep = Depth(0.005, 400_000, 600_000, 100e-6, 300e-6)
    rule = rule_of("break-even", 0.1, (light, deep))
    player = Player(rule, 0.1, (light, deep))
    assert player.play(866_666)[2] == -1
    assert player.play(866_668)[2] == 0
    assert player.play(9_800_000)[2] == 0
    assert player.play(9_800_002)[2] == 1
    # The way down: up until 866,667 ns, 0.1 ms of entry, light until 9.8 ms, then 0.3 ms and 70 uJ.
    joules, wait_ns, _ = player.play(20 * MS)
    parts = [86.6667e-6, 30e-6, 0.04 * 8.833333e-3, 70e-6, 0.005 * 9.9e-3, 300e-6]
    assert joules == pytest.approx(sum(parts), rel=1e-6)
    assert wait_ns == 600_000


def test_break_even_stays_out_of_states_that_never_pay():
    hungry = (Depth(0.2, 10, 10, 1e-9, 1e-9),)
    assert hungry[0].pays_ns(0.1) == NEVER_NS
    for name in ("break-even", "menu", "teo", "oracle"):
        player = Player(rule_of(name, 0.1, hungry), 0.1, hungry)
        assert player.play(10_000 * MS)[2] == -1, name


@given(st.data(), st.one_of(devices(), devices(least_times=0.01)))
@settings(max_examples=60)
def test_the_oracle_takes_the_least_there_is_and_nobody_less(data, device):
    up_w, depths = device
    gaps = data.draw(gaps_of(up_w, depths, 5))
    oracle_j = Player(rule_of("oracle", up_w, depths), up_w, depths).play_all(gaps)
    least_j = least_of_all(up_w, depths, tuple(gaps))
    assert oracle_j == pytest.approx(least_j, rel=1e-9)
    for name in OTHERS:
        spent_j = Player(rule_of(name, up_w, depths), up_w, depths).play_all(gaps)
        assert spent_j >= oracle_j * (1 - 1e-9), name


def test_the_oracle_wakes_ahead_and_at_equal_energy_delays_nobody():
    # Up 100 mW; off 10 mW, in 1 ms and 0.17 mJ, out 2 ms and 0.40 mJ: pays at 6 ms, as
    # 0.1 x 6 = 0.57 + 0.01 x 3. All gaps are long: waking late would take 10 mW x 2 ms more, and
    # spare as much behind.
    off = (Depth(0.01, 1 * MS, 2 * MS, 0.17e-3, 0.40e-3),)
    player = Player(rule_of("oracle", 0.1, off), 0.1, off)
    following = [20 * MS, 20 * MS]
    assert player.play(20 * MS, following=following) == (pytest.approx(0.74e-3), 0, 0)
    assert player.play(6 * MS, following=following) == (pytest.approx(0.6e-3), 0, 0)
    assert player.play(6 * MS - 1, following=following)[2] == -1


def test_the_oracle_wakes_late_where_the_next_gap_would_be_spent_up():
    # As above, but the next gap is 4 ms: 2 ms late take 0.02 mJ more here, and 0.2 mJ less there.
    off = (Depth(0.01, 1 * MS, 2 * MS, 0.17e-3, 0.40e-3),)
    player = Player(rule_of("oracle", 0.1, off), 0.1, off)
    joules, wait_ns, _ = player.play(20 * MS, following=[4 * MS, 100 * MS])
    assert (joules, wait_ns) == (pytest.approx(0.76e-3), 2 * MS)


PAGE = (Path(__file__).parents[3] / "docs" / "idle.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["none", "timeout=10ms", "break-even", "timeout=0ms", "oracle"])
def test_the_two_gaps_of_the_page_take_what_it_says(name):
    off = (Depth(0.01, 1 * MS, 2 * MS, 0.17e-3, 0.40e-3),)
    player = Player(rule_of(name, 0.1, off), 0.1, off)
    first_j, first_ns, _ = player.play(4 * MS, following=[20 * MS])
    second_j, second_ns, _ = player.play(20 * MS - first_ns)
    begins = (f"| `{name}` | up 4 ms |", f"| `{name}` | entry")
    (row,) = (line for line in PAGE.splitlines() if line.startswith(begins))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    joules = (first_j, second_j, first_j + second_j)
    assert [cells[k] for k in (2, 4, 5)] == [f"{j * 1e3:.2f} mJ" for j in joules]
    assert cells[6] == f"{(first_ns + second_ns) // MS} ms"
