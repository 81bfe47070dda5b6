"""Layer times out of other tools' profiles, by the names that those tools give to layers."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from dfsrt.base.errors import InputError
from dfsrt.cost.times import load_times, match_times
from dfsrt.network import Kind, from_onnx_model, load_network
from dfsrt.report.api import Job
from tests.network.builders import Builder, runnable

HZ = 10**9


@pytest.fixture(scope="module")
def residual():
    """Two convolutions with an addition round the second, pooled, and a product, as a model."""
    b = Builder()
    first = b.op("Relu", b.op("Conv", b.input("x", [1, 8, 16, 16]), b.weight(8, 8, 3, 3),
                              pads=[1, 1, 1, 1], name="/a/Conv"), name="/a/Relu")  # fmt: skip
    second = b.op("Conv", first, b.weight(8, 8, 3, 3), pads=[1, 1, 1, 1], name="/b/Conv")
    added = b.op("Relu", b.op("Add", second, first, name="/b/Add"), name="/b/Relu")
    pooled = b.op("MaxPool", added, kernel_shape=[2, 2], strides=[2, 2], name="/pool")
    flat = b.op("Flatten", pooled, name="/flat")
    out = b.op("MatMul", flat, b.weight(512, 4), name="/fc/MatMul")
    return runnable(b.model(out))


@pytest.fixture(scope="module")
def network(residual):
    return from_onnx_model(residual, "residual")


def per_layer(network, text):
    """Microseconds of each layer that runs, to a hundredth, a layer's weight taken as 1."""
    running = [layer for layer in network.layers if layer.kind is not Kind.VIEW]
    matched = match_times(load_times(text), network, HZ)
    ns = matched.per_layer(np.ones(len(running)))
    return dict(zip([a.name for a in running], (ns / 1e3).round(2).tolist(), strict=True)), matched


def rknn(path, rows, clock="") -> str:
    """A table of rknn-toolkit2's with rows ``(operator, FullName, microseconds)``."""
    heads = "ID OpType DataType Target InputShape OutputShape Cycles(DDR/NPU/Total) Time(us)"
    lines = [
        f"{n} {op} INT8 NPU (1,3,8,8) (1,4,8,8) 9/9/9 {us} \\ 1 {name}\n"
        for n, (op, name, us) in enumerate(rows, start=1)
    ]
    total = sum(us for _, _, us in rows)
    path.write_text(
        f"{clock}{heads} MacUsage(%) RW(KB) FullName\n{''.join(lines)}"
        f"Total Operator Elapsed Per Frame Time(us): {total}\n"
    )
    return f"rknn:{path}"


def tensorrt(path, rows) -> str:
    """A profile of 10 runs with rows ``(name, microseconds)``."""
    whole = sum(us for _, us in rows)
    layers = [
        {"name": n, "timeMs": us / 100, "averageMs": us / 1e3, "percentage": 100 * us / whole}
        for n, us in rows
    ]
    path.write_text(json.dumps([{"count": 10}, *layers]))
    return f"tensorrt:{path}"


def test_the_network_is_what_the_cases_take_it_for(network):
    assert [layer.nodes for layer in network.layers] == [
        ("/a/Conv", "/a/Relu"), ("/b/Conv", "/b/Add", "/b/Relu"), ("/pool", "/flat"),
        ("/fc/MatMul",),
    ]  # fmt: skip


def test_rknns_steps_of_its_own_count_with_their_neighbours_and_suffixes_are_known(
    network, tmp_path
):
    text = rknn(
        tmp_path / "p.txt",
        [("InputOperator", "InputOperator:x", 7), ("ConvRelu", "Conv:/a/Conv", 100),
         ("ConvAddRelu", "Conv:/b/Conv", 200), ("MaxPool", "MaxPool:/pool", 30),
         ("Reshape", "Reshape:/fc/MatMul_rs", 5), ("Conv", "Conv:/fc/MatMul_mm", 50),
         ("OutputOperator", "OutputOperator:y", 3)],
    )  # fmt: skip
    times, matched = per_layer(network, text)
    assert times == {"/a/Conv": 107, "/b/Conv": 200, "/pool": 30, "/fc/MatMul": 58}
    assert (matched.how, matched.with_next) == ("by name", 2)


def test_rknns_rows_without_names_go_in_order(network, tmp_path):
    rows = [("Conv", f"Conv:layer{i}", 10 * (i + 1)) for i in range(4)]
    times, matched = per_layer(network, rknn(tmp_path / "p.txt", rows))
    assert list(times.values()) == [10, 20, 30, 40]
    assert matched.how == "in order"


def test_tensorrts_joined_layers_are_known_by_each_name_in_them(network, tmp_path):
    text = tensorrt(
        tmp_path / "p.json",
        [("Reformatting CopyNode for Input Tensor 0 to /a/Conv + /a/Relu", 4.0),
         ("/a/Conv + /a/Relu", 100.0), ("/b/Conv + /b/Add + PWN(/b/Relu)", 200.0),
         ("Reformatting CopyNode for Output Tensor 0 to /b/Conv + /b/Add + PWN(/b/Relu)", 2.0),
         ("/pool", 30.0), ("/fc/MatMul", 50.0), ("squeeze_after_/fc/MatMul", 1.0)],
    )  # fmt: skip
    times, _ = per_layer(network, text)
    assert times == {"/a/Conv": 104, "/b/Conv": 202, "/pool": 30, "/fc/MatMul": 51}


