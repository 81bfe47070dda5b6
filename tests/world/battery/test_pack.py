"""A battery under power control: golden steps, properties, naive twins and its ends."""

from __future__ import annotations

import math
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.compiled import compiled
from dfsrt.base.record import as_record
from dfsrt.world.battery.draw import draw
from dfsrt.world.battery.pack import (
    KIBAM,
    PEUKERT,
    CellBook,
    max_power_w,
    rested_cell,
    series_ohm,
)
from dfsrt.world.battery.segment import BROWN_OUT, EMPTY, OK
from tests.world.battery.packs import AI2020_SOC, AI2020_V, make_pack

FLAT = {"ocv_soc": np.array([0.0, 1.0]), "ocv_v": np.array([3.99, 4.0]), "r1_ohm": 0.0}


def drawn(pack: Any, soc: float, *parts: tuple[float, float], temp_c: float = 25.0) -> Any:
    """Draw (watts, seconds) parts; return the last end, the state and the book."""
    state, book, end = rested_cell(pack, soc), CellBook(), OK
    for watts, seconds in parts:
        end = draw(pack, state, book, watts, seconds, temp_c)
        if end != OK:
            break
    return end, state, book


def test_a_step_worked_by_hand() -> None:
    """One second from 3.995 V open-circuit through 0.08 Ω at 3 W, no RC pair.

    The voltage falls by 0.01 V over the whole charge of 16,920 C, so the mean resistance is
    0.08 + 0.01/(2*16920) Ω, and I = 2P / (E + sqrt(E² - 4RP)).
    """
    end, state, book = drawn(make_pack(**FLAT), 0.5, (3.0, 1.0))
    resistance = 0.08 + 0.01 / (2 * 16_920)
    amps = 6.0 / (3.995 + math.sqrt(3.995**2 - 12 * resistance))
    assert end == OK
    assert state.current_a == pytest.approx(amps, rel=1e-14)
    assert amps == pytest.approx(0.762584, rel=1e-6)
    assert state.soc == pytest.approx(0.5 - amps / 16_920, rel=1e-14)
    assert book.ohmic_j == pytest.approx(amps**2 * 0.08, rel=1e-12)
    assert book.delivered_j == 3.0


def test_an_rc_pair_follows_a_long_steady_current_to_its_resistance() -> None:
    _, state, book = drawn(make_pack(r1_ohm=0.02, tau1_s=5.0), 0.6, (2.0, 60.0))
    assert state.rc1_v == pytest.approx(state.current_a * 0.02, rel=1e-4)
    held = 0.5 * (5.0 / 0.02) * state.rc1_v**2
    assert book.stored_j == pytest.approx(held, rel=1e-12)


def test_a_rested_cell_gives_back_what_its_rc_pair_holds_as_heat() -> None:
    _, state, book = drawn(make_pack(), 0.6, (5.0, 300.0), (0.0, 3600.0))
    assert state.rc1_v == pytest.approx(0.0, abs=1e-12)
    assert book.stored_j == pytest.approx(0.0, abs=1e-9)
    assert book.rc_j > 0


parts = st.lists(
    st.tuples(st.just(0.0) | st.floats(1e-6, 12.0), st.floats(0.01, 600.0)), min_size=1, max_size=8
)
packs = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([0, KIBAM, PEUKERT]),
        "r0_ohm": st.floats(0.01, 0.2),
        "r1_ohm": st.just(0.0) | st.floats(1e-9, 0.1),
        "tau1_s": st.floats(1.0, 500.0),
        "r2_ohm": st.just(0.0) | st.floats(1e-9, 0.1),
        "tau2_s": st.floats(1.0, 5000.0),
        "kibam_c": st.floats(0.3, 0.95),
        "kibam_k": st.floats(1e-4, 1e-2),
        "peukert": st.floats(1.0, 1.3),
    }
).map(lambda f: make_pack(**(f if f["kind"] == 0 else f | {"r1_ohm": 0.0, "r2_ohm": 0.0})))


