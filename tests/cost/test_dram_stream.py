"""What a DRAM gives and takes by its access pattern: published points, a slow loop, and laws."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.cost.dram import Visit, command_energy, steady_stream
from dfsrt.device.dram import dram_names, load_dram
from docs.dram import MEASURED, PATTERNS, steady_of
from docs.generate import DOCS, dram_parts, filled
from tests.helpers.dram_loop import simulate

NEXT, SAME = Visit.NEXT_BANK, Visit.SAME_BANK

WITHOUT_GROUPS = ("ddr3-1600", "ddr3l-1600", "lpddr3-1600", "lpddr4-3200")

# From the currents by hand (pJ/bit, nJ, mW): activate, read, write, open, closed, down, refresh.
BY_HAND = {
    "ddr3-1600": (18.8, 13.2, 13.8, 270, 252, 72, 21),
    "ddr3l-1600": (1.23, 12.6, 9.2, 51, 43, 24, 9),
    "ddr4-2400": (8.24, 6.1, 5.6, 226, 163, 120, 50),
    "lpddr3-1600": (1.41, 5.4, 5.3, 25, 25, 1.6, 8),
    "lpddr4-3200": (1.20, 8.5, 5.0, 38, 34, 6.3, 6),
}


def share(name, bursts, visit=NEXT, offered=1.0, reads=1.0, options=""):
    dram = load_dram(name + options)
    run = (bursts or dram.organisation.row_bursts) * dram.organisation.burst_bytes
    steady = steady_stream(dram, run, visit, offered, reads)
    return steady.bandwidth_bytes_per_s / steady.peak_bytes_per_s, steady


@pytest.mark.parametrize("name", MEASURED)
def test_bandwidth_and_energy_are_as_cycle_simulators_measured_them(name):
    tolerance = 0.15 if name == "lpddr5-6400" else 0.03
    for pattern, (percent, pj) in zip(PATTERNS, MEASURED[name], strict=False):
        steady = steady_of(name, pattern)
        ours = 100 * steady.bandwidth_bytes_per_s / steady.peak_bytes_per_s
        assert ours == pytest.approx(percent, rel=tolerance), pattern
        if pj is not None:
            assert steady.energy_per_byte_j * 1e12 == pytest.approx(pj, rel=0.03), pattern


def test_the_page_shows_what_the_model_says():
    text = (DOCS / "dram.md").read_text()
    assert filled(text, dram_parts()) == text


def test_powering_down_saves_a_slow_streams_standby():
    ours, awake = share("ddr3-1600", 0, offered=0.05)
    asleep = share("ddr3-1600", 0, offered=0.05, options=":powers_down=yes")[1]
    assert ours == pytest.approx(0.05)
    assert asleep.energy_per_byte_j < 0.6 * awake.energy_per_byte_j


def test_bank_groups_interleaved_first_run_at_full_speed():
    ours = share("lpddr5-6400", 512, options=":map=bankgroups-first")[0]
    assert 100 * ours == pytest.approx(93.4, rel=0.01)
    assert share("lpddr5-6400", 512, options=":map=next-row")[0] == pytest.approx(0.412, rel=0.03)


@pytest.mark.parametrize(
    ("name", "bursts", "percent"),
    [
        ("ddr3-1600", 16, 82),
        ("ddr3-1600", 1024, 97),
        ("lpddr4-3200", 16, 78),
        ("lpddr4-3200", 1024, 91),
    ],
)
def test_copies_lose_what_turning_the_bus_costs(name, bursts, percent):
    assert 100 * share(name, bursts, reads=0.5)[0] == pytest.approx(percent, rel=0.03)


@pytest.mark.parametrize("name", BY_HAND)
def test_energies_of_commands_are_those_worked_out_from_currents(name):
    dram = load_dram(name)
    e, bits = command_energy(dram), 8 * dram.organisation.burst_bytes
    pj_per_bit = (e.read_j * 1e12 / bits, e.write_j * 1e12 / bits)
    standby_mw = [1e3 * w for w in (e.open_w, e.closed_w, e.down_w, e.refresh_w)]
    assert (e.activate_j * 1e9, *pj_per_bit, *standby_mw) == pytest.approx(BY_HAND[name], rel=0.05)


def walk(dram, bursts, visit, writes):
    """Requests of runs, in bank order, which ``writes`` tells by turns."""
    banks, bank, row = dram.organisation.all_banks, 0, 0
    for write in itertools.cycle(writes):
        for _ in range(bursts):
            yield bank, row, write
        bank = (bank + 1) % banks if visit is NEXT else bank
        row += visit is SAME or bank == 0


@pytest.mark.parametrize("name", sorted({*dram_names()} - {"ddr3l-1600"}))
@pytest.mark.parametrize(("writes", "within"), [((False,), 0.03), ((True,), 0.03)])
def test_a_loop_of_commands_agrees(name, writes, within):
    dram = load_dram(name)
    for bursts, visit in itertools.product((1, 4, dram.organisation.row_bursts), Visit):
        clocks, done, activates = simulate(dram, walk(dram, bursts, visit, writes))
        ours, steady = share(name, bursts, visit, reads=0.0 if writes[0] else 1.0)
        limit = within if name in WITHOUT_GROUPS else 0.15
        assert ours == pytest.approx(done * dram.timing.tccd_s / clocks, rel=limit)
        assert steady.activates_per_burst == pytest.approx(activates / done, abs=0.012)


@pytest.mark.parametrize("name", ["ddr3-1600", "lpddr4-3200", "lpddr5-6400"])
def test_a_loop_of_commands_loses_no_more_to_turns(name):
    """Its reads and writes never close each other's rows, as those of the copies above do."""
    dram = load_dram(name)
    for bursts in (4, 16, dram.organisation.row_bursts):
        clocks, done, _ = simulate(dram, walk(dram, bursts, NEXT, (False, True)))
        ours = share(name, bursts, reads=0.5)[0]
        assert 0.86 <= ours / (done * dram.timing.tccd_s / clocks) <= 1.03


