"""Captures: what onnxruntime ran, told by node of the file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper, numpy_helper

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.capture.capture import capture_model
from dfsrt.capture.machine import cpu_model
from dfsrt.capture.model import named_model
from dfsrt.capture.session import Settings
from dfsrt.network import load_network, network_names
from dfsrt.network.reading import Reading
from dfsrt.trace import NO_DEADLINE
from dfsrt.trace.card import read_card_file
from dfsrt.trace.load import load_trace
from tests.network.builders import Builder, runnable, silu

LARGE = {"alexnet", "vgg19", "zfnet512"}
ONE_RUN = Settings(runs=1, warmup=0)
MATRIX = {"Conv": {"Conv", "FusedConv"}, "Gemm": {"Gemm", "FusedGemm"}}


def with_slow_mark(names):
    return [pytest.param(n, marks=pytest.mark.slow if n in LARGE else ()) for n in names]


def saved(model: onnx.ModelProto, folder: Path, name: str = "net.onnx") -> str:
    path = folder / name
    onnx.save(runnable(model), path)
    return str(path)


def varying_nodes(path: Path) -> list[tuple[str, str]]:
    """Name and operator of the nodes that need an input, found by a walk of the test's own."""
    graph = onnx.load(str(path), load_external_data=False).graph
    reached = {i.name for i in graph.input} - {t.name for t in graph.initializer}
    found = []
    for node in graph.node:
        if reached & set(node.input):
            reached |= set(node.output)
            found.append((node.name, node.op_type))
    return found


@pytest.mark.parametrize("name", with_slow_mark(network_names()))
def test_at_least_99_percent_of_node_time_is_mapped_and_every_node_runs_once(name):
    done = capture_model(name, ONE_RUN)
    assert done.mapped_share >= 0.99
    assert done.node_ns > 0
    ran = [(layer.node, layer.op) for layer in done.layers]
    assert sorted(ran) == sorted(varying_nodes(done.model.path))
    (run,) = done.runs
    assert done.node_ns + run.constants_ns <= run.duration_ns


