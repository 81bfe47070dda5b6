"""Idle states: from device files, what they draw and when they pay, and what no file may say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError
from dfsrt.device import load_device
from dfsrt.device.residual import (
    NEVER_NS,
    break_even_ns,
    break_even_of,
    residency_of,
    residual_w,
    standing_w,
)
from dfsrt.power.card import device_digest

HEAD = 'base = "rk3588-npu"\nname = "mine"\n'
STATE = """
[idle.states.{name}]
power_w = {power_w}
leakage_share = {leakage_share}
entry_ns = {entry_ns}
exit_ns = {exit_ns}
entry_j = {entry_j}
exit_j = {exit_j}
residency_ns = {residency_ns}
{more}
source.power_w = "a meter"
source.leakage_share = "a meter"
source.entry_ns = "a meter"
source.exit_ns = "a meter"
source.entry_j = "a meter"
source.exit_j = "a meter"
source.residency_ns = "a meter"
"""
PLAIN = {"power_w": 0.002, "leakage_share": 0.0, "entry_ns": 10_000, "exit_ns": 20_000,
         "entry_j": 1e-6, "exit_j": 2e-6, "residency_ns": 0, "more": ""}  # fmt: skip


def state(name, **changes):
    return STATE.format(name=name, **{**PLAIN, **changes})


def order(*names):
    return f"[idle]\norder = [{', '.join(map(repr, names))}]\n"


def test_an_rk3588_sleeps_as_its_driver_lets_it():
    npu = load_device("rk3588-npu")
    off = npu.idle[-1]
    assert [s.name for s in npu.idle] == ["collapse", "rail-off"]
    assert (off.rail_uv, off.power_w, off.exit_ns) == (0, 0.0, 500_000)
    assert off.loses == ("clock", "registers", "memory", "rail")
    assert "rknpu_drv.c" in npu.sources["idle.states.rail-off.rail_uv"]
    assert "idle.states.rail-off.exit_ns" not in npu.assumed


def test_what_a_state_draws_as_worked_by_hand(write_device):
    """0.85 V: 37 mW leak, 10 mW fixed, through 0.9; a state keeps 5 % of the leak and 2 mW."""
    npu = load_device(write_device(HEAD + order("a") + state("a", leakage_share=0.05)))
    assert standing_w(npu, 850_000) == pytest.approx(0.047 / 0.9 + 0.25, rel=1e-12)
    assert residual_w(npu, npu.idle[0]) == pytest.approx(0.00385 / 0.9 + 0.25, rel=1e-12)
    moving_j = 3e-6 + 0.25 * 30e-6
    gap_s = (moving_j - (0.00385 / 0.9 + 0.25) * 30e-6) / ((0.047 - 0.00385) / 0.9)
    assert break_even_of(npu, npu.idle[0], 850_000) == pytest.approx(gap_s * 1e9, abs=1)
    three = load_device(f"{npu.file}:cores=3")
    assert three.idle[0].power_w == pytest.approx(0.006)


def test_break_even_times_of_published_numbers():
    """The worked numbers: 54 mW standing, 2 mW gated, 0.1 or 0.5 mJ a cycle."""
    assert break_even_ns(0.054, 0.002, 0, 1e-4) == pytest.approx(1.923e6, rel=1e-3)
    assert break_even_ns(0.054, 0.002, 0, 5e-4) == pytest.approx(9.615e6, rel=1e-3)
    assert break_even_ns(0.054, 0.002, 10**7, 1e-4) == 10**7  # no gap is shorter than its ways
    assert break_even_ns(0.002, 0.002, 0, 0.0) == NEVER_NS
    assert break_even_ns(1.0, 1.0 - 1e-16, 1, 1e6) == NEVER_NS


@given(
    st.floats(0.01, 10), st.floats(0, 1), st.integers(0, 10**6), st.floats(0, 1e-2),
    st.integers(0, 10**9),
)  # fmt: skip
def test_a_gap_of_the_break_even_time_pays_and_a_shorter_one_does_not(up, share, ns, joules, gap):
    down = up * share
    assume(up - down > 1e-6)
    pays_ns = break_even_ns(up, down, ns, joules)

    def saved_j(gap_ns):
        return up * gap_ns * 1e-9 - (joules + down * (gap_ns - ns) * 1e-9)

    assert pays_ns >= ns
    assert saved_j(pays_ns) >= -1e-12
    if ns <= gap < pays_ns - 1:
        assert saved_j(gap) < 1e-12


def test_a_file_changes_one_number_of_a_state_orders_states_and_leaves_them_out(write_device):
    text = HEAD + '[idle.states.rail-off]\nexit_ns = 400_000\nsource.exit_ns = "a scope"\n'
    mine, base = load_device(write_device(text)), load_device("rk3588-npu")
    assert mine.idle == (base.idle[0], replace(base.idle[1], exit_ns=400_000))
    assert mine.taken_from["idle.states.rail-off.entry_ns"] == "rk3588-npu"
    assert load_device(write_device(HEAD + "[idle]\norder = []\n")).idle == ()
    between = HEAD + order("collapse", "deep", "rail-off") + state("deep")
    names = [s.name for s in load_device(write_device(between)).idle]
    assert names == ["collapse", "deep", "rail-off"]
    assert [s.exit_ns for s in load_device("rk3588-npu-ivr").idle] == [80_000, 100_000]


def test_states_of_a_base_do_not_break_a_device_with_other_numbers(write_device):
    text = HEAD + '[silicon]\nuncore_w = 0.01\nsource.uncore_w = "a meter"\n'
    mine = load_device(write_device(text))
    assert [s.uncore_w for s in mine.idle] == [None, 0.01]
    bin = load_device("rk3588-npu:bin=L5")
    assert bin.idle[0].rail_uv == bin.opps.set_points_uv[-1] == 787_500


def test_a_residency_that_a_file_asks_for_counts_and_a_rail_that_is_off_is_lost(write_device):
    off = state("off", power_w=0.0, residency_ns=10**7, more='rail_uv = 0\nsource.rail_uv = "x"')
    npu = load_device(write_device(HEAD + order("off") + off))
    assert residency_of(npu, npu.idle[0], 850_000) == 10**7
    assert npu.idle[0].loses == ("rail",)


def test_a_power_model_is_the_same_devices_whatever_its_states():
    npu = load_device("rk3588-npu")
    assert device_digest(npu) == device_digest(replace(npu, idle=()))


OFF = 'rail_uv = 0\nsource.rail_uv = "x"'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (order("a", "b") + state("a") + state("b", power_w=0.01),
         r"idle\.states\.b draws .* W, more than the shallower 'a', .* idle\.order"),
        (order("a") + state("a", power_w=1.0), r"a draws 1\.36.* more than .* 'clock-gate'"),
        (order("a") + state("a", exit_ns=0, exit_j=0.0, more=OFF),
         r"exit_ns is 0, but its rail is off; give the regulator's enable ramp"),
        (order("a") + state("a", residency_ns=29_999),
         r"residency_ns is 29999, below entry and exit, 30000 ns together; give that or more"),
        (order("a", "a") + state("a"), r"idle names state 'a' 2 times; name each once"),
        (order("b") + state("a"), r"idle\.order: unknown idle state 'b'"),
        (order("a") + state("a", more='loses = ["sleep"]'), r"loses: unknown loss 'sleep'"),
        (order("a") + state("a", power_w=-1.0), r"a\.power_w is -1.0; allowed is 0 to"),
        (order("a") + state("a", entry_j="nan"), r"entry_j is nan; give a finite number"),
        (order("a") + state("a", exit_ns=-5), r"exit_ns is -5; allowed is 0"),
        (order("a") + state("a", leakage_share=1.5), r"leakage_share is 1.5; allowed is 0 to 1"),
        (order("a") + state("a", more='rail_uv = 900_000\nsource.rail_uv = "x"'),
         r"rail_uv is 900000; allowed is 0 to 850000 uV, the highest point's"),
        (order("a") + state("a", more='uncore_w = 0.3\nsource.uncore_w = "x"'),
         r"uncore_w is 0.3; allowed is 0 to 0.25 W, silicon.uncore_w"),
        (order("a") + state("a", leakage_share=0.1, more=OFF),
         r"leakage_share is 0.1 with a rail that is off"),
        (order("a") + state("a", more='loses = ["rail"]'), r"rail_uv is 850000; give rail_uv = 0"),
        (order("a") + state("a", entry_ns=0), r"entry_j is 1e-06 J in no time; give entry_ns = 1"),
        (order("up") + state("up"), r"a state cannot be called 'up'"),
        (order(*(f"s{k}" for k in range(11))) + "".join(state(f"s{k}") for k in range(11)),
         r"idle has 11 states; allowed are up to 10"),
        (order("a") + state("a").replace('source.exit_j = "a meter"', ""), "exit_j has no source"),
    ],
)  # fmt: skip
def test_a_state_that_breaks_a_rule_is_named_in_one_line(text, said, write_device):
    with pytest.raises(DeviceError, match=said) as caught:
        load_device(write_device(HEAD + text))
    assert "\n" not in str(caught.value)
