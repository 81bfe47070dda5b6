"""Collecting pieces in any order, and the figures of a recording."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.recording import collect
from dfsrt.recording.collect import Collector
from dfsrt.recording.summary import busy_ns, summary_of


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=15))
def test_busy_time_is_the_length_of_the_union(slices):
    covered = {t for start, length in slices for t in range(start, start + length)}
    starts = np.array([s for s, _ in slices], dtype=np.int64)
    lengths = np.array([d for _, d in slices], dtype=np.int64)
    assert busy_ns(starts, lengths) == len(covered)


def test_an_outer_slice_comes_before_the_inner_one_that_starts_with_it():
    c = Collector()
    c.add_slice("t", "inner", 10, 5)
    c.add_slice("t", "outer", 10, 50)
    found = c.recording({})
    assert [found.texts[i] for i in found.slices.name.tolist()] == ["outer", "inner"]


def test_a_summary_worked_by_hand():
    c = Collector()
    c.add_slice("npu", "conv", 1_000, 500)
    c.add_slice("npu", "conv", 2_000, 250)
    c.add_sample("clock", "Hz", 500, 8e8)
    c.add_sample("clock", "Hz", 2_500, 6e8)
    s = summary_of(c.recording({"format": "x"}))
    assert (s.start_s, s.span_s) == (pytest.approx(5e-7), pytest.approx(2e-6))
    (track,), (counter,) = s.tracks, s.counters
    assert (track.slices, track.names) == (2, 1)
    assert track.busy_share == pytest.approx(750 / 2_000)
    assert (counter.min, counter.max, counter.last, counter.samples) == (6e8, 8e8, 6e8, 2)


def test_nothing_at_all_has_a_summary():
    s = summary_of(Collector().recording({}))
    assert (s.slices, s.samples, s.span_s, s.tracks, s.counters) == (0, 0, 0.0, [], [])


def test_more_pieces_than_fit_are_refused(monkeypatch):
    monkeypatch.setattr(collect, "MAX_PIECES", 2)
    c = Collector()
    c.add_slice("t", "a", 0, 1)
    c.add_sample("t", "W", 0, 1.0)
    with pytest.raises(InputError, match="more than 2"):
        c.add_sample("t", "W", 1, 1.0)
