"""The timeline of a run: every row once, in an order that viewers pair rightly, counters exact."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

from dfsrt import Job
from dfsrt.base.errors import InputError
from dfsrt.report.timeline import Timeline, request_slices
from dfsrt.report.trans_stat import trans_stat
from dfsrt.run import constant_cap, execute, make_job
from dfsrt.run.book import Book
from dfsrt.run.recorder import MOVE_COLUMNS
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
    job.run(governor, perfetto=tmp_path / "p")
    log, shown = job.run(governor).log, as_a_viewer_shows(tmp_path / "p")
    rows, mhz = Counter(), [round(f / 1e6) for f in job.table.levels.freqs_hz.tolist()]
    for i in np.flatnonzero(log.ran).tolist():
        name, lasts = job.table.load.names[log.layer[i]], log.end_ns[i] - log.start_ns[i]
        rows["NPU", name, log.start_ns[i], lasts] += 1
        if log.stall_ns[i]:
            text = f"{mhz[log.level[i]]} MHz Cluster 0"
            rows["NPU", text, log.begin_ns[i], log.stall_ns[i]] += 1
    assert Counter({key: n for key, n in shown.items() if key[0] == "NPU"}) == rows
    requests = sorted(key[2:] for key in shown if key[0] == "TPU Requests")
    done = log.requests.done
    assert requests == sorted(zip(done.admit_ns, done.finish_ns - done.admit_ns, strict=True))
    clocks = sum(key[3] * n for key, n in shown.items() if key[0] == "DVFS")
    assert clocks == (log.end_ns - log.begin_ns)[log.ran].sum()


def test_pieces_make_the_timeline_of_the_whole():
    fields = {"frames": 5, "period": "3ms", "cap_changes": {"5ms": "0.5W"}}
    _, whole = timeline(Job("squeezenet", **fields), "dvfs")
    job, cut = make_job("squeezenet", **fields), Keep()
    execute(job, "dvfs", consumers=[Timeline(job.table, [cut])], every_row=True, chunk=1)
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


def on_the_ramp(move, time_ns):
    share = (time_ns - move["ramp_start_ns"]) / (move["ramp_end_ns"] - move["ramp_start_ns"])
    return (move["from_uv"] + min(share, 1) * (move["to_uv"] - move["from_uv"])) * 1e-6


def test_the_rails_voltage_is_told_where_its_ramps_begin_and_end():
    log, sink = timeline(Job("squeezenet", frames=2), "dvfs")
    voltage = dict(sink.counter("voltage"))
    moves = [dict(zip(MOVE_COLUMNS, row, strict=True)) for row in log.moves.tolist()]
    assert moves
    for move in moves:
        assert voltage[move["ramp_end_ns"]] == pytest.approx(move["to_uv"] * 1e-6)
    for time_ns, volts in voltage.items():
        begun = [move for move in moves if move["ramp_start_ns"] <= time_ns]
        there = on_the_ramp(begun[-1], time_ns) if begun else moves[0]["from_uv"] * 1e-6
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
    report = job.run("dfs", log=tmp_path / "l.parquet", perfetto=tmp_path / "p").report
    assert report.detail == "request"
    assert pq.read_table(tmp_path / "l.parquet")["request"].to_pylist() == [0, 1, 2]
    layers = [key for key in as_a_viewer_shows(tmp_path / "p") if key[0] == "NPU"]
    assert len(layers) >= 3 * len(job.table.load.names)


def test_a_log_of_a_summary_is_refused(tmp_path):
    job = Job("squeezenet", detail="summary")
    for stat in (None, tmp_path / "t"):
        with pytest.raises(InputError, match="keeps no rows to log"):
            job.run("dfs", log=tmp_path / "l.parquet", trans_stat=stat)
    assert list(tmp_path.iterdir()) == []


def test_trans_stat_says_the_same_whatever_is_kept_and_whoever_runs(tmp_path):
    texts = set()
    for detail in ("layer", "request", "summary"):
        for step in ("layer", "kernel"):
            job = Job("squeezenet", frames=300, period="3 ms", detail=detail, step=step)
            job.run("schedutil", trans_stat=tmp_path / "t")
            texts.add((tmp_path / "t").read_text())
    assert len(texts) == 1


def test_the_clock_at_the_end_is_marked_where_runs_are_counted(tmp_path):
    """Counted rows have no time of their own: after 60 slow frames come fast ones."""
    changes = {"600 ms": "none"}
    job = Job("squeezenet", frames=100, period="10 ms", cap="0.3 W", cap_changes=changes)
    for detail in ("layer", "summary"):
        done = job.changed(detail=detail).run("dfs", trans_stat=tmp_path / detail)
        last = int(done.log.level[done.log.last_frame][-1])
        (marked,) = [x for x in (tmp_path / detail).read_text().splitlines() if x[0] == "*"]
        assert int(marked[1:11]) == job.table.levels.freqs_hz[last]


def test_time_in_trans_stat_is_all_of_the_run_idle_time_included(tmp_path):
    done = Job("squeezenet", frames=3, period="100 ms").run("dfs", trans_stat=tmp_path / "t")
    rows = [x for x in (tmp_path / "t").read_text().splitlines() if x[:1] in ("*", " ")][2:]
    assert sum(int(x[-10:]) for x in rows) == 300
    book = done.run.book
    assert book.time_ns.sum() + book.idle_level_ns.sum() == book.span_ns == 300_000_000


@given(st.lists(st.integers(0, 10**12), min_size=3, max_size=3))
def test_milliseconds_of_trans_stat_sum_to_the_runs_and_are_off_by_less_than_one(times_ns):
    book = Book(tiny_table(tiny_npu(), [1], [1], [1.0]), constant_cap(1.0))
    book.idle_level_ns[:] = times_ns
    shown = [int(row[-10:]) for row in trans_stat(book).splitlines()[2:-1]]
    assert sum(shown) == sum(times_ns) // 10**6
    assert all(abs(ms - ns / 1e6) < 1 for ms, ns in zip(shown, times_ns, strict=True))


GOLDEN = """\
     From  :   To
           : 100000000 200000000 400000000   time(ms)
  100000000:         0         2         0         4
