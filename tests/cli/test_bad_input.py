"""What users get wrong ends in exit code 2 and one line that helps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

ROOT = Path(__file__).resolve().parents[2]


def save(path, nodes, inputs, outputs, initializers=(), opset=13):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(model.SerializeToString())


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


@pytest.fixture(scope="session")
def bad_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    light = Path(onnx.__file__).parent / "backend/test/data/light/light_resnet50.onnx"
    (folder / "truncated.onnx").write_bytes(light.read_bytes()[:40_001])
    (folder / "empty.onnx").write_bytes(b"")
    (folder / "text.onnx").write_text("this is no network\n" * 50)
    relu = helper.make_node("Relu", ["x"], ["y"])
    save(folder / "old.onnx", [relu], [value("x", [1])], [value("y", [1])], opset=6)
    save(
        folder / "cyclic.onnx",
        [helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"])],
        [value("x", [1])],
        [value("b", [1])],
    )
    odd = helper.make_node("NoSuchOp", ["x"], ["y"], domain="my.own")
    graph = helper.make_graph([odd], "g", [value("x", [1, 8])], [value("y", [1, 8])])
    sets = [helper.make_opsetid("", 13), helper.make_opsetid("my.own", 1)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=8)
    (folder / "unknown.onnx").write_bytes(model.SerializeToString())
    save(folder / "dynamic.onnx", [relu], [value("x", ["batch", 8])], [value("y", ["batch", 8])])
    outside = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[8, 8])
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="../../etc/passwd")
    matmul = helper.make_node("MatMul", ["x", "w"], ["y"])
    save(folder / "outside.onnx", [matmul], [value("x", [1, 8])], [value("y", [1, 8])], [outside])
    (folder / "falling.toml").write_text(
        'format = 1\nbase = "rk3588-npu"\nname = "f"\ndescription = "d"\n[opp]\nbins = []\n'
        'default_bin = ""\npoints = [{freq_hz = 100, rail_uv = 800000},'
        ' {freq_hz = 200, rail_uv = 700000}]\nsource.points = "assumed: test"\n'
    )
    (folder / "nan.toml").write_text(
        'format = 1\nbase = "rk3588-npu"\nname = "f"\ndescription = "d"\n[silicon]\n'
        "clock_nf = nan\n"
    )
    return folder


def assert_one_line(done, *parts):
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("dfsrt: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("truncated.onnx", ["truncated.onnx"]),
        ("empty.onnx", ["empty.onnx"]),
        ("text.onnx", ["text.onnx"]),
        ("old.onnx", ["old.onnx", "set 6", "7"]),
        ("cyclic.onnx", ["cyc"]),
        ("unknown.onnx", ["NoSuchOp", "--unknown-ops memory"]),
        ("dynamic.onnx", ["batch", "--dim batch=1"]),
        ("outside.onnx", ["../../etc/passwd"]),
        ("missing.onnx", ["missing.onnx"]),
        (".", ["folder"]),
    ],
)
@pytest.mark.parametrize("command", ["run", "layers"])
def test_a_network_that_cannot_be_used_says_why(dfsrt, bad_files, command, file, parts):
    assert_one_line(dfsrt(command, bad_files / file), *parts)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["run"], ["LOAD"]),
        (["run", "resnet5"], ["resnet5", "did you mean 'resnet50'", "zoom-30fps"]),
        (["layers", "zoom-30fps"], ["is a trace, not a network; use 'dfsrt replay zoom-30fps'"]),
        (["frontier", "infinite-zoom"], ["is a pipeline, not a network"]),
        (["predict", "voice-glasses"], ["is a scenario, not a network"]),
        (["run", "resnet50", "--capp", "1W"], ["--capp"]),
        (["run", "resnet50", "--cap", "-1 W"], ["-1 W", "above 0"]),
        (["run", "resnet50", "--cap", "nan"], ["nan"]),
        (["run", "resnet50", "--cap", "1 V"], ["1 V", "1.8 W"]),
        (["run", "resnet50", "--cap-at", "20ms"], ["20ms", "TIME=WATTS"]),
        (["run", "resnet50", "--cap-at", "0s=1W"], ["give it as the cap"]),
        (["run", "resnet50", "--cap-at", "1s=1W", "--cap-at", "1s=2W"], ["'1s' twice"]),
        (
            ["run", "resnet50", "--detail", "layer", "--frames", "10000000"],
            ["570,000,000", "allowed is 2,000,000", "summary"],
        ),
        (["run", "resnet50", "--frames", "0"], ["frames 0", "allowed is 1 to"]),
        (["run", "resnet50", "--detail", "rows"], ["rows", "layer, request, summary"]),
        (["run", "resnet50", "--step", "fast"], ["fast", "auto, kernel, layer"]),
        (["run", "resnet50", "--governor", "dfs:rail=800"], ["0.7 V to 0.85 V"]),
        (["run", "resnet50", "--log", "l.csv"], ["l.csv", ".parquet"]),
        (["run", "resnet50", "--log", "-"], ["log '-'", ".parquet"]),
        (["run", "resnet50", "--json", "a.svg", "--figure", "a.svg"], ["two outputs"]),
        (["run", "resnet50", "--dim", "a=1", "--dim", "a=2"], ["'a' twice"]),
        (["run", "resnet50", "--cap-domain", "gpu"], ["gpu", "npu+dram"]),
        (["run", "resnet50", "--cap-window", "-1s"], ["-1s"]),
        (["run", "resnet50", "--frames", "0"], ["frames 0"]),
        (["run", "resnet50", "--frames", "ten"], ["ten"]),
        (["run", "resnet50", "--period", "0s"], ["0s"]),
        (["run", "resnet50", "--seed", "-1"], ["seed -1"]),
        (["run", "resnet50", "--seed", "99999999999999999999"], ["9" * 20, "at most"]),
        (["run", "resnet50", "--layer-times-at", "x" * 5000], ["characters", "--layer-times with"]),
        (["run", "resnet50", "--device", "rk3855-npu"], ["did you mean 'rk3588-npu'"]),
        (["run", "resnet50", "--device", "rk3588-npu:bin=L9"], ["L9", "L5"]),
        (["run", "resnet50", "--device", "rk3588-npu:rail=x"], ["rk8602"]),
        (["run", "resnet50", "--governor", "dvsf"], ["did you mean 'dvfs'"]),
        (["run", "resnet50", "--power-model", "magic"], ["magic", "fitted"]),
        (["run", "resnet50", "--precision", "int3"], ["int3", "fp16"]),
        (["run", "resnet50", "--precision", "fp32", "--device", "etri-like"], ["fp16"]),
        (["run", "resnet50", "--dim", "batch"], ["batch", "batch=1"]),
        (["run", "resnet50", "--dim", "batch=-1"], ["batch=-1"]),
        (["run", "resnet50", "--dim", "batch=1"], ["batch"]),
        (["run", "resnet50", "--unknown-ops", "skip"], ["skip", "memory"]),
        (["run", "resnet50", "--figure", "f.gif"], ["f.gif", ".svg"]),
        (["run", "resnet50", "--json", "no/such/r.json"], ["no/such"]),
        (["compare", "resnet50", "--governors", ","], ["no governor"]),
        (["list", "planets"], ["planets", "networks"]),
        (["device", "show", "nothing"], ["nothing", "rk3588-npu"]),
        (["device", "import-dt", "no.dts"], ["no.dts"]),
        (["nonsense"], ["nonsense"]),
    ],
)
def test_a_wrong_option_says_what_is_allowed(dfsrt, arguments, parts):
    assert_one_line(dfsrt(*arguments), *parts)


@pytest.mark.parametrize(("file", "part"), [("falling.toml", "neighbour"), ("nan.toml", "nan")])
def test_a_device_that_breaks_physics_is_refused(dfsrt, bad_files, file, part):
    assert_one_line(dfsrt("run", "resnet50", "--device", bad_files / file), part)


def test_an_unknown_operator_can_be_run_as_memory_and_is_reported(dfsrt, bad_files):
    done = dfsrt("layers", bad_files / "unknown.onnx", "--unknown-ops", "memory", "--json", "-")
    assert done.returncode == 0, done.stderr
    assert '"my.own:NoSuchOp": 1' in done.stdout or '"NoSuchOp": 1' in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_an_error_as_a_user(dfsrt, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    assert_one_line(dfsrt("run", "alexnet", "--json", "closed/r.json"), "closed")


def test_nothing_is_left_behind_when_an_output_cannot_be_written(dfsrt, tmp_path):
    (tmp_path / "taken.json").mkdir()
    assert_one_line(dfsrt("run", "alexnet", "--json", "taken.json"), "folder")
    assert [p.name for p in tmp_path.iterdir()] == ["taken.json"]


def test_a_closed_pipe_ends_quietly(tmp_path):
    binary = Path(sys.executable).with_name("dfsrt")
    command = f"set -o pipefail; '{binary}' layers densenet121 --no-fuse | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
