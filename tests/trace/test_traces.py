"""Trace files: round trips, transformations, the shelf, and everything that may be wrong."""

from __future__ import annotations

import math
import tomllib
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import DfsrtError, InputError, OutputError
from dfsrt.cli.trace_generate import Synthetic, make_trace
from dfsrt.trace import NO_DEADLINE, Trace, TraceCard
from dfsrt.trace.cap import cap_steps_of
from dfsrt.trace.load import load_trace, locate_trace, trace_names
from dfsrt.trace.transform import mixed, repeated, scaled
from dfsrt.trace.write import CSV_ROWS, write_trace

COLUMNS = ("arrival_ns", "workload", "deadline_ns", "priority", "session")


@st.composite
def traces(draw, copies=1):
    n = draw(st.integers(1, 8))

    def column(values):
        return np.array(draw(st.lists(values, min_size=n, max_size=n)), dtype=np.int64)

    names = draw(st.lists(st.text("ab,\"' :=.é", min_size=1, max_size=6).filter(
        lambda t: t.strip() == t and t[0] != ":"
        and not t.lower().split(":")[0].endswith((".onnx", ".toml"))),
        min_size=1, max_size=3, unique=True))  # fmt: skip
    workload = column(st.integers(0, len(names) - 1))
    used = [names[i] for i in dict.fromkeys(workload.tolist())]
    places = {names.index(name): i for i, name in enumerate(used)}
    arrival = np.cumsum(column(st.integers(0, 10**10)))
    steps = draw(st.lists(st.tuples(st.integers(0, 10**12), st.floats(0.01, 9)), max_size=3,
                          unique_by=lambda s: s[0]))  # fmt: skip
    card = TraceCard(
        "t", "synthetic", "d", "s", int(arrival[-1]) + draw(st.integers(0, 9)),
        tuple(sorted((t, draw(st.sampled_from([w, math.inf]))) for t, w in steps)),
    )  # fmt: skip
    return Trace(
        card, tuple(used), np.tile(arrival, copies),
        np.array([places[w] for w in workload.tolist()]),
        column(st.one_of(st.just(NO_DEADLINE), st.integers(1, 10**12))),
        column(st.integers(-5, 5)), column(st.integers(0, 3)),
    )  # fmt: skip


def assert_same(one, two):
    assert (one.card, one.workloads) == (two.card, two.workloads)
    for name in COLUMNS:
        assert getattr(one, name).tolist() == getattr(two, name).tolist(), name


@given(traces())
def test_what_is_written_is_read_back(tmp_path_factory, trace):
    folder = tmp_path_factory.mktemp("t") / "trace"
    write_trace(trace, folder)
    assert_same(load_trace(folder), trace)


def test_a_long_trace_is_parquet_and_reads_back(tmp_path):
    n = CSV_ROWS + 1
    zero = np.zeros(n, dtype=np.int64)
    card = TraceCard("t", "recorded", "d", "s", n)
    trace = Trace(card, ("a",), np.arange(n), zero, zero + NO_DEADLINE, zero, zero)
    write_trace(trace, tmp_path / "t")
    assert not (tmp_path / "t" / "trace.csv").exists()
    assert_same(load_trace(tmp_path / "t"), trace)


