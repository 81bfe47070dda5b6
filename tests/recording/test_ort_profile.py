"""Profiles of onnxruntime made elsewhere."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.recording import format_of, ort_profile
from dfsrt.recording.summary import summary_of

ARGS = {
    "op_name": "Conv",
    "provider": "CPUExecutionProvider",
    "node_index": "3",
    "output_size": "3154176",
    "thread_scheduling_stats": "",
    "input_type_shape": [{"float": [1, 3, 8, 8]}],
}


def session(name: str, ts: int, dur: int, tid: int = 7) -> dict:
    return {
        "cat": "Session",
        "pid": 7,
        "tid": tid,
        "dur": dur,
        "ts": ts,
        "ph": "X",
        "name": name,
        "args": {},
    }


def node(name: str, ts: int, dur: int, tid: int = 7, **args: str) -> dict:
    event = session(f"{name}_kernel_time", ts, dur, tid)
    return event | {"cat": "Node", "args": ARGS | args}


def write(path, events) -> None:
    path.write_text("[\n" + ",\n".join(json.dumps(e) for e in events) + "\n]\n")


RUN = [
    session("model_loading_array", 5, 20),
    session("session_initialization", 30, 40),
    node("conv1", 102, 30),
    node("relu1", 133, 10, op_name="Relu"),
    session("SequentialExecutor::Execute", 101, 60),
    session("model_run", 100, 62),
]


def test_a_profile_worked_by_hand(tmp_path):
    write(tmp_path / "p.json", RUN)
    found = ort_profile.read(tmp_path / "p.json")
    rows = zip(
        (found.texts[i] for i in found.slices.track.tolist()),
        (found.texts[i] for i in found.slices.name.tolist()),
        (found.texts[i] for i in found.slices.category.tolist()),
        found.slices.start_ns.tolist(),
        found.slices.duration_ns.tolist(),
        strict=True,
    )
    mine, theirs = "CPUExecutionProvider, thread 0", "Session, thread 0"
    assert list(rows) == [
        (theirs, "model_loading_array", "Session", 5_000, 20_000),
        (theirs, "session_initialization", "Session", 30_000, 40_000),
        (theirs, "model_run", "Session", 100_000, 62_000),
        (theirs, "SequentialExecutor::Execute", "Session", 101_000, 60_000),
        (mine, "conv1", "Conv", 102_000, 30_000),
        (mine, "relu1", "Relu", 133_000, 10_000),
    ]
    busy = {t.track: t.busy_s for t in summary_of(found).tracks}
    assert busy[mine] == pytest.approx(40e-6)
    assert busy[theirs] == pytest.approx(122e-6)


def test_fences_of_older_versions_are_left_out_and_counted(tmp_path):
    fences = [
        session("conv1_fence_before", 101, 0) | {"cat": "Node", "args": {"op_name": "Conv"}},
        session("conv1_fence_after", 132, 0) | {"cat": "Node", "args": {"op_name": "Conv"}},
    ]
    write(tmp_path / "p.json", [*RUN, *fences])
    found = ort_profile.read(tmp_path / "p.json")
    assert len(found.slices) == len(RUN)
    assert found.about["fences left out"] == "2"


def test_each_thread_and_provider_is_a_track(tmp_path):
    more = [node("a", 102, 5, tid=9), node("b", 102, 5, provider="CUDAExecutionProvider")]
    write(tmp_path / "p.json", [*RUN, *more])
    found = ort_profile.read(tmp_path / "p.json")
    tracks = {found.texts[i] for i in found.slices.track.tolist()}
    assert tracks == {
        "Session, thread 0",
        "CPUExecutionProvider, thread 0",
        "CPUExecutionProvider, thread 1",
        "CUDAExecutionProvider, thread 0",
    }


def test_a_real_profile_is_detected_and_sums_to_its_kernels(tmp_path):
    import onnxruntime as ort

    from dfsrt.network.zoo import locate

    options = ort.SessionOptions()
    options.enable_profiling, options.profile_file_prefix = True, str(tmp_path / "real")
    options.intra_op_num_threads = 1
    runner = ort.InferenceSession(
        str(locate("squeezenet")[1]), options, providers=["CPUExecutionProvider"]
    )
    feeds = {i.name: np.zeros(i.shape, np.float32) for i in runner.get_inputs()}
    runner.run(None, feeds)
    path = tmp_path / runner.end_profiling().rsplit("/", 1)[-1]
    assert format_of(path) == "onnxruntime"
    events = json.loads(path.read_text())
    found = ort_profile.read(path)
    assert len(found.slices) == len(events)
    assert found.slices.duration_ns.sum() == sum(e["dur"] for e in events) * 1000


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)), min_size=1, max_size=30))
def test_every_kernel_keeps_its_time_whatever_the_order_of_the_file(tmp_path_factory, times):
    path = tmp_path_factory.mktemp("p") / "p.json"
    write(path, [node(f"k{i}", ts, dur) for i, (ts, dur) in enumerate(times)])
    found = ort_profile.read(path)
    names = [found.texts[i] for i in found.slices.name.tolist()]
    starts, lengths = found.slices.start_ns, found.slices.duration_ns
    got = {
        n: (s // 1000, d // 1000)
        for n, s, d in zip(names, starts.tolist(), lengths.tolist(), strict=True)
    }
    assert got == {f"k{i}": pair for i, pair in enumerate(times)}
    assert (np.diff(starts) >= 0).all()


@pytest.mark.parametrize("kept", [1, 40, 110])
def test_a_profile_without_a_whole_event_is_one_clear_error(tmp_path, kept):
    path = tmp_path / "p.json"
    write(path, RUN)
    path.write_bytes(path.read_bytes().rstrip()[:kept])
    with pytest.raises(InputError, match=r"does not begin like|no event with a duration") as caught:
        ort_profile.read(path)
    assert "\n" not in str(caught.value)


@given(st.integers(200, 10_000))
def test_a_profile_that_nobody_ended_has_the_events_before_the_cut(tmp_path_factory, kept):
    path = tmp_path_factory.mktemp("p") / "p.json"
    write(path, RUN)
    whole = path.read_bytes().rstrip()
    path.write_bytes(whole[: min(kept, len(whole) - 1)])
    found, ends = ort_profile.read(path), path.read_bytes().count(b"}}")
    assert len(found.slices) == ends
    assert "without end_profiling" in found.about["end of the list"]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (session("model_run", -5, 1), "ts -5"),
        (session("model_run", 5, -1), "dur -1"),
        (session("model_run", 5, 10**16), "microseconds from 0"),
        (session("model_run", "soon", 1), "event 1: could not convert"),
        ({"cat": "Session", "name": "model_loading"}, "event 1: could not convert"),
        ({"cat": "Session", "name": 5, "ts": 1}, "event 1: Expected `str`"),
        ("no event", "event 1: broken at character"),
    ],
)
def test_an_event_without_sound_times_is_left_out_and_counted(tmp_path, event, told):
    write(tmp_path / "p.json", [session("model_loading_array", 0, 1), event])
    found = ort_profile.read(tmp_path / "p.json")
    assert len(found.slices) == 1
    assert found.about["events left out"].startswith("1 (")
    assert told in found.about["events left out"]


def test_kernels_of_a_gpu_have_a_track_for_each_stream(tmp_path):
    kernels = [
        {"cat": "Kernel", "pid": 7, "tid": 7, "dur": 3, "ts": 110 + n, "ph": "X", "name": "gemm",
         "args": {"stream": stream, "grid_x": "1"}}
        for n, stream in enumerate(("7", "7", "9"))
    ]  # fmt: skip
    write(tmp_path / "p.json", [*RUN, *kernels, {"name": "bare", "ts": 170, "args": None}])
    found = ort_profile.read(tmp_path / "p.json")
    tracks = [found.texts[i] for i in found.slices.track.tolist()]
    assert [t for t in tracks if t.startswith("GPU")] == [
        "GPU kernels, stream 7", "GPU kernels, stream 7", "GPU kernels, stream 9",
    ]  # fmt: skip
    assert "other, thread 1" in tracks


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "p.json"
    with path.open("wb") as file:
        file.write(b'[{"cat": "Session", "name": "model_loading_array"')
        file.truncate(2**30)
    with pytest.raises(InputError, match="up to 805,306,368 are read"):
        ort_profile.read(path)