def own_functions_model() -> onnx.ModelProto:
    """A function that calls another and is called twice, with a slope as an attribute."""
    leak = helper.make_node("LeakyRelu", ["t"], ["y"])
    leak.attribute.add(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    twice = helper.make_node("Add", ["x", "x"], ["y"])
    add = helper.make_function("own", "Twice", ["x"], ["y"], [twice], imports[:1])
    block = helper.make_function(
        "own", "Block", ["x", "w"], ["y"],
        [helper.make_node("MatMul", ["x", "w"], ["p"]),
         helper.make_node("Twice", ["p"], ["t"], domain="own"), leak],
        imports, attributes=["slope"],
    )  # fmt: skip
    b = Builder()
    x, w = b.input("x", ["batch", 8]), b.weight(8, 8)
    for slope in (0.1, 0.2):
        x = b.op("Block", x, w, domain="own", slope=slope, name="")
    model = b.model(x, imports={"own": 1})
    model.functions.extend([add, block])
    return model


@pytest.mark.parametrize("level", ["disable", "all"])
def test_own_functions_are_mapped_whole_under_the_names_of_their_layers(tmp_path, level):
    source = saved(own_functions_model(), tmp_path)
    done = capture_model(source, Settings(runs=1, warmup=0, optimize=level), dims={"batch": 2})
    assert done.mapped_share == 1
    layers = load_network(source, dims={"batch": 2}, fuse=False).layers
    assert Counter(a.op for a in layers) == {"MatMul": 2, "Add": 2, "LeakyRelu": 2}
    assert {n for layer in done.layers for n in layer.nodes} == {a.name for a in layers}


@pytest.mark.parametrize("level", ["basic", "extended", "all"])
@pytest.mark.parametrize("name", ["squeezenet", "resnet50", "shufflenet", "densenet121"])
def test_optimised_kernels_are_told_by_the_nodes_that_they_took_in(name, level):
    done = capture_model(name, Settings(runs=1, warmup=0, optimize=level))
    assert done.mapped_share >= 0.99
    # Each product of the file is in one kernel, and that kernel does products of its kind.
    work = [layer for layer in done.layers if "Reorder" not in layer.op]
    owner = {node: layer.op for layer in work for node in layer.nodes}
    times = Counter(node for layer in work for node in layer.nodes)
    products = [(n, op) for n, op in varying_nodes(done.model.path) if op in MATRIX]
    assert products
    for node, op in products:
        assert owner[node] in MATRIX[op]
        assert times[node] == 1
    # Nothing of the file is lost.
    assert set(owner) == {n for n, _ in varying_nodes(done.model.path)}


def test_the_convolution_of_a_fused_kernel_takes_its_activation_with_it():
    done = capture_model("squeezenet", Settings(runs=1, warmup=0, optimize="extended"))
    fused = [layer for layer in done.layers if layer.op == "FusedConv"]
    ops = dict(varying_nodes(done.model.path))
    assert len(fused) == 26
    for layer in fused:
        assert [ops[n] for n in layer.nodes if ops[n] != "Dropout"] == ["Conv", "Relu"]
        assert ops[layer.node] == "Conv"


def test_nodes_have_the_names_that_dfsrt_layers_gives_them(tmp_path):
    b = Builder()
    x = b.input("x", [1, 4])
    y = b.op("Relu", x, name="same")
    y = b.op("Exp", y, name="")
    y = b.op("Neg", y, name="same")
    path = saved(b.model(b.op("Tanh", y, name="Neg_2")), tmp_path)
    nodes = {n for layer in load_network(path, fuse=False).layers for n in layer.nodes}
    done = capture_model(path, ONE_RUN)
    assert [layer.node for layer in done.layers] == ["same", "Exp_1", "Neg_2_", "Neg_2"]
    assert {layer.node for layer in done.layers} == nodes


def test_constants_worked_out_at_run_time_are_no_layers(tmp_path):
    b = Builder()
    x = b.input("x", [2, 3])
    weight = b.op("ConstantOfShape", b.const([2, 3]))
    y = b.op("Add", x, b.op("Exp", weight))
    done = capture_model(saved(b.model(y), tmp_path), Settings(runs=2, warmup=1))
    assert [(layer.run, layer.op) for layer in done.layers] == [(0, "Add"), (1, "Add")]
    assert done.mapped_share == 1.0


def test_warm_up_runs_are_dropped_and_time_counts_from_the_first_run_kept():
    done = capture_model("squeezenet", Settings(runs=3, warmup=2))
    assert len(done.runs) == 3
    assert done.runs[0].start_ns == 0
    ends = [run.start_ns + run.duration_ns for run in done.runs]
    assert all(e <= run.start_ns for e, run in zip(ends, done.runs[1:], strict=False))
    for layer in done.layers:
        run = done.runs[layer.run]
        assert run.start_ns <= layer.start_ns
        assert layer.start_ns + layer.duration_ns <= run.start_ns + run.duration_ns
    assert Counter(layer.run for layer in done.layers) == {0: 66, 1: 66, 2: 66}


def test_an_operator_written_out_at_load_maps_to_its_node(tmp_path):
    b = Builder(opset=21)
    x = b.input("x", [1, 8, 6, 6])
    y = b.op("GroupNormalization", x, b.weight(8), b.weight(8), num_groups=2, name="norm")
    done = capture_model(saved(b.model(b.op("Relu", y, name="act")), tmp_path), ONE_RUN)
    assert len(done.layers) > 2  # no kernel of its own: several do its work
    assert {layer.nodes for layer in done.layers} == {("norm",), ("act",)}
    assert done.mapped_share == 1.0


def test_kernels_inside_a_branch_count_with_the_branch(tmp_path):
    inner = helper.make_graph(
        [helper.make_node("Exp", ["x"], ["e"]), helper.make_node("Neg", ["e"], ["n"])],
        "then",
        [],
        [helper.make_tensor_value_info("n", TensorProto.FLOAT, [64, 64])],
    )
    other = helper.make_graph(
        [helper.make_node("Abs", ["x"], ["a"])],
        "else",
        [],
        [helper.make_tensor_value_info("a", TensorProto.FLOAT, [64, 64])],
    )
    node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=other, name="if")
    graph = helper.make_graph(
        [node],
        "g",
        [
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [64, 64]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [64, 64])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "if.onnx")
    done = capture_model(str(tmp_path / "if.onnx"), ONE_RUN)
    assert [layer.node for layer in done.layers] == ["if"]
    assert done.node_ns <= done.runs[0].duration_ns


