"""Power over time: whatever the pieces, all energy is in it, where it was taken."""

from __future__ import annotations

import numpy as np
import pytest

import dfsrt
from dfsrt.report.page.envelope import BINS, DETAIL_ROWS, Envelope
from dfsrt.report.page.power import power_over_time, power_section
from dfsrt.run.kept import rows_of


@pytest.fixture(scope="module")
def done():
    return dfsrt.Job("squeezenet", frames=3, cap="0.8W").run("dfs")


@pytest.fixture(scope="module")
def envelope(done):
    whole = Envelope()
    whole.add(done.log)
    return whole


def test_an_envelope_holds_all_energy_and_the_highest_layer(done, envelope) -> None:
    log = done.log
    assert envelope.energy_j.sum() == pytest.approx(log.domain_energy_j().sum(), rel=1e-9)
    assert envelope.peak_w.max() == pytest.approx(log.power_w.max())
    assert envelope.time_s[-1] == pytest.approx(log.until_ns * 1e-9)
    assert len(envelope.energy_j) <= BINS
    assert envelope.whole_in_detail == (len(log.times) < DETAIL_ROWS)
    np.testing.assert_allclose(envelope.detail.power_w, log.power_w[:DETAIL_ROWS])


def test_an_envelope_puts_energy_where_it_was_taken(done, envelope) -> None:
    log, edges = done.log, envelope.time_s
    naive = np.zeros(len(edges) - 1)
    for begin, end, joules in zip(log.begin_ns, log.end_ns, log.domain_energy_j(), strict=True):
        for k in range(len(naive)):
            shared = min(end * 1e-9, edges[k + 1]) - max(begin * 1e-9, edges[k])
            naive[k] += joules * max(shared, 0.0) / ((end - begin) * 1e-9)
    np.testing.assert_allclose(envelope.energy_j, naive, rtol=1e-6, atol=1e-12)


def test_an_envelope_is_the_same_whatever_the_pieces(done, envelope) -> None:
    pieces = Envelope()
    for first in range(0, len(done.log.times), 37):
        rows = np.arange(first, min(first + 37, len(done.log.times)))
        pieces.add(rows_of(done.log, rows))
    np.testing.assert_allclose(pieces.energy_j, envelope.energy_j, rtol=1e-6, atol=1e-15)
    np.testing.assert_allclose(pieces.peak_w, envelope.peak_w)


def test_a_run_that_held_its_rows_has_power_over_time_without_a_consumer(done, envelope) -> None:
    (figure,) = power_section(done.run, None).figures
    assert figure.says == power_over_time(envelope).says


def test_a_run_without_its_rows_says_that_power_over_time_is_missing() -> None:
    done = dfsrt.Job("squeezenet", frames=3, detail="summary").run("dfs")
    section = power_section(done.run, None)
    assert not section.figures
    assert "not recorded" in section.text
