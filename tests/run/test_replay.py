"""Traces and pipelines through the Python API: figures against simple sums."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.recording import chrome, perfetto
from dfsrt.run import make_job
from dfsrt.run.rules import parse_drop
from dfsrt.trace import NO_DEADLINE, Trace, TraceCard
from tests.recording.test_files import content

MS = 1_000_000
NETS = ("squeezenet", "shufflenet")


def trace_of(arrival_ms, workload=None, deadline_ms=None, caps=(), workloads=NETS, **columns):
    n = len(arrival_ms)
    arrival = (np.array(arrival_ms) * MS).astype(np.int64)
    deadline = np.full(n, NO_DEADLINE) if deadline_ms is None else np.array(deadline_ms) * MS
    zero = np.zeros(n, dtype=np.int64)
    card = TraceCard("t", "synthetic", "d", "s", int(arrival[-1]), tuple(caps))
    return Trace(
        card, workloads, arrival, zero if workload is None else np.array(workload), deadline,
        np.array(columns.get("priority", zero)), np.array(columns.get("session", zero)),
    )  # fmt: skip


TINY_PIPELINE = """
format = 1
name = "tiny"
description = "d"
source = "s"
key_every = 3
[[stage]]
name = "prepare"
on = "key"
host = { fixed_us = 500, source = "measured" }
[[stage]]
name = "prompt"
on = "first"
network = "squeezenet"
[[stage]]
name = "one"
on = "key"
network = "shufflenet"
repeat = 2
loop = "steps"
[[stage]]
name = "two"
on = "key"
network = "squeezenet"
repeat = 2
loop = "steps"
[[stage]]
name = "between"
on = "between"
host = { fixed_us = 100, source = "assumed", low = 50, high = 200 }
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    path = tmp_path_factory.mktemp("p") / "tiny.toml"
    path.write_text(TINY_PIPELINE)
    return str(path)


def test_a_lone_network_replayed_is_what_run_says():
    trace = trace_of([0, 40, 80], workloads=("squeezenet",))
    found = dfsrt.run(trace, governor="dfs", until="120ms").report
    same = dfsrt.run("squeezenet", governor="dfs", frames=3, period="40ms").report
    assert found.latency_s.p50 == pytest.approx(same.latency_s.p50, rel=1e-12)
    busy_j = found.energy_j - found.idle_j
    idle_share = next(e.share for e in same.residency if e.freq_hz == 0)
    idle_j = found.idle_j / (found.time_s * (1 - found.busy_share)) * idle_share * same.time_s
    assert busy_j + idle_j == pytest.approx(same.energy_j, rel=1e-9)


@settings(max_examples=25)
@given(st.data())
def test_every_request_and_every_joule_is_counted_once(data):
    n = data.draw(st.integers(1, 10))

    def column(values):
        return data.draw(st.lists(values, min_size=n, max_size=n))

    trace = trace_of(
        sorted(column(st.integers(0, 20))), column(st.integers(0, 1)),
        column(st.sampled_from([1, 3, 50])), priority=column(st.integers(0, 2)),
        session=column(st.integers(0, 1)),
    )  # fmt: skip
    until = data.draw(st.sampled_from([None, "3ms", "9ms"]))
    step = data.draw(st.sampled_from(["layer", "kernel"]))
    drop = data.draw(st.sampled_from(["none", "late", "newest=1", "oldest=2"]))
    discipline = data.draw(st.sampled_from(["fifo", "priority", "edf"]))
    r = dfsrt.run(trace, discipline=discipline, drop=drop, until=until, step=step).report
    workloads = r.queue.workloads
    for counts in (r.requests, *(w.requests for w in workloads)):
        assert counts.completed + counts.dropped + counts.pending == counts.total
    came = n if until is None else int((trace.arrival_ns < round(r.time_s * 1e9)).sum())
    assert sum(w.requests.total for w in workloads) == r.requests.total == came
    d = r.deadlines
    assert d.met + d.missed + d.undecided + d.without == came
    assert r.energy_j == pytest.approx(math.fsum(r.energy_breakdown_j.values()))
    assert r.power_w.avg == pytest.approx(r.energy_j / r.time_s)
    assert r.energy_j == pytest.approx(r.idle_j + sum(s.energy_j for s in r.stages), rel=1e-9)
    assert sum(e.share for e in r.residency) == pytest.approx(1)
    assert r.idle_j >= -1e-12
    if until is None:
        assert r.requests.pending == 0