def test_open_dimensions_and_indices_are_filled(tmp_path):
    b = Builder()
    tokens = b.input("tokens", ["batch", 5], TensorProto.INT64)
    y = b.op("Gather", b.weight(2, 3), tokens)
    path = saved(b.model(y), tmp_path)
    done = capture_model(path, ONE_RUN, dims={"batch": 2})
    assert [layer.op for layer in done.layers] == ["Gather"]
    with pytest.raises(NetworkError, match="batch"):
        capture_model(path, ONE_RUN)


def test_weights_beside_the_model_are_found_from_any_folder(tmp_path, monkeypatch):
    b = Builder()
    y = b.op("MatMul", b.input("x", [4, 64]), b.weight(64, 64))
    path = tmp_path / "net.onnx"
    model = runnable(b.model(y))
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = capture_model(str(path), ONE_RUN)
    assert [layer.op for layer in done.layers] == ["MatMul"]


def test_a_sigmoid_product_becomes_one_kernel_of_both_nodes(tmp_path):
    b = Builder()
    y = silu(b, b.op("Relu", b.input("x", [32, 32])))
    done = capture_model(
        saved(b.model(y), tmp_path), Settings(runs=1, warmup=0, optimize="extended")
    )
    ops = dict(varying_nodes(tmp_path / "net.onnx"))
    taken = [[ops[n] for n in layer.nodes] for layer in done.layers]
    assert taken == [["Relu"], ["Sigmoid", "Mul"]]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"runs": 0}, "runs 0 is out of range"),
        ({"warmup": -1}, "warmup -1"),
        ({"threads": 0}, "threads 0"),
        ({"seed": -1}, "seed -1"),
        ({"optimize": "most"}, "use one of disable, basic, extended, all"),
    ],
)
def test_settings_out_of_range_are_refused(settings, told):
    with pytest.raises(InputError, match=told):
        Settings(**settings)


def test_more_events_than_the_profiler_keeps_are_refused_before_running():
    with pytest.raises(InputError, match="use --runs"):
        capture_model("resnet50", Settings(runs=10_000))


def test_inputs_of_text_and_models_that_onnxruntime_refuses_are_one_clear_error(tmp_path):
    b = Builder()
    text = b.model(b.op("Identity", b.input("s", [1], TensorProto.STRING)))
    text.graph.output[0].type.tensor_type.elem_type = TensorProto.STRING
    onnx.save(text, tmp_path / "text.onnx")
    with pytest.raises(NetworkError, match="type STRING"):
        capture_model(str(tmp_path / "text.onnx"), ONE_RUN)
    b = Builder()
    x, y = b.input("x", [2, 3]), b.input("y", [4, 5])
    bad = b.model(b.op("MatMul", x, y))
    with pytest.raises(NetworkError, match="onnxruntime cannot load") as caught:
        capture_model(saved(bad, tmp_path), ONE_RUN)
    assert "\n" not in str(caught.value)


def test_the_digest_is_of_the_file_as_it_is(tmp_path):
    import hashlib

    b = Builder()
    path = saved(b.model(b.op("Relu", b.input("x", [2]))), tmp_path)
    stored = Path(path).read_bytes()
    assert named_model(path, Reading()).digest == hashlib.sha256(stored).hexdigest()


