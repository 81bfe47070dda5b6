"""Recordings as Perfetto, Chrome, CSV and Parquet files: round trips, and files that are broken."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

from dfsrt.base.errors import InputError
from dfsrt.recording import chrome, perfetto, read_recording, table
from dfsrt.recording.collect import Collector

names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
LIKE_LANES = [
    "npu",
    "npu #1",
    "npu #2",
    "npu #3",
    "npu #10",
    "npu #02",
    "npu #2 #2",
    "npu #2\n",
    " #2",
]
track_names = st.one_of(names, st.sampled_from(["", *LIKE_LANES]))
values = st.floats(allow_nan=False, width=64)


def nested(draw, found, track, start_ns, room_ns, depth=0):
    """Add up to three slices that follow each other in ``room_ns``, each with some inside it."""
    now, end = start_ns, start_ns + room_ns
    for _ in range(draw(st.integers(0, 3))):
        now += draw(st.integers(0, end - now))
        lasts = draw(st.integers(0, end - now))
        found.add_slice(track, draw(names), now, lasts, draw(names))
        if depth < 2 and lasts > 0:
            nested(draw, found, track, now, lasts, depth + 1)
        now += lasts


@st.composite
def recordings(draw):
    """Slices that nest or follow each other on a few tracks, and counters, some of their names."""
    found = Collector()
    tracks = draw(st.lists(track_names, max_size=3, unique=True))
    for track in tracks:
        nested(draw, found, track, draw(st.integers(0, 10**12)), draw(st.integers(0, 10**9)))
    for unit in draw(st.lists(st.sampled_from(["Hz", "V", "W", ""]), max_size=3, unique=True)):
        now = draw(st.integers(0, 10**12))
        track = draw(st.one_of(st.sampled_from([f"counter {unit}", *tracks]), track_names))
        for _ in range(draw(st.integers(1, 4))):
            found.add_sample(track, unit, now, draw(values))
            now += draw(st.integers(1, 10**9))
    return found.recording({})


def content(recording):
    t, s, c = recording.texts, recording.slices, recording.counters
    slices = [
        (t[a], t[b], t[n], start, lasts)
        for a, b, n, start, lasts in zip(
            *(x.tolist() for x in (s.track, s.category, s.name, s.start_ns, s.duration_ns)),
            strict=True,
        )
    ]
    samples = [
        (t[a], t[u], when, v)
        for a, u, when, v in zip(
            *(x.tolist() for x in (c.track, c.unit, c.time_ns, c.value)), strict=True
        )
    ]
    return sorted(slices), sorted(samples)


@pytest.mark.parametrize("form", [perfetto, chrome])
@given(recording=recordings())
def test_what_is_written_is_read_back(tmp_path_factory, form, recording):
    path = tmp_path_factory.mktemp("r") / "file"
    form.write(recording, path)
    assert content(form.read(path)) == content(recording)


@pytest.mark.parametrize(
    "tracks", [["npu #2"], ["npu #2", "npu"], ["npu", "npu #3"], ["npu #2", "npu", "npu #3"],
               ["npu #3", "npu #2", "npu"], [""], ["", " #2"], ["npu #2", "npu #2 #2"]]
)  # fmt: skip
@pytest.mark.parametrize("form", [perfetto, chrome])
def test_tracks_that_are_called_like_lanes_or_not_at_all_keep_their_names(tmp_path, form, tracks):
    found = Collector()
    for now, track in enumerate(tracks):
        found.add_slice(track, "a", now, 10)
        found.add_sample(track, "W", now, 1.0)
    form.write(found.recording({}), tmp_path / "t")
    slices, samples = content(form.read(tmp_path / "t"))
    assert {s[0] for s in slices} == {s[0] for s in samples} == set(tracks)
    assert (slices, samples) == content(found.recording({}))


def test_chrome_counters_that_are_not_finite_are_valid_json_and_read_back(tmp_path):
    found = Collector()
    for now, value in enumerate([1.0, math.inf, -math.inf, math.nan]):
        found.add_sample("cap", "W", now, value)
    chrome.write(found.recording({}), tmp_path / "c")

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    document = json.loads((tmp_path / "c").read_text(), parse_constant=refuse)
    told = [e["args"]["W"] for e in document["traceEvents"] if e["ph"] == "C"]
    assert told == [1.0, "Infinity", "-Infinity", "NaN"]
    back = chrome.read(tmp_path / "c").counters.value
    assert np.array_equal(back, [1.0, math.inf, -math.inf, math.nan], equal_nan=True)


def test_chrome_threads_of_one_name_are_told_apart(tmp_path):
    events = [
        {"ph": "M", "name": "thread_name", "pid": 0, "tid": tid, "args": {"name": "python"}}
        for tid in (1, 2)
    ]
    events += [{"ph": "X", "name": "a", "pid": 0, "tid": t, "ts": t, "dur": 5} for t in (1, 2)]
    (tmp_path / "c").write_text(json.dumps(events))
    slices, _ = content(chrome.read(tmp_path / "c"))
    assert [(s[0], s[3]) for s in slices] == [("python", 1000), ("python #2", 2000)]


@given(recordings())
def test_perfettos_own_messages_find_every_slice_and_sample(tmp_path_factory, recording):
    path = tmp_path_factory.mktemp("r") / "file"
    perfetto.write(recording, path)
    trace = pb.Trace()
    trace.ParseFromString(path.read_bytes())
    kinds = [p.track_event.type for p in trace.packet if p.HasField("track_event")]
    assert kinds.count(pb.TrackEvent.TYPE_SLICE_BEGIN) == len(recording.slices)
    assert kinds.count(pb.TrackEvent.TYPE_SLICE_END) == len(recording.slices)
    assert kinds.count(pb.TrackEvent.TYPE_COUNTER) == len(recording.counters)
    assert all(p.trusted_packet_sequence_id for p in trace.packet)


@given(recordings())
def test_chrome_files_are_plain_json_with_times_in_microseconds(tmp_path_factory, recording):
    path = tmp_path_factory.mktemp("r") / "file"
    chrome.write(recording, path)
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    whole = [e for e in events if e["ph"] == "X"]
    assert sum(round(e["dur"] * 1000) for e in whole) == int(recording.slices.duration_ns.sum())
    assert len([e for e in events if e["ph"] == "C"]) == len(recording.counters)


@given(recordings())
def test_tables_have_a_row_for_each(tmp_path_factory, recording):
    path = tmp_path_factory.mktemp("r") / "file.parquet"
    table.write(recording, path)
    rows = pq.read_table(path).to_pylist()
    slices, samples = content(recording)
    found = [(r["track"], r["category_or_unit"], r["name"], r["start_ns"], r["duration_ns"])
             for r in rows if r["kind"] == "slice"]  # fmt: skip
    assert sorted(found) == slices
    held = [(r["track"], r["category_or_unit"], r["start_ns"], r["value"])
            for r in rows if r["kind"] == "counter"]  # fmt: skip
    assert sorted(held) == samples
    table.write(recording, path.with_suffix(".csv"))
    with pytest.raises(InputError, match=r"neither \.csv nor"):
        table.write(recording, path.with_suffix(".txt"))


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@given(recording=recordings())
def test_tables_are_read_back(tmp_path_factory, suffix, recording):
    path = tmp_path_factory.mktemp("r") / f"file{suffix}"
    table.write(recording, path)
    found = read_recording(path)
    assert content(found) == content(recording)


HEAD = b"kind,track,category_or_unit,name,start_ns,duration_ns,value\n"


@pytest.mark.parametrize(
    "data",
    [
        b"PAR1", b"PAR1" + b"\0" * 100, b"a,b\n1,2\n", b"kind\nslice\n",
        HEAD + b"other,a,b,c,1,2,3\n",
        HEAD + b"slice,a,b,c,soon,2,\n", HEAD + b"slice,a,b,c,1,,\n", HEAD + b"counter,a,W,,1,,\n",
        HEAD + b"slice,a,b,c,,2,\n", HEAD + b"slice,a\n", HEAD + b"slice,\xff,b,c,1,2,\n",
        HEAD + b"slice,a,b,c,1e30,2,\n", b"\0" * 1000,
    ],
)  # fmt: skip
def test_broken_tables_are_refused_in_one_line(tmp_path, data):
    path = tmp_path / "r.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"r\.csv") as caught:
        table.read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "cells", "reason"),
    [
        ("start_ns", [0.5], "truncated"), ("start_ns", ["soon"], "Failed to parse"),
        ("value", ["x"], "Failed to parse"), ("track", [b"\xff"], "UTF8"), ("name", [[1]], "cast"),
    ],
)  # fmt: skip
def test_a_table_with_columns_of_another_kind_is_refused(tmp_path, column, cells, reason):
    rows = {"kind": ["slice"], "track": ["t"], "category_or_unit": [""], "name": ["n"],
            "start_ns": [1], "duration_ns": [2], "value": [None], column: cells}  # fmt: skip
    pq.write_table(pa.table(rows), tmp_path / "r.parquet")
    with pytest.raises(InputError, match=rf"r\.parquet' is no table of a recording: .*{reason}"):
        table.read(tmp_path / "r.parquet")


def test_a_broken_row_of_a_table_costs_no_other(tmp_path):
    broken = [
        b"slice,a,b,c,soon,2,", b"slice,a,b,c,1,-2,", b"counter,a,W,,1,,", b"other,a,b,c,1,2,",
        b"slice,a", b"slice,\xff,b,c,1,2,", b"slice,a,b,c,1,9999999999999999999,",
    ]  # fmt: skip
    good = b"slice,npu,conv,l1,5,7,\ncounter,power,W,,3,,0.5\n"
    for row in broken:
        (tmp_path / "r.csv").write_bytes(HEAD + good + row + b"\n" + good)
        found = read_recording(tmp_path / "r.csv")
        assert content(found) == ([("npu", "conv", "l1", 5, 7)] * 2, [("power", "W", 3, 0.5)] * 2)
        assert found.about["rows left out"].startswith("1")


def test_a_table_with_more_rows_than_are_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "MAX_PIECES", 39)
    for name in ("r.csv", "r.parquet"):
        table.write(a_recording(), tmp_path / name)
        with pytest.raises(InputError, match="more than 39 rows"):
            table.read(tmp_path / name)


def a_recording():
    found = Collector()
    for i in range(20):
        found.add_slice("NPU", f"layer {i % 3}", 10 * i, 7, "matrix")
        found.add_sample("frequency", "Hz", 10 * i, 1e6 * i)
    return found.recording({})


def test_lanes_of_one_track_are_written_under_its_name_and_told_apart_again(tmp_path):
    found = Collector()
    found.add_slice("TPU Requests", "a", 0, 10, "r")
    found.add_slice("TPU Requests #2", "b", 5, 10, "r")
    perfetto.write(found.recording({}), tmp_path / "t")
    trace = pb.Trace()
    trace.ParseFromString((tmp_path / "t").read_bytes())
    told = [p.track_descriptor.name for p in trace.packet if p.HasField("track_descriptor")]
    assert told == ["TPU Requests", "TPU Requests"]
    assert content(perfetto.read(tmp_path / "t")) == content(found.recording({}))


def test_a_truncated_perfetto_trace_has_its_whole_packets_wherever_it_is_cut(tmp_path):
    path = tmp_path / "t"
    perfetto.write(a_recording(), path)
    data = path.read_bytes()
    whole = pb.Trace()
    ends, at = [0], 0
    whole.ParseFromString(data)
    for packet in whole.packet:
        at += 1 + (1 if packet.ByteSize() < 128 else 2) + packet.ByteSize()
        ends.append(at)
    kinds = [p.track_event.type if p.HasField("track_event") else 0 for p in whole.packet]
    for size in range(1, len(data), 7):
        path.write_bytes(data[:size])
        packets = sum(end <= size for end in ends) - 1
        slices = kinds[:packets].count(pb.TrackEvent.TYPE_SLICE_END)
        samples = kinds[:packets].count(pb.TrackEvent.TYPE_COUNTER)
        if size not in ends and not slices + samples:
            with pytest.raises(InputError, match=r"'.*t'.*cut short"):
                perfetto.read(path)
            continue
        found = perfetto.read(path)
        assert (len(found.slices), len(found.counters)) == (slices, samples)
        assert ("packets left out" in found.about) is (size not in ends)


@pytest.mark.parametrize("form", [perfetto, chrome])
def test_junk_is_refused_without_reading_it_all(tmp_path, form):
    path = tmp_path / "junk"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(InputError, match="junk"):
        form.read(path)
    path.write_bytes(np.random.default_rng(0).bytes(1_000_000))
    with pytest.raises(InputError, match="junk"):
        form.read(path)
    path.write_bytes(b"\x0a\xff\xff\xff\xff\x7f" + b"\0" * 100)  # says that it has 34 GB
    with pytest.raises(InputError, match="junk"):
        form.read(path)
    with pytest.raises(InputError, match=r"cannot read|does not exist"):
        form.read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[", '{"traceEvents": 1}', '{"traceEvents": [1]}', "[{]", '{"a": []}',
        '[{"ph": "X", "ts": "soon", "dur": 1}]', '[{"ph": "X", "ts": 1e400}]',
        '[{"ph": "C", "args": {"W": "many"}}]', '[{"ph": "X", "ts": "nan"}]',
        '[{"ph": "C", "args": {"W": null}}]', '[{"ph": "X", "ts": 5, "dur": -3}]',
        '[{"ph": "B", "ts": 5}, {"ph": "E", "ts": 4}]', '[{"args": ' + "[" * 100_000,
    ],
)  # fmt: skip
def test_broken_chrome_traces_are_refused_in_one_line(tmp_path, text):
    path = tmp_path / "c.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"c\.json") as caught:
        chrome.read(path)
    assert "\n" not in str(caught.value)


def test_more_chrome_events_than_can_be_kept_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(chrome, "MAX_EVENTS", 3)
    path = tmp_path / "c.json"
    path.write_text('[{"ph":"i"},{"ph":"i"},{"ph":"i"}]')
    assert chrome.read(path).about["other events passed over"] == "3"
    path.write_text('[{"ph":"i"},{"ph":"i"},{"ph":"i"},{"ph":"i"}]')
    with pytest.raises(InputError, match="more than 3 events"):
        chrome.read(path)


def test_kineto_files_and_pairs_of_begin_and_end_are_read(tmp_path):
    path = tmp_path / "k.json"
    path.write_text(json.dumps({
        "schemaVersion": 1, "baseTimeNanoseconds": 5, "traceEvents": [
            {"ph": "M", "name": "thread_name", "pid": 0, "tid": "t", "args": {"name": "main"}},
            {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 0, "tid": "t", "ts": 1.5,
             "dur": 2, "args": {"External id": 3}},
            {"ph": "B", "name": "outer", "pid": 0, "tid": "t", "ts": 10},
            {"ph": "B", "name": "inner", "pid": 0, "tid": "t", "ts": 11},
            {"ph": "E", "pid": 0, "tid": "t", "ts": 12},
            {"ph": "E", "pid": 0, "tid": "t", "ts": 20.001},
            {"ph": "B", "name": "open", "pid": 0, "tid": "t", "ts": 30},
            {"ph": "i", "name": "instant", "pid": 0, "tid": "t", "ts": 1, "s": "t"},
        ],
    }))  # fmt: skip
    found = chrome.read(path)
    slices, _ = content(found)
    assert slices == [
        ("main", "", "inner", 11_000, 1_000), ("main", "", "outer", 10_000, 10_001),
        ("main", "cpu_op", "aten::mm", 1_500, 2_000),
    ]  # fmt: skip
    assert found.about["slices without an end"] == found.about["other events passed over"] == "1"
    assert found.about["zero in ns since 1970"] == "5"


def test_frequencies_in_ftrace_packets_become_counters(tmp_path):
    trace = pb.Trace()
    event = trace.packet.add().ftrace_events.event.add(timestamp=7)
    event.devfreq_frequency.dev_name, event.devfreq_frequency.freq = "npu", 800_000_000
    event = trace.packet.add().ftrace_events.event.add(timestamp=9)
    event.cpu_frequency.cpu_id, event.cpu_frequency.state = 1, 1_800_000
    (tmp_path / "t").write_bytes(trace.SerializeToString())
    _, samples = content(perfetto.read(tmp_path / "t"))
    assert samples == [("cpu1 frequency", "Hz", 9, 1.8e9), ("npu frequency", "Hz", 7, 8e8)]


def test_a_current_trace_processor_opens_the_file_where_there_is_one(tmp_path):
    import shutil

    shell = shutil.which("trace_processor_shell")
    if shell is None:
        pytest.skip("no trace_processor_shell on the path")
    from perfetto.trace_processor import TraceProcessor, TraceProcessorConfig

    perfetto.write(a_recording(), tmp_path / "t")
    config = TraceProcessorConfig(bin_path=shell)
    with TraceProcessor(trace=str(tmp_path / "t"), config=config) as processor:
        (row,) = processor.query("select count(*) as n, sum(dur) as d from slice")
        assert (row.n, row.d) == (20, 140)