def test_a_pipeline_runs_its_stages_as_often_as_its_file_says(tiny):
    found = dfsrt.run(tiny, frames=7)
    calls = {s.name: s.calls for s in found.report.stages}
    # Frames 0, 3, 6 are key frames; 0 is the first.
    assert calls == {"prepare": 3, "prompt": 1, "one": 6, "two": 6, "between": 4}
    by_name = {s.name: s for s in found.report.stages}
    assert by_name["prepare"].time_s == pytest.approx(3 * 500e-6)
    assert by_name["between"].time_s == pytest.approx(4 * 100e-6)
    assert sum(s.time_s for s in found.report.stages) == pytest.approx(found.report.time_s)
    assert by_name["prepare"].energy_j == 0
    assert sum(s.energy_share for s in found.report.stages) == pytest.approx(1)
    assert found.report.shown_fps == pytest.approx(7 / found.report.time_s)
    assert found.report.energy_per_shown_frame_j == pytest.approx(found.report.energy_j / 7)
    assert any("stage between" in text for text in found.report.assumed)
    assert not any("stage prepare" in text for text in found.report.assumed)


def test_a_stage_takes_the_time_and_energy_that_its_network_takes_alone(tiny):
    governor = "userspace:freq=500MHz"
    stage = {s.name: s for s in dfsrt.run(tiny, frames=1, governor=governor).report.stages}
    two, one = (
        dfsrt.run(network, frames=1, governor=governor).report
        for network in ("squeezenet", "shufflenet")
    )
    assert stage["two"].time_s == pytest.approx(2 * two.time_s, rel=1e-6)
    # The first network of a pipeline draws the hidden activity of a lone one.
    assert stage["two"].energy_j == pytest.approx(2 * two.energy_j, rel=1e-6)
    assert stage["prompt"].energy_j == pytest.approx(two.energy_j, rel=1e-6)
    assert stage["one"].time_s == pytest.approx(2 * one.time_s, rel=1e-6)
    assert stage["one"].energy_j == pytest.approx(2 * one.energy_j, rel=0.01)


def test_both_engines_run_a_pipeline_alike(tiny):
    one, two = (dfsrt.run(tiny, frames=8, step=s).report for s in ("layer", "kernel"))
    assert one.time_s == two.time_s
    assert one.energy_j == pytest.approx(two.energy_j, rel=1e-12)
    assert [s.calls for s in one.stages] == [s.calls for s in two.stages]


def test_the_traces_cap_changes_hold_unless_a_cap_is_given():
    trace = trace_of([0, 10, 20], caps=[(0, 0.9), (15 * MS, 0.5)])
    job = make_job(trace)
    assert [(s.start_ns, s.limit_w) for s in job.power_cap.steps] == [(0, 0.9), (15 * MS, 0.5)]
    given_cap = dfsrt.Job(trace, cap="0.7W")
    assert [(s.start_ns, s.limit_w) for s in given_cap.power_cap.steps] == [(0, 0.7)]
    assert "in place of" in given_cap.run().report.notes[-1]
    late = replace(trace, card=replace(trace.card, cap_steps=((15 * MS, 0.5),)))
    later = make_job(late)
    assert later.power_cap.first_w == later.npu.default_cap_w


def test_a_lower_cap_from_the_trace_slows_what_comes_after():
    trace = trace_of([0, 50], caps=[(0, 0.3), (25 * MS, 0.15)], workloads=("resnet50",))
    columns = dfsrt.run(trace).request_columns()
    assert columns["latency_ns"][1] > 1.2 * columns["latency_ns"][0]


def test_repeat_and_time_scale_make_more_of_a_trace():
    trace = trace_of([0, 10, 20])
    many = dfsrt.run(trace, repeat=3).report
    assert (many.requests.completed, many.queue.trace.repeat) == (9, 3)
    slow = dfsrt.run(trace, time_scale=10).report
    assert slow.time_s == pytest.approx(0.2, rel=0.05)


def test_in_a_closed_loop_the_npu_does_not_wait():
    closed = dfsrt.run(trace_of([0, 500, 1000]), loop="closed").report
    assert closed.time_s < 0.02
    assert closed.busy_share == pytest.approx(1, abs=1e-6)


def test_logs_hold_a_row_for_each_request_or_each_layer(tmp_path):
    trace = trace_of([0, 1, 2], [0, 1, 0], [1, 1, 100])
    done = dfsrt.run(trace, drop="late", log=tmp_path / "r.parquet")
    rows = pq.read_table(tmp_path / "r.parquet").to_pylist()
    assert [r["workload"] for r in rows] == ["squeezenet", "shufflenet", "squeezenet"]
    assert {r["status"] for r in rows} <= {"done", "dropped"}
    served = [r for r in rows if r["status"] == "done"]
    assert all(r["latency_ns"] == r["finish_ns"] - r["arrival_ns"] > 0 for r in served)
    assert len(served) == done.report.requests.completed
    layers = dfsrt.run(trace, detail="layer", log=tmp_path / "l.parquet")
    assert pq.read_metadata(tmp_path / "l.parquet").num_rows >= layers.report.cap.layer_runs