@given(packs, st.floats(0.05, 1.0), parts, st.floats(-10.0, 50.0))
@settings(deadline=None)
def test_energy_is_conserved_and_charge_only_falls(
    pack: Any, soc: float, drawn_parts: list[tuple[float, float]], temp_c: float
) -> None:
    state, book, before, used = rested_cell(pack, soc), CellBook(), soc, 0.0
    for watts, seconds in drawn_parts:
        end = draw(pack, state, book, watts, seconds, temp_c)
        used += watts * state.used_s
        assert state.soc <= before
        assert 0 <= state.used_s <= seconds
        before = float(state.soc)
        if end != OK:
            break
        assert state.used_s == seconds
    spent = book.delivered_j + book.ohmic_j + book.rc_j + book.stored_j
    assert book.chemical_j == pytest.approx(spent, rel=1e-10, abs=1e-9)
    assert book.delivered_j == pytest.approx(used, rel=1e-9, abs=1e-9)


@given(packs, st.floats(0.3, 1.0), st.floats(0.1, 6.0), st.floats(1.0, 300.0), st.floats(0.1, 0.9))
@settings(deadline=None)
def test_a_draw_in_two_parts_is_the_same_draw(
    pack: Any, soc: float, watts: float, seconds: float, share: float
) -> None:
    _, whole, _ = drawn(pack, soc, (watts, seconds))
    _, parted, _ = drawn(pack, soc, (watts, seconds * share), (watts, seconds * (1 - share)))
    assert parted.soc == pytest.approx(whole.soc, rel=2e-6, abs=1e-7)
    assert parted.voltage_v == pytest.approx(whole.voltage_v, rel=1e-3)


def naive_life_s(
    pack: Any, watts: Any, soc: float, step_s: float, temp_c: float
) -> tuple[float, float]:
    """Euler's method with a tiny step and nothing of ours: the obvious way."""
    kelvin = temp_c + 273.15
    ohm = pack.path_ohm + pack.r0_ohm * math.exp(
        pack.r0_ea_j / 8.314462618 * (1 / kelvin - 1 / 298.15)
    )
    over = [0.0, 0.0]
    now = 0.0
    while True:
        emf = float(np.interp(soc, AI2020_SOC, AI2020_V)) - sum(over)
        power = watts(now)
        amps = (emf - math.sqrt(emf**2 - 4 * ohm * power)) / (2 * ohm)
        if emf - amps * ohm <= pack.cutoff_v:
            return now, soc
        for k, (r, tau) in enumerate([(pack.r1_ohm, pack.tau1_s), (pack.r2_ohm, pack.tau2_s)]):
            over[k] += step_s * (amps * r - over[k]) / tau
        soc -= amps * step_s / pack.capacity_c
        now += step_s


@pytest.mark.parametrize("temp_c", [25.0, 0.0])
@pytest.mark.parametrize("tick_s", [1.0, 10.0, 100.0])
def test_a_discharge_ends_when_tiny_euler_steps_say(temp_c: float, tick_s: float) -> None:
    pack = make_pack(r2_ohm=0.03, tau2_s=200.0)
    state, book, used = rested_cell(pack, 0.2), CellBook(), 0.0
    while draw(pack, state, book, 4.0, tick_s, temp_c) == OK:
        used += state.used_s
    used += state.used_s
    naive_s, naive_soc = naive_life_s(pack, lambda _: 4.0, 0.2, 0.05, temp_c)
    assert used == pytest.approx(naive_s, rel=2e-4)
    assert state.soc == pytest.approx(naive_soc, abs=1e-4)
    assert state.voltage_v == pytest.approx(pack.cutoff_v, abs=1e-3)


def test_a_load_step_beyond_the_cell_is_a_brown_out_and_a_slow_decline_is_not() -> None:
    pack = make_pack()
    assert drawn(pack, 0.5, (2.0, 60.0), (60.0, 1.0))[0] == BROWN_OUT  # no such power
    assert drawn(pack, 0.06, (1.0, 1.0), (26.0, 1.0))[0] == BROWN_OUT  # falls under 2.9 V
    end, state, _ = drawn(pack, 0.06, *[(2.0, 600.0)] * 10)
    assert end == EMPTY
    assert state.voltage_v == pytest.approx(3.3, abs=1e-3)


def test_a_slow_decline_in_one_long_draw_is_no_brown_out() -> None:
    """Within an hour the cell could not give 10 W any more; the cut-off comes before that."""
    for soc in (0.05, 0.08, 0.15):
        ends = [drawn(make_pack(), soc, *[(10.0, step)] * 4000)[0] for step in (1.0, 3600.0)]
        assert ends == [EMPTY, EMPTY]


