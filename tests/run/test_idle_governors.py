"""Idle governors in the loop: plain Python and machine code alike, and nobody below the oracle."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.device.idle import IdleState
from dfsrt.governor.idle import idle_governor_names, make_idle_governor
from dfsrt.run.idle_tables import IdlePolicy
from tests.run.test_sleep import day_of, states_of

TWO = (
    IdleState("light", 5e-3, 10_000, 15_000, 1e-7, 2e-7),
    IdleState("deep", 1e-3, 30_000, 60_000, 5e-7, 12e-7),
)
OTHERS = ("none", "timeout=0ms", "break-even", "teo")


def arrivals_of(gaps):
    return [sum(gaps[:k]) for k in range(len(gaps) + 1)]


@pytest.mark.parametrize("name", [*idle_governor_names(), "menu:tick=0.1ms", "teo:tick=0.1ms"])
def test_plain_python_and_machine_code_sleep_alike(name):
    dice = random.Random(7)
    arrivals = arrivals_of([int(10 ** dice.uniform(3.5, 6)) for _ in range(60)])
    governor = make_idle_governor("timeout=0.05ms" if name == "timeout" else name)
    plain, machine = (
        day_of(TWO, arrivals, IdlePolicy(governor), arrivals[-1] + 1_000_000, compiled=compiled)[0]
        for compiled in (False, True)
    )
    assert plain.idle_j.tolist() == machine.idle_j.tolist()
    assert plain.sleep.entries.tolist() == machine.sleep.entries.tolist()
    assert plain.sleep.waited_ns.tolist() == machine.sleep.waited_ns.tolist()


@given(states_of(), st.lists(st.integers(1, 1_000_000), min_size=1, max_size=8))
@settings(max_examples=8)
def test_nobody_takes_less_than_the_oracle(states, gaps):
    arrivals = arrivals_of(gaps)
    until_ns = arrivals[-1] + 3_000_000

    def taken_j(name):
        day, _ = day_of(states, arrivals, IdlePolicy(make_idle_governor(name)), until_ns)
        return day.idle_j.sum()

    oracle_j = taken_j("oracle")
    for name in OTHERS:
        assert taken_j(name) >= oracle_j * (1 - 1e-9), name