@pytest.mark.parametrize("governor", ["dfs", "dvfs"])
def test_an_exported_timeline_holds_the_whole_run(tmp_path, governor):
    trace = trace_of([0, 0.3, 30], [0, 1, 0], priority=[0, 1, 0])
    files = {
        "perfetto": tmp_path / "p", "chrome": tmp_path / "c.json", "trans_stat": tmp_path / "t.txt"
    }  # fmt: skip
    report = dfsrt.run(trace, governor=governor, discipline="priority", **files).report
    found = perfetto.read(tmp_path / "p")
    slices, samples = content(found)
    rails = {"npu energy", "dram energy", "uncore energy"}  # packets that Chrome's JSON has not
    assert rails <= {sample[0] for sample in samples}
    samples = [sample for sample in samples if sample[0] not in rails]
    assert (slices, samples) == content(chrome.read(tmp_path / "c.json"))
    t, s = found.texts, found.slices
    track = [t[i] for i in s.track.tolist()]
    npu = np.array([name == "NPU" for name in track])
    stall = np.array([t[i] == "clock change" for i in s.category.tolist()])
    assert (npu & ~stall).sum() == report.cap.layer_runs
    assert s.duration_ns[npu].sum() * 1e-9 == pytest.approx(report.busy_share * report.time_s)
    dvfs = np.array([name == "DVFS" for name in track])
    assert s.duration_ns[dvfs].sum() == s.duration_ns[npu].sum()
    requests = [name for name in track if name.startswith("TPU Requests")]
    assert len(requests) == 3
    assert "TPU Requests #2" in requests  # two at once after preemption
    clocks = [t[i] for i, d in zip(s.name.tolist(), dvfs, strict=True) if d]
    assert all(c.split()[0].isdigit() and "Cluster 0" in c for c in clocks)
    stat = (tmp_path / "t.txt").read_text()
    assert f"Total transition : {report.transitions.frequency}" in stat


def test_power_rails_add_up_to_the_reports_energy(tmp_path):
    from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

    report = dfsrt.run("squeezenet", frames=3, perfetto=tmp_path / "p").report
    trace = pb.Trace()
    trace.ParseFromString((tmp_path / "p").read_bytes())
    last = {}
    for packet in trace.packet:
        for data in packet.power_rails.energy_data:
            assert data.energy >= last.get(data.index, 0)
            last[data.index] = data.energy
    names = [r.rail_name for p in trace.packet for r in p.power_rails.rail_descriptor]
    assert names == ["npu", "dram", "uncore"]
    outside = report.outside_domain_j
    assert last[0] * 1e-6 == pytest.approx(report.energy_j, abs=1e-6)
    assert last[1] * 1e-6 == pytest.approx(outside["dram"], abs=1e-6)
    assert last[2] * 1e-6 == pytest.approx(outside["uncore"], abs=1e-6)


def test_power_drawn_as_a_line_encloses_the_energy():
    """The area under the exported power counter is the energy of the run."""
    from dfsrt.report.timeline import Timeline

    pieces, job = [], dfsrt.Job("squeezenet", frames=3)
    log = job.run("dvfs").log
    Timeline(job.table, [SimpleNamespace(write=pieces.append)]).add(log)
    (piece,) = pieces
    c = piece.counters
    power = c.track == piece.texts.index("power")
    times = np.append(c.time_ns[power], log.until_ns)
    area = float((np.diff(times) * c.value[power]).sum()) * 1e-9
    assert area == pytest.approx(float(log.domain_energy_j().sum()), rel=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"discipline": "lifo"}, "did you mean 'fifo'"),
        ({"loop": "half"}, "loop 'half' is unknown; use one of open, closed"),
        ({"drop": "newest"}, "newest=N"),
        ({"drop": "oldest=0"}, "oldest=N"),
        ({"drop": "newest=2", "loop": "closed"}, "closed loop"),
        ({"repeat": 0}, "repeat 0"),
        ({"time_scale": -1}, "time scale"),
        ({"time_scale": 0}, "time scale"),
        ({"until": "0s"}, "a time above 0"),
        ({"step": "half"}, "step 'half'"),
        ({"cap": "-1W"}, "not positive"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        dfsrt.run(trace_of([0]), **options)


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        ("resnet5", "did you mean 'resnet50'"),
        ("infinite-zoom:stepz=1", "did you mean 'steps'"),
        ("nowhere.onnx", "nowhere"),
    ],
)
def test_a_trace_that_asks_for_what_is_not_there_is_refused(workload, message):
    with pytest.raises(InputError, match=message):
        dfsrt.run(trace_of([0], workloads=(workload,)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dims": {"image": 64}}, "infinite-zoom:image"),
        ({"detail": "requests"}, "layer, request, summary"),
        ({"discipline": "edf"}, "make a trace"),
        ({"frames": 0}, "frames 0"),
    ],
)
def test_pipelines_refuse_what_they_cannot_do(tiny, options, message):
    with pytest.raises(InputError, match=message):
        dfsrt.run(tiny, **options)


def test_drop_policies_are_written_as_documented():
    assert [d.name for d, _ in map(parse_drop, ["none", "late", "newest=3", "oldest=1"])] == [
        "NONE", "LATE", "NEWEST", "OLDEST",
    ]  # fmt: skip