* 200000000:         1         0        12      1600
  400000000:         0        13         0         0
Total transition : 28
"""
"""Written by hand from trans_stat_show: every column ten wide, the clock at the end marked; of
1,604.999998 ms no whole one is lost."""


def test_trans_stat_is_the_kernels_text():
    table = tiny_table(tiny_npu(), [1], [1], [1.0])
    book = Book(table, constant_cap(1.0))
    book.transitions[:] = [[700, 2, 0], [1, 9, 12], [0, 13, 5]]  # no change: not counted
    book.time_ns[0] = [3_999_999, 1_000_000_000, 999_999]
    book.idle_level_ns[:] = [0, 600_000_000, 0]
    book.last_level = 1
    assert trans_stat(book) == GOLDEN


@pytest.mark.parametrize(
    ("load", "fields", "governor"),
    [
        ("alexnet", {"frames": 3, "period": "20 ms"}, "dfs"),
        ("alexnet", {"frames": 3, "period": "20 ms"}, "dvfs"),
        ("squeezenet", {"frames": 4, "until": "5 ms"}, "segment-dvfs"),
    ],
)
@pytest.mark.parametrize("domain", ["npu", "system"])
def test_the_area_under_power_is_all_the_energy(tmp_path, load, fields, governor, domain):
    path = tmp_path / "run.json"
    done = Job(load, cap_domain=domain, **fields).run(governor, chrome=path)
    events = [e for e in json.loads(path.read_text())["traceEvents"] if e.get("name") == "power"]
    times = [float(e["ts"]) * 1e-6 for e in events]
    watts = [e["args"]["W"] for e in events]
    assert times[-1] == pytest.approx(done.report.time_s, rel=1e-12)
    area = sum(w * (b - a) for (a, b), w in zip(pairwise(times), watts[:-1], strict=True))
    assert area == pytest.approx(done.report.energy_j, rel=1e-9)