def test_the_processor_is_named_and_nothing_else_of_the_machine(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Some  CPU @ 1GHz\nserial\t: 77\n")
    assert cpu_model(info) == "Some CPU @ 1GHz"
    assert cpu_model(tmp_path / "none")


def test_capture_writes_a_trace_folder_that_agrees_with_its_json(dfsrt, tmp_path):
    done = dfsrt("capture", "squeezenet", "-n", 4, "--out", "cap", "--json", "cap.json")
    assert done.returncode == 0, done.stderr
    assert "100.0% of the kernels' time is mapped" in done.stdout
    report = json.loads((tmp_path / "cap.json").read_text())
    trace = load_trace(tmp_path / "cap")
    assert trace.workloads == ("squeezenet",)
    arrivals = trace.arrival_ns.tolist()
    assert len(arrivals) == 4 and arrivals[0] == 0 and arrivals == sorted(arrivals)
    assert set(trace.deadline_ns.tolist()) == {NO_DEADLINE}
    layers = pq.read_table(tmp_path / "cap" / "layers.parquet").to_pydict()
    assert layers.keys() == {"run", "node", "op", "start_ns", "duration_ns", "nodes"}
    assert len(layers["run"]) == 4 * report["kernels"]
    for key, entries in (("op", report["ops"]), ("node", report["layers"])):
        by_run: dict[str, Counter[int]] = {}
        for name, run, ns in zip(*(layers[c] for c in (key, "run", "duration_ns")), strict=True):
            by_run.setdefault(name, Counter())[run] += ns
        medians = {name: np.median(list(times.values())) * 1e-9 for name, times in by_run.items()}
        assert {e[key]: e["time_s"] for e in entries} == pytest.approx(medians)
    assert (trace.card.name, trace.card.kind) == ("cap", "recorded")
    assert trace.card.duration_ns >= arrivals[-1] + min(report["run_s"].values()) * 1e9
    about = read_card_file(tmp_path / "cap" / "card.toml").capture
    assert about["model_sha256"] == report["model_sha256"]


def test_a_file_is_named_from_the_traces_folder(dfsrt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    b = Builder()
    (tmp_path / "models").mkdir()
    saved(b.model(b.op("Relu", b.input("x", [2, 2]))), tmp_path / "models")
    assert dfsrt("capture", "models/net.onnx", "-n", 1, "-o", "cap").returncode == 0
    (workload,) = load_trace(tmp_path / "cap").workloads
    assert (tmp_path / "cap" / workload).is_file()
    done = dfsrt("replay", "cap", "--device", "mdla", "--json", "r.json")
    assert done.returncode == 0, done.stderr


def test_what_is_there_already_is_never_overwritten_and_nothing_is_half_written(dfsrt, tmp_path):
    (tmp_path / "cap").mkdir()
    (tmp_path / "cap" / "mine").write_text("kept")
    done = dfsrt("capture", "squeezenet", "-o", "cap")
    assert done.returncode == 2
    assert "'cap' is there already" in done.stderr
    for wrong in (["nonesuch"], ["squeezenet", "--dim", "no=1"], ["squeezenet", "-n", "0"]):
        done = dfsrt("capture", *wrong, "-o", "new")
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["cap"]
    assert dfsrt("capture", "squeezenet", "-o", "no/such/folder").returncode == 2


def test_a_network_that_dfsrt_builds_is_captured_under_the_name_that_builds_it(dfsrt, tmp_path):
    done = dfsrt("capture", "sd2-scheduler", "--dim", "image=128", "-n", 2, "-o", "cap")
    assert done.returncode == 0, done.stderr
    (workload,) = load_trace(tmp_path / "cap").workloads
    assert workload == "sd2-scheduler:image=128"
    nodes = {n for layer in load_network(workload).layers for n in layer.nodes}
    rows = pq.read_table(tmp_path / "cap" / "layers.parquet").to_pylist()
    assert {n for row in rows for n in row["nodes"]} == nodes


def test_random_inputs_repeat_with_their_seed():
    from dfsrt.network.samples.feeds import random_feeds

    model = named_model("squeezenet", Reading())
    kinds = {i.name: i.type for i in model.proto.graph.input if i.name in model.graph.inputs}
    first, again, other = (random_feeds(kinds, seed) for seed in (1, 1, 2))
    for name in kinds:
        assert np.array_equal(first[name], again[name])
        assert not np.array_equal(first[name], other[name])


def test_a_model_with_stored_weights_in_its_inputs_asks_for_no_values_for_them(tmp_path):
    weight = numpy_helper.from_array(np.ones((3, 3), np.float32), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3]),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, [3, 3]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 3])],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=3)
    onnx.save(model, tmp_path / "old.onnx")
    assert capture_model(str(tmp_path / "old.onnx"), ONE_RUN).mapped_share == 1.0
