"""Chrome traces with broken records, events in any order, several processes and exact times."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.recording import chrome, format_of, json_records, read_recording
from dfsrt.recording.json_records import Records, list_start
from dfsrt.recording.left_out import LeftOut

WHOLE = [
    {"ph": "X", "name": f"k{n}", "pid": 1, "tid": 2, "ts": 10 * n, "dur": 4, "args": {"l": [{}]}}
    for n in range(8)
]


def slices(found):
    t, s = found.texts, found.slices
    columns = (s.track, s.name, s.start_ns, s.duration_ns)
    rows = zip(*(c.tolist() for c in columns), strict=True)
    return [(t[track], t[name], start, lasts) for track, name, start, lasts in rows]


def samples(found):
    t, c = found.texts, found.counters
    columns = (c.track, c.unit, c.time_ns, c.value)
    rows = zip(*(x.tolist() for x in columns), strict=True)
    return [(t[track], t[unit], when, value) for track, unit, when, value in rows]


def read(folder, text):
    path = folder / "c.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return chrome.read(path)


def listed(events, between=",\n", end="\n]", start="["):
    return start + between.join(e if isinstance(e, str) else json.dumps(e) for e in events) + end


LOST = {
    "cut in a record": '{"ph":"X","name":"lo',
    "a quote in a name": '{"ph":"X","name":"a"b","ts":1}',
    "no closing brace": '{"ph":"X","name":"lost","args":{"a":[{"b":1},{"c":2}]',
    "deep": '{"ph":"X","args":' + "[" * 5_000,
    "negative": '{"ph":"X","name":"lost","pid":1,"tid":2,"ts":3,"dur":-5}',
    "no time": '{"ph":"X","name":"lost","ts":"soon","dur":1}',
    "time is NaN": '{"ph":"X","name":"lost","ts":NaN,"dur":1}',
    "beyond all clocks": '{"ph":"X","name":"lost","ts":1e30,"dur":1}',
    "an infinite exponent": '{"ph":"X","name":"lost","ts":1e999999999,"dur":1}',
    "no kind": '{"name":"lost","ts":1,"dur":1}',
    "a list": "[1, 2]",
    "a word": "lost",
    "a process that is none": '{"ph":"X","name":"lost","ts":1,"dur":1,"pid":[1]}',
}


@pytest.mark.parametrize("kind", LOST)
@given(at=st.integers(0, len(WHOLE)))
def test_a_broken_record_costs_no_other_and_is_counted(tmp_path_factory, kind, at):
    found = read(tmp_path_factory.mktemp("c"), listed([*WHOLE[:at], LOST[kind], *WHOLE[at:]]))
    assert [row[1] for row in slices(found)] == [e["name"] for e in WHOLE]
    assert found.about["events left out"].startswith("1 (event ")


MENDED = {
    "nan": ('{"ph":"X","name":"m","pid":1,"tid":2,"ts":99,"dur":1,"args":{"a":nan,"b":-inf}}', "m"),
    "NaN": ('{"ph":"X","name":"m","pid":1,"tid":2,"ts":99,"dur":1,"args":{"a":-Infinity}}', "m"),
    "spare commas": ('{"ph":"X","name":"m","pid":1,"tid":2,"ts":99,"dur":1,"args":[1,2,],}', "m"),
    "escape": ('{"ph":"X","name":"C:\\dir\\m","pid":1,"tid":2,"ts":99,"dur":1}', "C:\\dir\\m"),
    "control": ('{"ph":"X","name":"a\tb\x01","pid":1,"tid":2,"ts":99,"dur":1}', "a\tb\x01"),
    "python": ('{"ph":"X","name":"m","pid":1,"tid":2,"ts":99,"dur":1,"args":None}', "m"),
    "half a pair": ('{"ph":"X","name":"a\\ud800","pid":1,"tid":2,"ts":99,"dur":1}', "a\\ud800"),
    "no pid": ('{"ph":"X","name":"m","pid":null,"ts":99,"dur":1}', "m"),
    "wrong types": ('{"ph":"X","name":7,"cat":null,"pid":1.5,"tid":"2","ts":99,"dur":1}', "7"),
}


@pytest.mark.parametrize("kind", MENDED)
def test_what_can_be_read_of_a_record_is_read(tmp_path, kind):
    text, name = MENDED[kind]
    found = read(tmp_path, listed([*WHOLE[:4], text, *WHOLE[4:]]))
    assert sorted(row[1] for row in slices(found)) == sorted([*(e["name"] for e in WHOLE), name])
    assert "events left out" not in found.about


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        (listed(WHOLE), True), (listed(WHOLE, end=",\n]"), True), (listed(WHOLE, ",,"), True),
        (listed(WHOLE, " "), True),
        (listed(WHOLE, end=""), False), (listed(WHOLE, end=",\n"), False),
        (listed(WHOLE, "\n", "", ""), True),
        (listed(WHOLE, end="", start='{"displayTimeUnit":"ns","traceEvents":[ '), False),
        (listed(WHOLE, end='],"x":nan}', start='{"a":inf,"traceEvents":['), True),
    ],
)  # fmt: skip
def test_a_list_without_its_end_and_with_spare_commas_is_read_whole(tmp_path, text, ended):
    found = read(tmp_path, text)
    assert [row[1] for row in slices(found)] == [e["name"] for e in WHOLE]
    assert ("end of the list" in found.about) is not ended
    assert "events left out" not in found.about
    assert format_of(tmp_path / "c.json") == "chrome"


@pytest.mark.parametrize("length", [4_080, 4_100, 40_000, 300_000])
def test_a_long_event_of_a_damaged_file_is_read(tmp_path, length):
    long = {**WHOLE[0], "name": "long", "args": {"stack": "x\\n" * length, "l": [1] * length}}
    found = read(tmp_path, listed([*WHOLE, long, *WHOLE], end=""))
    assert [row[1] for row in slices(found)].count("long") == 1
    assert len(found.slices) == 2 * len(WHOLE) + 1
    assert "events left out" not in found.about


def test_other_encodings_than_utf8_are_read(tmp_path):
    text = listed([{**WHOLE[0], "name": "Größe"}])
    for data in (text.encode("utf-16"), text.encode("utf-8-sig")):
        assert slices(read(tmp_path, data))[0][1] == "Größe"
        assert format_of(tmp_path / "c.json") == "chrome"
    raw = json.dumps(WHOLE[0], ensure_ascii=False).replace("k0", "Größe").encode("latin-1")
    assert slices(read(tmp_path, b"[" + raw + b"]"))[0][1] == "Gr\ufffd\ufffde"


@pytest.mark.parametrize(
    "piece", ['{"a":', '{"a":"', "[", '{"a":[1,1,', "{", '"', "\\", "nan,", '\\"', '{"\\"']
)
def test_junk_is_given_up_on_in_time_that_grows_with_the_file_alone(piece):
    text = "[" + piece * 20_000
    left_out = LeftOut("events")
    records = Records(text, list_start(text), ("ph",), left_out)
    assert list(records) == []
    assert left_out.count
    assert records._work > -2 * json_records.MAX_RECORD * json_records._A_TOKEN


@given(st.permutations(range(6)))
def test_begins_and_ends_are_paired_by_time_in_any_order(tmp_path_factory, order):
    events = [("B", "a", 10), ("B", "b", 12), ("E", "", 15), ("E", "", 20), ("B", "c", 20.5),
              ("E", "", 21)]  # fmt: skip
    listed_ = [{"ph": p, "name": n, "pid": 1, "tid": 1, "ts": ts} for p, n, ts in events]
    found = read(tmp_path_factory.mktemp("c"), json.dumps([listed_[k] for k in order]))
    assert [row[1:] for row in slices(found)] == [
        ("a", 10_000, 10_000), ("b", 12_000, 3_000), ("c", 20_500, 500),
    ]  # fmt: skip


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.booleans(), st.booleans())
def test_times_keep_their_nanoseconds_as_text_and_as_numbers(tmp_path_factory, steps, text, bad):
    start, rows = 1_715_000_000_123_456_789, []
    for step in steps:
        start += step
        us = str(Decimal(start) / 1000)
        rows.append('{"ph":"X","name":"k","pid":1,"tid":2,"ts":%s,"dur":%s}'
                    % ((f'"{us}"', '"0.090"') if text else (us, "0.090")))  # fmt: skip
    found = read(tmp_path_factory.mktemp("c"), listed(rows, end="" if bad else "]"))
    starts = [row[2] for row in slices(found)]
    assert starts[-1] == start
    assert [b - a for a, b in pairwise(starts)] == steps[1:]
    assert {row[3] for row in slices(found)} == {90}


def meta(kind, pid, name, tid=0):
    key = "labels" if kind == "process_labels" else "name"
    return {"ph": "M", "name": kind, "pid": pid, "tid": tid, "args": {key: name}}


def test_counters_and_threads_of_two_processes_stay_two(tmp_path):
    events = [
        {"ph": "C", "name": "power", "pid": pid, "ts": ts, "args": {"W": 100 * pid + ts}}
        for ts in (1, 5) for pid in (1, 2)
    ]  # fmt: skip
    events += [{"ph": "X", "name": "a", "pid": p, "tid": 7, "ts": p, "dur": 1} for p in (1, 2, 3)]
    events += [meta("process_name", 1, "GPU 0"), meta("process_name", 2, "python"),
               meta("process_labels", 2, "CPU"), meta("thread_name", 1, "stream", 7)]  # fmt: skip
    found = read(tmp_path, json.dumps(events))
    assert samples(found) == [
        ("GPU 0/power", "W", 1_000, 101), ("python (CPU)/power", "W", 1_000, 201),
        ("GPU 0/power", "W", 5_000, 105), ("python (CPU)/power", "W", 5_000, 205),
    ]  # fmt: skip
    assert [row[0] for row in slices(found)] == ["GPU 0/stream", "python (CPU)/7", "3/7"]


def test_counters_with_ids_stay_apart_and_those_alone_keep_their_name(tmp_path):
    events = [
        {"ph": "C", "name": "f", "pid": 1, "id": i, "ts": 1, "args": {"Hz": i}} for i in (0, 1)
    ]
    events += [{"ph": "C", "name": "v", "pid": 1, "id": 3, "ts": 1, "args": {"a": 1, "b": 2}}]
    assert samples(read(tmp_path, json.dumps(events))) == [
        ("f[0]", "Hz", 1000, 0), ("f[1]", "Hz", 1000, 1), ("v", "a", 1000, 1), ("v", "b", 1000, 2),
    ]  # fmt: skip


def test_values_that_are_no_numbers_are_left_out_and_counted(tmp_path):
    text = '[{"ph":"C","name":"p","ts":1,"args":{"a":nan,"b":1.5,"c":null,"d":"x","e":Infinity}}]'
    found = read(tmp_path, text)
    assert samples(found) == [("p", "b", 1000, 1.5)]
    assert found.about["samples left out"].startswith("4 (of 'p': 'nan' is no number")


def test_asynchronous_slices_nest_by_id_and_overlap_on_lanes(tmp_path):
    rows = [("b", 1, 10, "a"), ("b", 2, 11, "b"), ("b", 1, 12, "in"), ("n", 1, 12, "x"),
            ("e", 1, 13, "in"), ("e", 1, 20, "a"), ("e", 2, 30, "b"), ("b", 3, 31, "c"),
            ("e", 3, 32, "c"), ("b", 4, 40, "open"), ("e", 5, 41, "none")]  # fmt: skip
    events = [{"ph": p, "id": i, "cat": "req", "pid": 1, "tid": i, "ts": ts, "name": n}
              for p, i, ts, n in reversed(rows)]  # fmt: skip
    old = (("S", 1, "u"), ("S", 2, "v"), ("T", 2, "u"), ("F", 3, "u"), ("F", 4, "v"))
    at = {"pid": 1, "id": "0x1", "cat": "old"}
    events += [{**at, "ph": p, "ts": ts, "name": n} for p, ts, n in old]
    at = {"pid": 1, "cat": "l", "name": "w"}
    ends = (("b", 1, 50), ("b", 1, 51), ("e", 2, 51), ("e", 1, 52), ("e", 1, 53))
    events += [{**at, "ph": p, "id2": {"local": i}, "ts": ts} for p, i, ts in ends]
    events += [{"ph": p, "id": 1, "pid": 1, "tid": 1, "ts": 1, "name": "f"} for p in "stf"]
    found = read(tmp_path, json.dumps(events))
    assert slices(found) == [
        ("old", "u", 1_000, 2_000), ("old #2", "v", 2_000, 2_000), ("req", "a", 10_000, 10_000),
        ("req #2", "b", 11_000, 19_000), ("req", "in", 12_000, 1_000), ("req", "c", 31_000, 1_000),
        ("l", "w", 50_000, 3_000), ("l", "w", 51_000, 1_000),
    ]  # fmt: skip
    assert (found.about["slices without an end"], found.about["ends without a slice"]) == ("1", "2")
    assert found.about["other events passed over"] == "5"
    assert sorted(found.about["of these"].split(" and ")) == ["2 instants", "3 flows"]


def test_too_many_pieces_are_refused_and_not_taken_for_broken_ones(tmp_path, monkeypatch):
    monkeypatch.setattr("dfsrt.recording.collect.MAX_PIECES", 3)
    with pytest.raises(InputError, match="more than 3 slices"):
        read(tmp_path, json.dumps(WHOLE))


def test_the_command_says_what_was_left_out(dfsrt, tmp_path):
    (tmp_path / "c.json").write_text(listed([*WHOLE[:3], LOST["negative"]], end=""))
    done = dfsrt("import", "c.json")
    assert done.returncode == 0, done.stderr
    assert "3 slices" in done.stdout.replace("\n", " ")
    said = " ".join(done.stdout.split())
    assert "end of the list: missing" in said
    assert "events left out: 1 (event 3: a slice of -5000 ns ends before it begins)" in said
    assert len(read_recording(tmp_path / "c.json").slices) == 3