def test_tensorrts_regions_are_all_layers_from_the_first_to_the_last(network, tmp_path):
    rows = [("/a/Conv + /a/Relu", 10.0), ("{ForeignNode[/b/Conv.../fc/MatMul]}", 90.0)]
    times, _ = per_layer(network, tensorrt(tmp_path / "p.json", rows))
    assert times == {"/a/Conv": 10, "/b/Conv": 30, "/pool": 30, "/fc/MatMul": 30}


def test_openvinos_rows_go_by_name(network, tmp_path):
    rows = [("/a/Conv", "Convolution", 0.1), ("/b/Conv", "Convolution", 0.2),
            ("/pool", "MaxPool", 0.03), ("/fc/MatMul", "FullyConnected", 0.05),
            ("to_f32", "Convert", 0.01)]  # fmt: skip
    lines = "".join(f"{n};EXECUTED;{op};jit_I8;{ms};{ms};\n" for n, op, ms in rows)
    (tmp_path / "p.csv").write_text(
        "layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms);\n"
        f"{lines}Total;;;;0.39;0.39;\n"
    )
    times, _ = per_layer(network, f"openvino:{tmp_path / 'p.csv'}")
    assert times == {"/a/Conv": 100, "/b/Conv": 200, "/pool": 30, "/fc/MatMul": 60}


@pytest.mark.parametrize("level", ["ORT_DISABLE_ALL", "ORT_ENABLE_ALL"])
def test_a_profile_that_onnxruntime_wrote_adds_up_whatever_it_joined(
    residual, network, tmp_path, level
):
    options = ort.SessionOptions()
    options.enable_profiling, options.profile_file_prefix = True, str(tmp_path / "p")
    options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, level)
    session = ort.InferenceSession(residual.SerializeToString(), options)
    for _ in range(3):
        session.run(None, {"x": np.ones((1, 8, 16, 16), np.float32)})
    file = session.end_profiling()
    times, matched = per_layer(network, f"onnxruntime:{file}")
    events = json.loads(Path(file).read_text())
    kernels = [e for e in events if e["name"].endswith("_kernel_time")]
    assert sum(times.values()) == pytest.approx(sum(e["dur"] for e in kernels) / 3, abs=0.05)
    assert not any(math.isnan(time) for time in times.values())
    assert matched.how == "by name"


def test_kernels_that_work_out_constants_are_left_out_and_counted(tmp_path):
    """A profile of a network whose weights are made as it runs: they are no part of a capture."""
    network = load_network("squeezenet")
    made = network.named.constant[0]
    names = [made, *(n for layer in network.layers for n in layer.nodes)]
    events = [{"cat": "Session", "name": "model_run", "ts": 0, "dur": 9999, "ph": "X", "tid": 1}]
    events += [
        {"cat": "Node", "name": f"{n}_kernel_time", "ts": 10 + 5 * i, "dur": 4, "ph": "X", "tid": 1,
         "args": {"op_name": "Conv", "provider": "CPUExecutionProvider"}}
        for i, n in enumerate(names)
    ]  # fmt: skip
    (tmp_path / "p.json").write_text(json.dumps(events))
    table = Job("squeezenet", layer_times=f"onnxruntime:{tmp_path / 'p.json'}").table
    assert table.duration_ns[:, -1].sum() == 4000 * (len(names) - 1)
    assert any("1 rows" in note and "work out constants" in note for note in table.notes)


def test_a_profiles_own_clock_is_the_one_at_which_its_times_hold(tmp_path, residual):
    onnx.save(residual, tmp_path / "n.onnx")
    rows = [("Conv", f"Conv:{n}", 100) for n in ("/a/Conv", "/b/Conv", "/pool", "/fc/MatMul")]
    for mhz, at in ((600, 600), (999, None)):
        text = rknn(tmp_path / "p.txt", rows, f"NPU Current Frequency List:\n- {mhz}000000\n")
        if at is None:
            with pytest.raises(
                InputError, match="no such clock; give --layer-times-at with one of"
            ):
                _ = Job(str(tmp_path / "n.onnx"), layer_times=text).table
            at = 1000
            table = Job(str(tmp_path / "n.onnx"), layer_times=text, layer_times_at="1GHz").table
        else:
            table = Job(str(tmp_path / "n.onnx"), layer_times=text).table
        level = table.levels.level_of(at * 10**6)
        assert table.times_hz == at * 10**6
        assert table.duration_ns[:, level].tolist() == [100_000] * 4


def test_profiles_of_cycles_alone_are_sent_to_the_option_that_takes_them(tmp_path):
    (tmp_path / "v.csv").write_text(
        "TFLite_operator,NNG Operator,SRAM Usage,Peak%,Op Cycles,Network%,NPU,SRAM AC,DRAM AC,"
        "OnFlash AC,OffFlash AC,MAC Count,Network%,Util%,Name\n"
        "Conv2D,Conv2D,9,1,8.0,100.0,4.0,7.0,0.0,0.0,0.0,64,100.0,9,a\n"
    )
    with pytest.raises(InputError, match=r"has no times; .* by --cycles vela:"):
        load_times(f"vela:{tmp_path / 'v.csv'}")


def test_another_networks_profile_is_refused(network, tmp_path):
    text = tensorrt(tmp_path / "p.json", [("/a/Conv + /a/Relu", 1.0), ("/z/Conv", 2.0)])
    with pytest.raises(
        InputError, match=r"has 2 layers .* 3 with products .* 1 of them of one name"
    ):
        match_times(load_times(text), network, HZ)