def test_a_step_of_load_is_judged_by_its_first_moment() -> None:
    """The voltage falls at once to just above brown-out and on below it within the segment."""
    pack = make_pack(cutoff_v=2.9, r1_ohm=0.1, tau1_s=5.0)
    most_w = max_power_w(pack, rested_cell(pack, 0.3), 25.0)
    end, state, _ = drawn(pack, 0.3, (most_w * 0.98, 60.0))
    assert end == EMPTY
    assert 0 < state.used_s < 60
    assert drawn(pack, 0.3, (most_w * 1.02, 60.0))[0] == BROWN_OUT


def test_a_cell_that_rests_ends_nothing_even_under_its_cut_off() -> None:
    end, state, _ = drawn(make_pack(), 0.005, (0.0, 3600.0))
    assert end == OK
    assert state.soc == 0.005


def test_power_up_to_the_most_is_given_and_a_little_more_is_not() -> None:
    pack = make_pack(cutoff_v=2.9)
    most_w = max_power_w(pack, rested_cell(pack, 0.5), 25.0)
    assert drawn(pack, 0.5, (most_w * 0.999, 0.001))[0] == OK
    assert drawn(pack, 0.5, (most_w * 1.001, 0.001))[0] == BROWN_OUT


def test_resistance_grows_towards_the_cold_by_arrhenius_law() -> None:
    pack = make_pack()
    ratio = math.exp(20_000 / 8.314462618 * (1 / 273.15 - 1 / 298.15))
    assert series_ohm(pack, 0.0) == pytest.approx(0.05 * ratio + 0.03, rel=1e-12)
    assert series_ohm(pack, 25.0) == pytest.approx(0.08, rel=1e-15)


def test_peukert_charge_lasts_as_its_law_says() -> None:
    """On a flat voltage without resistance a current I lasts C/I * (rated/I)^(k - 1)."""
    flat = FLAT | {"r0_ohm": 1e-6, "path_ohm": 0.0, "ocv_v": np.array([3.9999, 4.0])}
    pack = make_pack(kind=PEUKERT, **flat, cutoff_v=1.0, brownout_v=0.5)
    state, book, used = rested_cell(pack, 1.0), CellBook(), 0.0
    while draw(pack, state, book, 12.0, 60.0, 25.0) == OK:
        used += state.used_s
    used += state.used_s
    assert used == pytest.approx(16_920 / 3 * (0.94 / 3) ** 0.05, rel=1e-4)


def test_kibam_gives_its_well_at_hand_at_once_and_all_of_it_slowly() -> None:
    """Very fast, only the share c comes out; very slowly, everything does."""
    flat = FLAT | {"r0_ohm": 1e-6, "path_ohm": 0.0, "ocv_v": np.array([3.9999, 4.0])}
    pack = make_pack(kind=KIBAM, **flat, cutoff_v=1.0, brownout_v=0.5, kibam_k=1e-4)
    for amps, share in ((100.0, 0.8), (0.05, 1.0)):
        state, book = rested_cell(pack, 1.0), CellBook()
        while draw(pack, state, book, amps * 4.0, 60.0, 25.0) == OK:
            pass
        assert 1 - state.soc == pytest.approx(share, abs=0.02)


def test_kibam_wells_even_out_while_it_rests() -> None:
    pack = make_pack(kind=KIBAM)
    _, tired, _ = drawn(pack, 0.6, (8.0, 600.0))
    _, rested, _ = drawn(pack, 0.6, (8.0, 600.0), (0.0, 7200.0), (0.01, 0.1))
    assert rested.voltage_v > tired.voltage_v + 0.02


@pytest.mark.parametrize("kind", [0, KIBAM, PEUKERT])
def test_machine_code_and_plain_python_draw_alike(kind: int) -> None:
    fast = compiled(draw)
    pack = make_pack(kind=kind, **({} if kind == 0 else {"r1_ohm": 0.0}))
    states = [rested_cell(pack, 0.3), as_record(rested_cell(pack, 0.3))]
    books = [CellBook(), as_record(CellBook())]
    for watts, seconds in [(3.0, 1.0), (0.0, 7.0), (9.5, 33.3), (2.0, 4000.0), (5.0, 90_000.0)]:
        ends = [
            call(pack, state, book, watts, seconds, 12.0)
            for call, state, book in zip((draw, fast), states, books, strict=True)
        ]
        assert ends[0] == ends[1]
        np.testing.assert_allclose(states[1].item(), astuple(states[0]), rtol=1e-10)
        np.testing.assert_allclose(books[1].item(), astuple(books[0]), rtol=1e-10)
    assert ends[0] == EMPTY
