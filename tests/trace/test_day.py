"""A day as a file says it: hours, uses, caps; and workloads that are known, or refused."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.trace import NO_DEADLINE, load_trace
from dfsrt.trace.day import day
from dfsrt.trace.day_file import DAY_NS, DAYS, windows_of
from dfsrt.trace.workload import check_workload, seen_from
from dfsrt.trace.write import write_trace

HOUR_NS = 3600 * 10**9
TEXT = """
format = 1
description = "a commuter"
source = "assumed"
cap = [{ at = "0 h", limit = "1 W" }, { at = "22 h", limit = "none" }]

[[use]]
workload = "squeezenet"
hours = ["7-9", "17:30-19"]
per_day = 40
lasts = "20 s"
rate = 2
deadline = "50 ms"
priority = 3

[[use]]
workload = "resnet50"
hours = ["22-2"]
rate = 0.01
"""


def of_text(tmp_path, text=TEXT, seed=1):
    path = tmp_path / "day.toml"
    path.write_text(text)
    return day(seed, str(path))


def test_uses_begin_in_their_hours_and_ask_as_often_as_said(tmp_path):
    trace = of_text(tmp_path)
    quick = trace.workload == trace.workloads.index("squeezenet")
    arrivals, sessions = trace.arrival_ns[quick], trace.session[quick]
    begins = np.array([arrivals[sessions == s].min() for s in np.unique(sessions)]) / HOUR_NS
    assert (((begins >= 7) & (begins < 9)) | ((begins >= 17.5) & (begins < 19))).all()
    assert 15 < len(begins) < 65  # Poisson with a mean of 40
    mornings = (begins < 12).mean()
    assert 0.3 < mornings < 0.85  # two of the three and a half hours
    gaps = np.diff(arrivals[sessions == sessions[0]])
    assert set(gaps.tolist()) <= {HOUR_NS // 7200}
    assert set(trace.deadline_ns[quick].tolist()) == {50_000_000}
    assert set(trace.priority[quick].tolist()) == {3}


def test_a_use_without_times_a_day_goes_on_through_its_hours_over_midnight(tmp_path):
    trace = of_text(tmp_path)
    slow = trace.workload == trace.workloads.index("resnet50")
    arrivals = trace.arrival_ns[slow]
    expected = [100 * k for k in range(72)] + [22 * 3600 + 100 * k for k in range(72)]
    assert arrivals.tolist() == [s * 10**9 for s in expected]
    assert set(trace.deadline_ns[slow].tolist()) == {NO_DEADLINE}
    assert trace.card.cap_steps == ((0, 1.0), (22 * HOUR_NS, float("inf")))
    assert trace.card.duration_ns == DAY_NS and "assumed" in trace.card.source


@given(st.lists(st.integers(0, 24 * 60), min_size=2, max_size=6, unique=True))
def test_windows_cover_what_their_spans_say(times):
    times = sorted(times)[: len(times) // 2 * 2]
    spans = list(zip(times[::2], times[1::2], strict=True))
    texts = [f"{a // 60}:{a % 60:02}-{b // 60}:{b % 60:02}" for a, b in spans]
    minute = 60 * 10**9
    assert windows_of(texts, "here") == tuple((a * minute, b * minute) for a, b in spans)


BAD = {
    ("hours = [\"7-9\", \"17:30-19\"]", "hours = [\"9-9\"]"): "'9-9' are no span",
    ("\"7-9\"", "\"7-25\""): "'7-25' are no span",
    ("\"7-9\"", "\"7:60-9\""): "are no span",
    ("\"7-9\"", "\"7-18\""): "overlap",
    ("hours = [\"22-2\"]", "hours = []"): "are none",
    ("per_day = 40\n", ""): "per_day and lasts go together",
    ("rate = 2", "rate = 0"): "rate 0 is out of range",
    ("rate = 2", "rate = nan"): "rate nan is out of range",
    ("rate = 2", "rate = 1e9"): "requests",
    ("per_day = 40", "per_day = -1"): "per_day -1 is out of range",
    ("\"squeezenet\"", "\"squeezenest\""): "did you mean 'squeezenet'",
    ("\"squeezenet\"", "\"own.onnx\""): "no file that is there",
    ("\"22 h\"", "\"0 h\""): "not in order",
    ("\"50 ms\"", "\"soon\""): "deadline",
    ("hours =", "ours ="): "unknown key",
    ("format = 1", "format = 2"): "format 2",
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), BAD.items())
def test_what_a_day_cannot_be_is_refused_in_one_line(tmp_path, change, message):
    assert change[0] in TEXT
    with pytest.raises(InputError, match=message) as caught:
        of_text(tmp_path, TEXT.replace(*change, 1))
    assert "\n" not in str(caught.value)


def test_damaged_days_are_refused_in_one_line_or_read(tmp_path):
    rng, read = random.Random(3), 0
    for _ in range(250):
        letters = list(TEXT)
        for _ in range(rng.randint(1, 3)):
            letters[rng.randrange(len(letters))] = rng.choice('0123456789 -.:"[]=n\n\x00é')
        try:
            read += len(of_text(tmp_path, "".join(letters))) > 0
        except InputError as error:
            assert "\n" not in str(error)
    assert read > 5


def test_the_day_on_the_shelf_is_a_file_like_any_other():
    shelf, own = day(3), day(3, str(DAYS / "phone.toml"))
    assert (shelf.arrival_ns == own.arrival_ns).all() and shelf.workloads == own.workloads


def test_workloads_are_known_by_name_or_by_a_file_that_is_there(tmp_path):
    for name in ("squeezenet", "sd2-unet:image=768", "infinite-zoom:steps=4"):
        check_workload(name)
    with pytest.raises(InputError, match="unknown network or pipeline 'resnet5'"):
        check_workload("resnet5")
    with pytest.raises(InputError, match=r"give a \.toml file"):
        check_workload(str(tmp_path / "none.toml"))
    with pytest.raises(InputError, match=r"use 2: .none\.onnx. is no file"):
        check_workload("none.onnx", "use 2")


def test_a_file_is_named_as_seen_from_the_trace_and_found_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert seen_from("resnet50", tmp_path / "t") == "resnet50"
    assert seen_from("own.toml:every=5", tmp_path / "a" / "t") == "../../own.toml:every=5"
    assert seen_from("/somewhere/net.onnx", tmp_path) == "/somewhere/net.onnx"
    trace = of_text(tmp_path)
    named = tuple(w.replace("resnet50", "sub/net.onnx") for w in trace.workloads)
    write_trace(type(trace)(trace.card, named, *columns(trace)), tmp_path / "t")
    assert set(load_trace("t").workloads) == {"squeezenet", "sub/net.onnx"}
    write_trace(load_trace("t"), tmp_path / "t2")
    assert set(load_trace("t2").workloads) == {"squeezenet", "sub/net.onnx"}


def columns(trace):
    return (trace.arrival_ns, trace.workload, trace.deadline_ns, trace.priority, trace.session)