def test_times_are_read_in_any_unit_and_columns_may_be_missing(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("arrival_ms,workload,deadline_us\n0,a,\n1.5,b,20\n1.5,a,0.5\n")
    trace = load_trace(path)
    assert trace.arrival_ns.tolist() == [0, 1_500_000, 1_500_000]
    assert trace.deadline_ns.tolist() == [NO_DEADLINE, 20_000, 500]
    assert trace.priority.tolist() == [0, 0, 0]
    assert trace.session.tolist() == [0, 1, 0]  # one for each workload
    assert (trace.card.kind, trace.card.duration_ns) == ("unknown", 1_500_000)


def test_sessions_may_have_names_and_models_lie_beside_the_trace(tmp_path):
    (tmp_path / "t.csv").write_text("arrival_s,workload,session\n0,m.onnx,ann\n1,resnet50,bob\n")
    trace = load_trace(tmp_path / "t.csv")
    assert trace.workloads == (str(tmp_path / "m.onnx"), "resnet50")
    assert trace.session.tolist() == [0, 1]


@given(traces(), st.integers(1, 4))
def test_copies_follow_each_other_at_the_duration(trace, n):
    many = repeated(trace, n)
    assert len(many) == n * len(trace)
    assert many.card.duration_ns == n * trace.card.duration_ns
    assert (np.diff(many.arrival_ns) >= 0).all()
    shift = many.arrival_ns.reshape(n, -1) - trace.arrival_ns
    assert shift.tolist() == [[k * trace.card.duration_ns] * len(trace) for k in range(n)]


@given(traces(), st.integers(1, 4), st.integers(0, 4 * 10**12))
def test_cap_changes_of_copies_come_in_order_and_the_later_copy_holds(trace, n, until_ns):
    duration_ns = trace.card.duration_ns
    steps = {k * duration_ns + t: w for k in range(n) for t, w in trace.card.cap_steps}
    by_time = sorted(steps.items())
    assert list(cap_steps_of(trace, n)) == by_time
    assert list(cap_steps_of(trace, n, until_ns)) == [s for s in by_time if s[0] < until_ns]
    if n > 1:
        assert tuple(by_time) == repeated(trace, n).card.cap_steps


def capped(duration_ns, *steps):
    one = np.zeros(1, dtype=np.int64)
    card = TraceCard("t", "synthetic", "d", "s", duration_ns, steps)
    return Trace(card, ("a",), one, one, one + NO_DEADLINE, one, one)


def test_cap_changes_of_a_trace_without_end_are_yielded_as_they_come():
    # The second change falls at 12, two into the next copy; at 20 the third copy's 3 W holds.
    trace = capped(10, (0, 3.0), (12, 1.0), (20, 2.0))
    first = [(0, 3.0), (10, 3.0), (12, 1.0), (20, 3.0), (22, 1.0), (30, 3.0)]
    assert list(islice(cap_steps_of(trace), 6)) == first
    assert list(cap_steps_of(trace, until_ns=22)) == first[:4]
    assert list(islice(cap_steps_of(trace, 10**15), 6)) == first
    assert list(cap_steps_of(capped(0, (0, 1.0)), until_ns=5)) == [(0, 1.0)]
    assert list(cap_steps_of(capped(10), until_ns=5)) == []


@given(traces(), st.sampled_from([0.5, 2.0, 3.25]))
def test_scaling_moves_arrivals_and_caps_but_no_deadlines(trace, factor):
    found = scaled(trace, factor)
    assert np.abs(found.arrival_ns - trace.arrival_ns * factor).max() <= 0.5
    assert found.deadline_ns.tolist() == trace.deadline_ns.tolist()
    assert [w for _, w in found.card.cap_steps] == [w for _, w in trace.card.cap_steps]
    assert found.card.duration_ns >= found.arrival_ns[-1]


@given(st.lists(traces(), min_size=1, max_size=3))
def test_a_mix_has_every_request_once_in_order(parts):
    card = TraceCard("m", "synthetic", "d", "s", 10**12)
    found = mixed(parts, card)

    def rows(trace):
        return [
            (int(a), trace.workloads[w], int(d), int(p))
            for a, w, d, p in zip(
                trace.arrival_ns, trace.workload, trace.deadline_ns, trace.priority, strict=True
            )
        ]

    assert sorted(rows(found)) == sorted(row for part in parts for row in rows(part))
    assert (np.diff(found.arrival_ns) >= 0).all()
    sessions = [len(set(part.session.tolist())) for part in parts]
    assert len(set(found.session.tolist())) == sum(sessions)


def test_the_shelf_has_the_promised_traces_each_with_a_kind():
    assert {"zoom-30fps", "camera-detection", "voice-assistant", "mixed-day"} <= set(trace_names())
    kinds = {name: load_trace(name).card.kind for name in trace_names()}
    assert set(kinds.values()) <= {"synthetic", "recorded"}
    assert {name for name, kind in kinds.items() if kind == "synthetic"} == set(SYNTHETIC)
    assert load_trace("mixed-day").card.duration_ns == 86_400 * 10**9


def made_again(table):
    if table["kind"] != "mix":
        return make_trace(Synthetic(out=Path("again"), **table))
    return mixed([made_again(part) for part in table["of"]], load_trace("voice-assistant").card)


SYNTHETIC = ("assistant-day", "camera-detection", "mixed-day", "voice-assistant", "zoom-30fps")


@pytest.mark.parametrize("name", SYNTHETIC)
def test_each_synthetic_trace_is_what_its_card_makes(name):
    table = tomllib.loads((locate_trace(name) / "card.toml").read_text())["generator"]
    shelf, again = load_trace(name), made_again(table)
    for column in ("arrival_ns", "deadline_ns", "priority", "prompt_tokens", "output_tokens"):
        assert getattr(shelf, column).tolist() == getattr(again, column).tolist(), column
    own = [shelf.workloads[w] for w in shelf.workload.tolist()]
    assert own == [again.workloads[w] for w in again.workload.tolist()]


HEAD = "arrival_ns,workload,deadline_ns\n"
BAD_CSV = {
    "": "Empty",
    HEAD: "no request",
    HEAD + "5,a,\n3,a,\n": "row 3: arrival 3 ns comes before",
    HEAD + "-1,a,\n": "row 2: arrival_ns -1 is out of range",
    HEAD + "1,a,\n2,a,-7\n": "row 3: deadline_ns -7 is out of range",
    HEAD + "1,a,0\n": "row 2: deadline_ns 0 is out of range",
    HEAD + "1.5,a,\n": "invalid value '1.5'",
    HEAD + "x,a,\n": "invalid value 'x'",
    HEAD + "nan,a,\n": "invalid value",
    HEAD + ",a,\n": "row 2: arrival_ns is empty",
    HEAD + "1,,\n": "row 2: workload is empty",
    HEAD + "1,a\n": "columns",
    HEAD + "1,a,2,3\n": "columns",
    "arrival_s,workload\ninf,a\n": "row 2: arrival_s inf is out of range",
    "arrival_s,workload\n1e300,a\n": "out of range",
    "arrival_ns,workload,prio\n1,a,1\n": "unknown column 'prio'; did you mean 'priority'",
    "arrival_ns,workload,priority\n1,a,99999999999\n": "priority 99999999999 is out of range",
    "arrival_ns,arrival_s,workload\n1,1,a\n": "keep one",
    "arrival_ns\n1\n": "needs both",
    "arrival_ns,workload,workload\n1,a,b\n": "twice",
}


@pytest.mark.parametrize("text", BAD_CSV)
def test_a_bad_csv_is_refused_with_its_row(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=BAD_CSV[text]) as caught:
        load_trace(path)
    assert "\n" not in str(caught.value) and "t.csv" in str(caught.value)


def test_junk_of_any_kind_is_refused_without_reading_it_all(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(1 << 30)  # a sparse file: 1 GB of zero bytes
    with pytest.raises(InputError, match=r"t\.csv"):
        load_trace(path)
    parquet = tmp_path / "t.parquet"
    path.rename(parquet)
    with pytest.raises(InputError, match=r"t\.parquet"):
        load_trace(parquet)
    noise = tmp_path / "n.csv"
    noise.write_bytes(np.random.default_rng(0).bytes(5_000_000))
    with pytest.raises(InputError, match=r"n\.csv"):
        load_trace(noise)


def test_a_truncated_parquet_file_is_refused(tmp_path):
    whole = tmp_path / "t.parquet"
    pq.write_table(pa.table({"arrival_ns": [1, 2], "workload": ["a", "a"]}), whole)
    assert len(load_trace(whole)) == 2
    data = whole.read_bytes()
    for size in (0, 3, 10, len(data) // 2, len(data) - 1):
        whole.write_bytes(data[:size])
        with pytest.raises(InputError, match=r"t\.parquet"):
            load_trace(whole)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"arrival_ns": ["1"], "workload": ["a"]}, "holds no numbers"),
        ({"arrival_ns": [1.5], "workload": ["a"]}, "out of range"),
        ({"arrival_ns": [1], "workload": ["a"], "priority": [1.5]}, "whole numbers"),
        ({"arrival_ns": [None], "workload": ["a"]}, "row 2: arrival_ns is empty"),
    ],
)
def test_parquet_columns_of_the_wrong_kind_are_refused(tmp_path, table, message):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(table), path)
    with pytest.raises(InputError, match=message):
        load_trace(path)


