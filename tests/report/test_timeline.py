"""The timeline of a run: every row once, in an order that viewers pair rightly, counters exact."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

import dfsrt.run.api
from dfsrt import Job
from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.report.exports import Exports
from dfsrt.report.timeline import Timeline, request_slices
from dfsrt.report.totals import Totals
from dfsrt.report.trans_stat import trans_stat
from dfsrt.run import Runtime
from tests.helpers.tiny import tiny_npu, tiny_table
from tests.recording.test_files import content


class Keep:
    """A sink that keeps the content of all its pieces."""

    def __init__(self):
        self.slices, self.samples = [], []

    def write(self, piece):
        slices, samples = content(piece)
        self.slices += slices
        self.samples += samples

    def counter(self, name):
        return [(time_ns, value) for track, _, time_ns, value in self.samples if track == name]


def timeline(job, governor="dfs"):
    sink = Keep()
    log = job.run(governor).log
    Timeline(job.table, [sink]).add(log)
    return log, sink


def as_a_viewer_shows(path):
    """Slices by plain loops: events sorted by time alone, an end closes what began last."""
    trace = pb.Trace()
    trace.ParseFromString(path.read_bytes())
    tracks, names, events = {}, {}, []
    for packet in trace.packet:
        if packet.HasField("track_descriptor"):
            tracks[packet.track_descriptor.uuid] = packet.track_descriptor.name
        for entry in packet.interned_data.event_names:
            names[entry.iid] = entry.name
        if packet.track_event.type in (1, 2):
            events.append((packet.timestamp, packet.track_event))
    stacks, found = {}, Counter()
    for now, event in sorted(events, key=lambda pair: pair[0]):
        stack = stacks.setdefault(event.track_uuid, [])
        if event.type == 1:
            stack.append((names[event.name_iid], now))
        else:
            name, start = stack.pop()
            found[tracks[event.track_uuid], name, start, now - start] += 1
    assert not any(stacks.values())
    return found


@pytest.mark.parametrize("governor", ["dfs", "dvfs", "schedutil"])
def test_a_viewer_shows_every_row_of_a_run_once(tmp_path, governor):
    job = Job("alexnet", frames=4, period="8ms")
    job.run(governor, exports=Exports(perfetto=tmp_path / "p"))
    log, shown = job.run(governor).log, as_a_viewer_shows(tmp_path / "p")
    rows, mhz = Counter(), [round(f / 1e6) for f in job.npu.opps.freqs_hz]
    for i in np.flatnonzero(log.ran).tolist():
        name, lasts = job.table.load.names[log.layer[i]], log.end_ns[i] - log.start_ns[i]
        rows["NPU", name, log.start_ns[i], lasts] += 1
        if log.stall_ns[i]:
            text = f"{mhz[log.level[i]]} MHz Cluster 0"
            rows["NPU", text, log.begin_ns[i], log.stall_ns[i]] += 1
    assert Counter({key: n for key, n in shown.items() if key[0] == "NPU"}) == rows
    requests = sorted(key[2:] for key in shown if key[0] == "TPU Requests")
    assert requests == sorted(zip(log.admit_ns, log.finish_ns - log.admit_ns, strict=True))
    clocks = sum(key[3] * n for key, n in shown.items() if key[0] == "DVFS")
    assert clocks == (log.end_ns - log.begin_ns)[log.ran].sum()


def test_pieces_make_the_timeline_of_the_whole():
    job = Job("squeezenet", frames=5, period="3ms", cap_changes={"5ms": "0.5W"})
    _, whole = timeline(job, "dvfs")
    cut = Keep()
    runtime = Runtime(job.table, make_governor("dvfs"), job.power_cap, 5)
    runtime.arrivals = dfsrt.run.api.Arrivals(job.period_ns)
    runtime.stream(Timeline(job.table, [cut]), chunk=1)
    layers = [s for s in whole.slices if s[0] == "NPU"]
    assert sorted(s for s in cut.slices if s[0] == "NPU") == layers
    assert cut.counter("cap") == whole.counter("cap")
    for name in ("frequency", "power", "predicted power"):
        assert sorted(cut.counter(name)) == whole.counter(name)


def test_the_cap_changes_at_its_own_time_and_none_is_zero():
    changes = {"0.5ms": "0.5W", "0.7ms": "none", "2s": "0.4W"}
    _, sink = timeline(Job("squeezenet", frames=2, cap="0.9W", cap_changes=changes))
    assert sink.counter("cap") == [(0, 0.9), (500_000, 0.5), (700_000, 0.0)]


def test_nothing_is_predicted_while_idle():
    log, sink = timeline(Job("squeezenet", frames=2, period="100ms"))
    predicted = sink.counter("predicted power")
    idle = log.start_ns[~log.ran].tolist()
    assert [time_ns for time_ns, watts in predicted if watts == 0] == idle != []


def test_the_rails_voltage_is_told_where_its_ramps_begin_and_end():
    log, sink = timeline(Job("squeezenet", frames=2), "dvfs")
    voltage = dict(sink.counter("voltage"))
    assert log.moves
    for move in log.moves:
        assert voltage[move.ramp_end_ns] == pytest.approx(move.to_uv * 1e-6)
    for time_ns, volts in voltage.items():
        begun = [move for move in log.moves if move.ramp_start_ns <= time_ns]
        there = begun[-1].volts_at(time_ns) if begun else log.moves[0].from_uv * 1e-6
        assert volts == pytest.approx(there, abs=1e-6)


def brute_depth(spans):
    return max((sum(a <= t < b for a, b in spans) for t, _ in spans), default=0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=30))
def test_requests_at_once_are_on_as_few_lanes_as_can_be_and_none_is_lost(spans):
    spans = [(start, start + lasts) for start, lasts in spans]
    admit, finish = (np.array([s[i] for s in spans], dtype=np.int64) for i in (0, 1))
    names = [f"r{i}" for i in range(len(spans))]
    slices, _ = content(request_slices(names, admit, finish))
    assert sorted((s[2], s[3], s[3] + s[4]) for s in slices) == sorted(
        (name, *span) for name, span in zip(names, spans, strict=True)
    )
    lanes: dict[str, list[tuple[int, int]]] = {}
    for track, _, _, start, lasts in slices:
        lanes.setdefault(track, []).append((start, start + lasts))
    assert len(lanes) == brute_depth(spans)
    assert all(brute_depth(lane) == 1 for lane in lanes.values())
    assert set(lanes) <= {"TPU Requests", *(f"TPU Requests #{i}" for i in range(2, 31))}


def test_more_than_64_requests_at_once_are_all_there():
    start = np.arange(100, dtype=np.int64)
    slices, _ = content(request_slices(["r"] * 100, start, start + 1_000))
    assert len({s[0] for s in slices}) == len(slices) == 100


def test_a_log_of_requests_stays_one_beside_a_timeline(tmp_path):
    job = Job("squeezenet", frames=3, detail="request")
    report = job.run("dfs", log=tmp_path / "l.parquet", exports=Exports(tmp_path / "p")).report
    assert report.detail == "request"
    assert pq.read_table(tmp_path / "l.parquet")["request"].to_pylist() == [0, 1, 2]
    layers = [key for key in as_a_viewer_shows(tmp_path / "p") if key[0] == "NPU"]
    assert len(layers) >= 3 * len(job.table.load.names)


def test_a_log_of_a_summary_is_refused(tmp_path):
    job = Job("squeezenet", detail="summary")
    for exports in (None, Exports(trans_stat=tmp_path / "t")):
        with pytest.raises(InputError, match="keeps no rows to log"):
            job.run("dfs", log=tmp_path / "l.parquet", exports=exports)
    assert list(tmp_path.iterdir()) == []


def test_trans_stat_alone_keeps_no_requests(tmp_path, monkeypatch):
    monkeypatch.setattr(dfsrt.run.api, "Requests", None)
    job = Job("squeezenet", frames=300, detail="summary")
    job.run("schedutil", exports=Exports(trans_stat=tmp_path / "few"))
    job = Job("squeezenet", frames=300, step="layer")
    job.run("schedutil", exports=Exports(trans_stat=tmp_path / "all"))
    assert (tmp_path / "few").read_text() == (tmp_path / "all").read_text()


GOLDEN = """\
     From  :   To
           : 100000000 200000000 400000000   time(ms)
  100000000:         0         2         0         3
* 200000000:         1         0        12      1000
  400000000:         0        13         0         0
Total transition : 28
"""
"""Written by hand from trans_stat_show: every column ten wide, the clock at the end marked."""


def test_trans_stat_is_the_kernels_text():
    table = tiny_table(tiny_npu(), [1], [1], [1.0])
    totals = Totals(table, Job("squeezenet").power_cap)
    totals.transitions[:] = [[700, 2, 0], [1, 9, 12], [0, 13, 5]]  # no change: not counted
    totals.level_ns[:] = [3_999_999, 1_000_000_000, 999_999, 10**12]  # idle last: not counted
    assert trans_stat(totals, last_level=1) == GOLDEN
