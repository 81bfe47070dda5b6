"""Rows of a real card: a layer once, in its layout."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from dfsrt.network.probe import make_probe
from dfsrt.power.learn.rows import gpu_rows
from dfsrt.power.learn.validate import target_of
from dfsrt.power.measure.sample import Bench, Reading, Sample, Subject

BENCH = Bench(meter="nvidia", device="card", unit="a", digest="", driver="", seed=0)


def sample(power_w, layout="nchw", repeat=0, op="Conv", group="net", gaps=0):
    shapes = [(8, 64, 28, 28), (64, 64, 1, 1)] if op == "Conv" else [(64, 64), (64, 64)]
    probe = make_probe("a", op, shapes, "float16")
    subject = Subject(probe=probe, source="net", group=group, repeat=repeat, layout=layout)
    reading = Reading(
        power_w=power_w,
        latency_s=power_w * 1e-8,
        clock_hz=1.98e9,
        temp_c=50.0,
        limit_w=700.0,
        held_share=0.0,
        window_s=0.5,
        runs=100,
        gaps=gaps,
        at="2026-11-26T12:00:00+00:00",
    )
    return Sample(key=subject.key, subject=subject, reading=reading, bench=BENCH)


def test_readings_of_one_layer_are_one_row_with_their_mean():
    rows = gpu_rows([sample(200.0), sample(300.0, group="other"), sample(260.0, repeat=1)])
    assert rows.groups.tolist() == ["net", "other"]
    assert rows.power_w == pytest.approx([230.0, 300.0])
    assert rows.latency_s == pytest.approx([2.3e-6, 3e-6])
    assert rows.readings.tolist() == [2, 1]


def test_readings_with_gaps_are_left_out():
    assert len(gpu_rows([sample(200.0), sample(900.0, repeat=1, gaps=1)])) == 1


def test_a_layer_in_two_layouts_is_two_rows_of_one_shape():
    rows = gpu_rows([sample(200.0), sample(300.0, "nhwc"), sample(100.0, op="MatMul")])
    assert rows.layouts.tolist() == ["nchw", "nhwc", "either"]
    assert rows.shapes[0] == rows.shapes[1] != rows.shapes[2]
    assert rows.features[0].tolist() != rows.features[1].tolist()


def test_errors_are_told_by_layout():
    rows = gpu_rows([sample(200.0), sample(300.0, "nhwc"), sample(100.0, op="MatMul")])
    found = target_of(rows, np.array([220.0, 300.0, 100.0]), rows.power_w, rows.counted)
    assert {name: e.mape for name, e in found.by_layout.items()} == pytest.approx(
        {"nchw": 0.1, "nhwc": 0.0, "either": 0.0}
    )


def test_the_key_of_a_subject_in_the_layout_of_onnx_is_as_it_was():
    subject = sample(200.0).subject
    told = msgspec.to_builtins(subject)
    assert told["layout"] == "nchw"
    assert subject.key != msgspec.structs.replace(subject, layout="nhwc").key
