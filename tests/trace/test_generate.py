"""Generators of arrivals against theory, and the same for ever."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dfsrt.base.errors import InputError
from dfsrt.trace.day import DAY_NS, day
from dfsrt.trace.generate import bursty, periodic, poisson, stream

S = 10**9


def digest(arrival_ns):
    return hashlib.sha256(np.ascontiguousarray(arrival_ns, dtype="<i8").tobytes()).hexdigest()[:16]


def test_a_seed_gives_the_same_arrivals_for_ever():
    assert digest(periodic(30, 60 * S, 3_000_000, 1)) == "aaaef3eafc5eff09"
    assert digest(poisson(100, 10 * S, 1)) == "a23b6019f8d19fc6"
    assert digest(bursty(1, 50, 5 * S, S, 60 * S, 1)) == "06f3863ff175f61e"


@given(st.floats(0.5, 1e4), st.integers(0, 10**7), st.integers(0, 9))
def test_periodic_arrivals_keep_their_order_their_number_and_their_bounds(rate, jitter, seed):
    jitter = min(jitter, int(1e9 / rate))
    found = periodic(rate, S, jitter, seed)
    exact = np.arange(len(found)) / rate * 1e9
    assert abs(len(found) - rate) <= 1
    assert (np.diff(found) >= 0).all()
    assert (found >= exact - 1).all() and (found <= exact + jitter).all()


def test_thirty_a_second_for_a_minute_is_1800():
    assert len(periodic(30, 60 * S)) == 1800


def test_poisson_gaps_are_exponential_and_counts_vary_as_much_as_their_mean():
    found = poisson(1000, 100 * S, 7)
    gaps = np.diff(found) * 1e-9
    assert stats.kstest(gaps, "expon", (0, 1e-3)).pvalue > 0.01
    counts = np.bincount(found // (S // 10), minlength=1000)
    assert counts.mean() == pytest.approx(100, rel=0.03)
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.15)


def test_bursts_have_the_mean_rate_and_the_dispersion_of_their_closed_form():
    """Index of dispersion for long intervals: 1 + 2 (a-b)² p q / (m (u + v)), all per second."""
    quiet, busy, t_quiet, t_busy = 5.0, 80.0, 2.0, 0.5
    found = bursty(quiet, busy, int(t_quiet * S), int(t_busy * S), 20_000 * S, 3)
    share = t_busy / (t_quiet + t_busy)
    mean = quiet * (1 - share) + busy * share
    assert len(found) / 20_000 == pytest.approx(mean, rel=0.02)
    leave = 1 / t_quiet + 1 / t_busy
    expected = 1 + 2 * (busy - quiet) ** 2 * share * (1 - share) / (mean * leave)
    counts = np.bincount(found // (50 * S), minlength=400)[:400]
    assert counts.var() / counts.mean() == pytest.approx(expected, rel=0.25)
    assert (np.diff(found) >= 0).all()


def test_the_day_has_uses_of_its_own_within_their_hours():
    trace = day(1)
    assert (np.diff(trace.arrival_ns) >= 0).all() and trace.arrival_ns[-1] < DAY_NS
    zoom = trace.workloads.index("infinite-zoom")
    hours = trace.arrival_ns[trace.workload == zoom] / (3600 * S)
    assert hours.min() >= 18
    assert len(set(trace.session[trace.workload == zoom].tolist())) >= 1
    assert not set(trace.session[trace.workload == zoom]) & set(
        trace.session[trace.workload != zoom]
    )
    assert [w for _, w in trace.card.cap_steps] == [0.26, 0.18, 0.26]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: periodic(0, S), "rate 0 Hz"),
        (lambda: periodic(30, S, S), "jitter"),
        (lambda: periodic(1e9, 3600 * S), "requests are out of range"),
        (lambda: poisson(float("nan"), S), "rate nan"),
        (lambda: poisson(1e12, S), "requests are out of range"),
        (lambda: bursty(1, 2, 0, S, S), "bursts"),
        (lambda: bursty(1, 2, 1, 1, 10**6 * S), "bursts"),
        (lambda: stream(periodic(1, S), "x", S, S, 2**31 + 1, name="", description=""), "priority"),
    ],
)
def test_rates_and_times_out_of_range_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