CARD = 'name="t"\nkind="synthetic"\ndescription="d"\nsource="s"\nduration="1 s"\n'
BAD_CARDS = {
    CARD.replace("1 s", "1 ms"): "last request comes at",
    CARD.replace("synthetic", "made"): "kind",
    CARD.replace("1 s", "soon"): "not a quantity",
    CARD + "colour = 1\n": "colour",
    CARD.replace('name="t"\n', ""): "name",
    CARD + '[[cap]]\nat="1 s"\nlimit="-1 W"\n': "not positive",
    CARD + '[[cap]]\nat="2 s"\nlimit="1 W"\n[[cap]]\nat="1 s"\nlimit="2 W"\n': "not in order",
    CARD + "[": "not valid TOML",
}


@pytest.mark.parametrize("text", BAD_CARDS)
def test_a_card_that_contradicts_is_refused(tmp_path, text):
    (tmp_path / "trace.csv").write_text("arrival_ms,workload\n500,a\n")
    (tmp_path / "card.toml").write_text(CARD)
    assert load_trace(tmp_path).card.kind == "synthetic"
    (tmp_path / "card.toml").write_text(text)
    with pytest.raises(InputError, match=BAD_CARDS[text]) as caught:
        load_trace(tmp_path)
    assert "\n" not in str(caught.value)


def test_folders_and_names_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(InputError, match="did you mean 'mixed-day'"):
        load_trace("mixd-day")
    with pytest.raises(InputError, match="neither"):
        load_trace(tmp_path)
    (tmp_path / "trace.csv").write_text("arrival_ms,workload\n500,a\n")
    with pytest.raises(InputError, match="card"):
        load_trace(tmp_path)
    (tmp_path / "t.txt").write_text("x")
    with pytest.raises(InputError, match=r"neither \.csv nor \.parquet"):
        load_trace(tmp_path / "t.txt")
    with pytest.raises(OutputError, match="there already"):
        write_trace(load_trace("zoom-30fps"), tmp_path)
    with pytest.raises(DfsrtError, match="cannot write"):
        write_trace(load_trace("zoom-30fps"), tmp_path / "no" / "where")


@pytest.mark.parametrize(("n", "factor"), [(0, 1), (10**9, 1), (1, 0), (1, float("nan"))])
def test_repeats_and_scales_out_of_range_are_refused(n, factor):
    trace = load_trace("zoom-30fps")
    with pytest.raises(InputError, match="out of range"):
        scaled(repeated(trace, n), factor)
