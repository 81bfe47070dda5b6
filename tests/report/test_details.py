"""What is kept of a run: every layer, every request, or the summary; and what is written."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dfsrt.run.run
from dfsrt import Job
from dfsrt.base.errors import InputError
from dfsrt.report.columns import request_columns
from dfsrt.run import latencies
from dfsrt.run.ended import Ended
from dfsrt.run.job import make_job
from dfsrt.run.latencies import Latencies
from dfsrt.run.status import Status
from dfsrt.run.stream import NO_DEADLINE


@pytest.fixture(scope="module")
def job():
    return Job("alexnet", frames=7, period="20ms", cap_changes={"30ms": "0.6W"})


def same(one, two):
    """Reports agree: what is counted exactly, what is summed to 1e-9."""
    assert one.cap.layers_over == two.cap.layers_over
    assert one.transitions.matrix == two.transitions.matrix
    assert one.latency_s == two.latency_s
    assert one.latency_histogram == two.latency_histogram
    assert one.energy_j == pytest.approx(two.energy_j, rel=1e-12)
    assert one.energy_breakdown_j == pytest.approx(two.energy_breakdown_j, rel=1e-12)
    assert one.held_share == pytest.approx(two.held_share, rel=1e-12)
    assert one.prediction.mape == pytest.approx(two.prediction.mape, rel=1e-9)


@pytest.mark.parametrize("governor", ["dfs", "dvfs", "schedutil", "pid"])
@pytest.mark.parametrize("detail", ["layer", "request", "summary"])
@pytest.mark.parametrize("step", ["layer", "kernel"])
def test_every_detail_and_engine_reports_the_same(job, governor, detail, step):
    whole = job.run(governor)
    other = job.changed(detail=detail, step=step).run(governor)
    assert other.report.detail == detail
    same(other.report, whole.report)
    rows = whole.log.last_frame
    assert np.array_equal(other.log.level[other.log.last_frame], whole.log.level[rows])
    assert np.array_equal(other.log.start_ns[other.log.last_frame], whole.log.start_ns[rows])


@pytest.mark.parametrize("step", ["layer", "kernel"])
def test_a_log_too_long_to_keep_is_streamed_row_by_row(job, step, tmp_path, monkeypatch):
    job.run("dfs", log=tmp_path / "kept.parquet")
    monkeypatch.setattr(dfsrt.run.run, "MAX_ROWS", 50)
    streamed = job.changed(step=step).run("dfs", log=tmp_path / "streamed.parquet")
    assert len(streamed.log.last_frame) == len(job.table.load.names)
    kept, long = (pq.read_table(tmp_path / f"{n}.parquet") for n in ("kept", "streamed"))
    for name in kept.column_names:
        np.testing.assert_array_equal(kept[name].to_numpy(), long[name].to_numpy(), err_msg=name)
    assert kept.schema.metadata == long.schema.metadata


def test_a_request_log_has_a_row_a_request(job, tmp_path):
    path = tmp_path / "requests.parquet"
    job.changed(detail="request").run("dfs", log=path)
    table = pq.read_table(path)
    log = job.run("dfs").log
    assert table["request"].to_pylist() == list(range(7))
    assert table["arrival_ns"].to_pylist() == [i * 20_000_000 for i in range(7)]
    assert table["finish_ns"].to_pylist() == log.finish_ns.tolist()
    assert (np.array(table["start_ns"]) >= np.array(table["arrival_ns"])).all()


def test_only_a_request_that_was_served_has_a_latency():
    ended = Ended(
        number=np.arange(3),
        workload=np.zeros(3, dtype=np.int64),
        arrival_ns=np.array([0, 20, 40]),
        admit_ns=np.array([5, 25, 45]),
        finish_ns=np.array([15, 30, -1]),
        deadline_ns=np.full(3, NO_DEADLINE),
        status=np.array([Status.DONE, Status.DROPPED, Status.STARTED]),
        **dict.fromkeys(
            ("wake_ns", "prompt", "tokens", "first_ns", "gap_ns"), np.zeros(3, dtype=np.int64)
        ),
    )
    found = request_columns(make_job("alexnet", frames=3), ended)
    assert found["status"].tolist() == ["done", "dropped", "started"]
    assert found["latency_ns"].tolist() == [15, -1, -1]


def test_what_does_not_fit_is_refused_or_summed_up(job, monkeypatch):
    monkeypatch.setattr(dfsrt.run.run, "MAX_ROWS", 50)
    monkeypatch.setattr(dfsrt.run.run, "KEPT_ROWS", 50)
    assert job.run("dfs").report.detail == "summary"
    with pytest.raises(InputError, match="allowed is 50"):
        job.changed(detail="layer").run("dfs")


@given(st.lists(st.lists(st.integers(1, 10**12), min_size=1, max_size=30), min_size=1, max_size=5))
def test_percentiles_of_pieces_are_those_of_all(pieces):
    found = Latencies()
    for piece in pieces:
        found.add(np.array(piece))
    everything = np.concatenate(pieces)
    shares = (0, 25, 50, 95, 99, 100)
    expected = np.percentile(everything, shares) * 1e-9
    assert found.percentiles_s(*shares) == pytest.approx(expected.tolist(), rel=1e-12)
    assert sum(count for _, count in found.histogram()) == len(everything)
    assert all(edge * (1 + 1e-6) >= min(everything) * 1e-9 for edge, _ in found.histogram())


def test_too_many_distinct_latencies_are_rounded_by_a_thousandth(monkeypatch):
    monkeypatch.setattr(latencies, "MOST_DISTINCT", 100)
    values = np.random.default_rng(1).integers(10**3, 10**9, 5_000)
    found = Latencies()
    found.add(values)
    expected = np.percentile(values, [5, 50, 99]) * 1e-9
    percentiles = found.percentiles_s(5, 50, 99)
    assert found.rounded
    assert percentiles == pytest.approx(expected.tolist(), rel=2e-3)