BURSTS = st.integers(0, 14).map(lambda k: 1 << k)


@settings(max_examples=40)
@given(st.sampled_from(WITHOUT_GROUPS), BURSTS, st.sampled_from(list(Visit)), st.data())
def test_longer_runs_are_never_slower_nor_dearer_and_none_is_above_the_peak(name, n, visit, data):
    offered, reads = data.draw(st.floats(0.01, 1.0)), data.draw(st.floats(0.0, 1.0))
    (short, a), (long, b) = (share(name, k, visit, offered, reads) for k in (n, 2 * n))
    assert short <= long * (1 + 1e-9)
    assert b.energy_per_byte_j <= a.energy_per_byte_j * (1 + 1e-9)
    assert long <= min(offered, 1.0) * (1 + 1e-9)
    assert 0 < b.activates_per_burst <= 1


@given(st.integers(1, 5000), st.sampled_from(dram_names()))
def test_bursts_are_indivisible(run_bytes, name):
    dram = load_dram(name)
    burst = dram.organisation.burst_bytes
    steady = steady_stream(dram, run_bytes, NEXT)
    assert steady.bursts_per_run == math.ceil(run_bytes / burst)
    assert steady.overfetch == pytest.approx(steady.bursts_per_run * burst / run_bytes)
    whole = steady_stream(dram, math.ceil(run_bytes / burst) * burst, NEXT)
    useful_j = steady.energy_per_byte_j / steady.overfetch
    assert useful_j == pytest.approx(whole.energy_per_byte_j)


@pytest.mark.parametrize("name", dram_names())
def test_channels_multiply(name):
    one, two = (share(name, 0, options=f":channels={n}")[1] for n in (1, 2))
    assert two.bandwidth_bytes_per_s == pytest.approx(2 * one.bandwidth_bytes_per_s)
    assert two.energy_per_byte_j == pytest.approx(one.energy_per_byte_j)
    above = share(name, 0, options=":channels=2:map=column-bankgroup-bank-rank-row-channel")[1]
    assert above.bandwidth_bytes_per_s == pytest.approx(one.bandwidth_bytes_per_s)


@pytest.mark.parametrize(
    ("run_bytes", "offered", "reads", "said"),
    [
        (0, 1, 1, "run of 0"),
        (64, 0, 1, "offered 0"),
        (64, 1.1, 1, "offered 1.1"),
        (64, 1, 1.5, "reads 1.5"),
        (64, math.nan, 1, "offered nan"),
        (2**41, 1, 1, "2\\^40"),
    ],
)
def test_a_stream_that_cannot_be_says_what_may(run_bytes, offered, reads, said):
    with pytest.raises(InputError, match=said):
        steady_stream(load_dram("ddr3-1600"), run_bytes, NEXT, offered, reads)
