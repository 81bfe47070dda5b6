"""Reports of cores in parallel: figures, rows, timelines and what they put together."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dfsrt
from dfsrt.report.run_table import run_grids
from dfsrt.report.together import Together

CAP_W = 0.6


class Kept:
    def __init__(self):
        self.logs = []

    def add(self, log):
        self.logs.append(log)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parallel")
    result = dfsrt.Job(
        "squeezenet", device="rk3588-npu", parallel=3, frames=9, cap=CAP_W, step="layer"
    ).run("dfs", chrome=folder / "t.json", page=folder / "p.html")
    return result, folder


def test_the_report_says_what_each_core_did(done):
    report = done[0].to_dict()["parallel"]
    assert [lane["cores"] for lane in report["lanes"]] == ["0", "1", "2"]
    assert sum(lane["layer_runs"] for lane in report["lanes"]) == done[0].report.cap.layer_runs
    assert sum(lane["dram_bytes"] for lane in report["lanes"]) == pytest.approx(
        report["used_bytes_per_s"] * done[0].report.time_s
    )
    assert report["clocks"] == "shared" and report["stretch"] >= 1
    assert 0 < report["used_share"] <= 1
    busy = [lane["busy_share"] for lane in report["lanes"]]
    assert done[0].report.busy_share == pytest.approx(np.mean(busy))
    shares = [r.share for r in done[0].report.residency]
    assert sum(shares) == pytest.approx(1)
    heads = [grid.heads[0] for grid in run_grids(done[0].report)]
    assert "<core" in heads


def test_the_layer_log_has_a_column_of_cores(done):
    columns = done[0].columns()
    assert sorted(set(columns["core"].tolist())) == ["0", "1", "2"]
    assert columns["cap_w"] == pytest.approx(CAP_W / 3)


@pytest.mark.parametrize("pieces", [1, 7])
def test_rows_of_cores_add_up_moment_by_moment(done, pieces):
    log, kept = done[0].log, Kept()
    together = Together(kept, 3)
    from dfsrt.run.kept import rows_of

    for part in np.array_split(np.arange(len(log.layer)), pieces):
        together.add(rows_of(log, part))
    start = np.concatenate([k.start_ns for k in kept.logs])
    end = np.concatenate([k.end_ns for k in kept.logs])
    assert start[0] == 0 and end[-1] == log.until_ns
    assert (start[1:] == end[:-1]).all()
    energy = np.concatenate([k.energy_j for k in kept.logs]).sum(axis=0)
    assert energy == pytest.approx(log.energy_j.sum(axis=0))
    cap = np.concatenate([k.cap_w for k in kept.logs])
    assert cap == pytest.approx(CAP_W)


@pytest.mark.filterwarnings("error")
def test_cores_without_a_cap_have_none_together(tmp_path):
    job = dfsrt.Job(
        "squeezenet", device="rk3588-npu", parallel=3, frames=3, cap="none", step="layer"
    )
    log, kept = job.run("performance").log, Kept()
    Together(kept, 3).add(log)
    assert all(np.isinf(piece.cap_w).all() for piece in kept.logs)


def test_the_memory_s_clock_that_cores_were_given_is_told():
    report = dfsrt.run(
        "squeezenet", device="rk3588-npu", parallel=2, frames=2, memory="528MHz", step="layer"
    ).report
    assert report.memory_clock.governor == "528MHz"
    assert [(e.freq_hz, e.share) for e in report.memory_clock.residency] == [(528_000_000, 1.0)]


def test_streams_go_on_until_a_time():
    report = dfsrt.run(
        "squeezenet", device="rk3588-npu", parallel=3, until="12ms", step="layer"
    ).report
    assert report.time_s == pytest.approx(12e-3, rel=0.1)
    assert report.requests.completed > 3


def test_a_timeline_has_a_track_for_each_core_and_one_power_for_all(done):
    result, folder = done
    events = json.loads((folder / "t.json").read_text())["traceEvents"]
    names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    tracks = {names[e["tid"]] for e in events if e["ph"] == "X"}
    assert {f"NPU core {k}" for k in range(3)} <= tracks and "NPU" not in tracks
    power = [(e["ts"], e["args"]["W"]) for e in events if e["ph"] == "C" and e["name"] == "power"]
    times = np.array([*(t for t, _ in power), result.report.time_s * 1e6])
    area = (np.diff(times) * 1e-6 * np.array([w for _, w in power])).sum()
    assert area == pytest.approx(result.report.energy_j)
    assert (folder / "p.html").read_text().startswith("<!")
