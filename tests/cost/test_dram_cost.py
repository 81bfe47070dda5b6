"""What a layer's streams cost on a DRAM: worked by hand, and how tiles become runs."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.cost.dram import Stream, command_energy, dram_cost, run_bytes
from dfsrt.device.dram import Layout, dram_names, load_dram

DDR3, LPDDR4 = load_dram("ddr3-1600"), load_dram("lpddr4-3200")


def test_four_rows_of_ddr3_worked_by_hand():
    """512 bursts of 4 clocks of 1.25 ns, of which refresh leaves 1 - 148 / 6240."""
    cost, e = dram_cost([Stream(4 * 8192, 8192, False)], DDR3), command_energy(DDR3)
    assert (cost.activates, cost.bursts, cost.crossed_bytes) == (4, 512, 4 * 8192)
    assert cost.seconds == pytest.approx(512 * 5e-9 / (1 - 148 / 6240))
    assert cost.access_j == pytest.approx(4 * 18.75e-9 + 512 * 64 * 8 * 13.18e-12, rel=2e-3)
    assert cost.row_hit_rate == pytest.approx(1 - 1 / 128)
    assert cost.background_w == pytest.approx(0.270 + 0.021, rel=0.01)
    assert cost.idle_w == pytest.approx(0.252 + 0.021, rel=0.01)
    asleep = dram_cost([], replace(DDR3, powers_down=True))
    assert asleep.idle_w == pytest.approx(0.072 + 0.021, rel=0.01)
    assert (asleep.seconds, asleep.access_j, asleep.bursts) == (0.0, 0.0, 0)
    assert e.write_j > e.read_j
    written = dram_cost([Stream(4 * 8192, 8192, True)], DDR3)
    assert written.access_j - cost.access_j == pytest.approx(512 * (e.write_j - e.read_j))


def test_short_runs_fetch_whole_bursts_wherever_they_begin():
    """Runs of 14 bytes begin at even addresses: some touch one burst of 32, others two."""
    cost = dram_cost([Stream(14_000, 14, False)], LPDDR4)
    touched = [math.ceil((start % 32 + 14) / 32) for start in range(0, 14 * 1000, 14)]
    assert cost.bursts == pytest.approx(sum(touched), rel=0.01)
    assert cost.crossed_bytes == 32 * cost.bursts
    assert cost.activates == 1000


def test_runs_that_lie_in_one_row_share_it():
    apart, near = (dram_cost([Stream(14_000, 14, False, pitch)], LPDDR4) for pitch in (0, 28))
    assert near.activates == math.ceil(1000 / (2048 // 28))
    assert near.bursts == apart.bursts
    assert near.seconds < apart.seconds
    assert near.access_j < apart.access_j
    far = dram_cost([Stream(14_000, 14, False, 100_000)], LPDDR4)
    assert far == apart


def test_a_map_that_stays_in_a_bank_is_slower():
    next_row = load_dram("ddr3-1600:map=next-row")
    for run in (64, 8192, 1 << 20):
        streams = [Stream(1 << 20, run, False)]
        slow, fast = dram_cost(streams, next_row), dram_cost(streams, DDR3)
        assert slow.seconds > fast.seconds
        assert slow.activates == fast.activates


def test_reads_and_writes_in_turns_turn_the_bus():
    reads, writes = Stream(1 << 20, 1024, False), Stream(1 << 20, 1024, True)
    both, (one, two) = (
        dram_cost([reads, writes], DDR3),
        (dram_cost([stream], DDR3) for stream in (reads, writes)),
    )
    turned_s = (1 << 20) / 1024 * 21 * 1.25e-9 / (1 - 148 / 6240)  # 16 bursts, 21 clocks a turn
    assert both.seconds == pytest.approx(one.seconds + two.seconds + turned_s)
    assert both.access_j == pytest.approx(one.access_j + two.access_j)


STREAMS = st.lists(
    st.builds(Stream, st.integers(0, 10**6), st.integers(1, 10**5), st.booleans()), max_size=4
)


@settings(max_examples=40)
@given(STREAMS, st.sampled_from(dram_names()), st.sampled_from([1, 2]))
def test_no_stream_is_faster_than_the_peak_nor_cheaper_than_its_bursts(streams, name, channels):
    dram = load_dram(f"{name}:channels={channels}")
    cost, e = dram_cost(streams, dram), command_energy(dram)
    useful = sum(stream.bytes for stream in streams)
    assert cost.crossed_bytes >= useful
    assert cost.seconds * dram.peak_bytes_per_s >= useful * (1 - 1e-9)
    least_j = useful / dram.organisation.burst_bytes * min(e.read_j, e.write_j)
    assert cost.access_j >= least_j * (1 - 1e-9)
    assert 0 <= cost.activates <= cost.bursts
    more = dram_cost([*streams, Stream(1000, 100, False)], dram)
    assert more.seconds > cost.seconds
    assert more.access_j > cost.access_j


@pytest.mark.parametrize(("moved", "run", "pitch"), [(-1, 1, 0), (1, 0, 0), (1, 1, -1)])
def test_a_stream_of_nothing_is_refused(moved, run, pitch):
    with pytest.raises(InputError, match="give 0 bytes or more in runs of at least 1"):
        Stream(moved, run, False, pitch)


def walked(layout, tile, sizes):
    """Bytes of a run by laying the map out and counting where a tile's addresses break off."""
    c, p, q = (np.arange(n) for n in tile)
    channels, rows, cols = sizes
    if layout == "channel-first":
        at = (c[:, None, None] * rows + p[:, None]) * cols + q
    else:
        at = (p[:, None, None] * cols + q[:, None]) * channels + c
    places = np.sort(at.ravel())
    return places.size / (1 + np.count_nonzero(np.diff(places) != 1))


@settings(max_examples=80)
@given(st.data(), st.sampled_from(["channel-first", "channel-last"]))
def test_runs_of_a_tile_are_those_of_its_addresses(data, layout):
    sizes = data.draw(st.tuples(*[st.integers(1, 5)] * 3))
    tile = tuple(data.draw(st.integers(1, n)) for n in sizes)
    assert run_bytes(layout, *tile, *sizes, 8) == walked(layout, tile, sizes)


def test_runs_by_layout_worked_by_hand():
    """64 channels of 28 x 28 in int8, tiles of 16 channels, 7 lines, 14 columns, or all of them."""

    def run(layout, c, p, q, bits=8):
        return run_bytes(layout, c, p, q, 64, 28, 28, bits)

    first, last = Layout.CHANNEL_FIRST, Layout.CHANNEL_LAST
    assert [run(first, 16, 7, 14), run(first, 16, 7, 28), run(first, 16, 28, 28)] == [
        14,
        196,
        12544,
    ]
    assert [run(last, 16, 7, 14), run(last, 64, 7, 14), run(last, 64, 7, 28)] == [16, 896, 12544]
    assert run("tiled", 16, 7, 14) == 16 * 7 * 14
    assert [run(first, 16, 7, 14, bits) for bits in (4, 16)] == [7, 28]
    assert run(first, 1, 1, 1, 4) == 1
    with pytest.raises(InputError, match="unknown layout 'nchw'"):
        run("nchw", 1, 1, 1)


def test_every_layout_has_its_runs():
    for layout, q in itertools.product(Layout, (1, 3)):
        assert run_bytes(layout, 2, 2, q, 4, 4, 4, 8) >= 1
