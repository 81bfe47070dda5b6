"""Every option of a run changes what is reported, or what is written; or says why it cannot."""

from __future__ import annotations

import json
import re

import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dfsrt.cli import main as entry
from dfsrt.cli.load_options import LoadOptions
from dfsrt.cli.said import as_typed, option_of
from dfsrt.network import load_network
from dfsrt.run.fit import UNFIT
from tests.cli.test_options_of_loads import OTHERS, SPOKEN, WRITTEN
from tests.network.builders import Builder

PIPELINE = """
format = 1
name = "two"
description = "a network and some work on the host"
source = "a test"
[[stage]]
name = "resize"
host = { ns_per_pixel = 4.0, pixels = [640, 480], source = "a test", low = 1.0, high = 10.0 }
[[stage]]
name = "find"
network = "squeezenet"
"""
REQUESTS = """arrival_ns,workload,deadline_ns,priority,session
0,squeezenet,700000,0,a
1000,squeezenet,2000000,0,b
2000,alexnet,,0,a
3000,squeezenet,300000,1,a
9000000,squeezenet,700000,0,b
"""
FOUR_BITS = """
class FourBits:
    def apply(self, model, data):
        return model

    def on_sizes(self, network):
        return network.as_precision("w4a8")
"""
LOADS = {
    "network": ("squeezenet", "-n", "4"),
    "pipeline": ("two.toml", "-n", "4"),
    "trace": ("requests.csv",),
    "scenario": ("voice-glasses", "--until", "4s"),
}
BOUND = ("--power-model", "rk3588-npu")
CHANGED = {
    "device": ((), "mdla"),
    "cap": ((), "0.3 W"),
    "frames": ((), "7"),
    "period": ((), "40ms"),
    "deadline": ((), "50ms"),
    "until": ((), "2 requests"),
    "discipline": ((), "edf"),
    "drop": ((), "late"),
    "idle": ((), "teo"),
    "idle_rail": ((), "lowest"),
    "memory": ((), "528MHz"),
    "blind": (("--memory", "528MHz"), None),
    "parallel": ((), "2"),
    "prefetch": ((), "weights"),
    "loop": ((), "closed"),
    "repeat": ((), "2"),
    "time_scale": ((), "0.5"),
    "ambient": ((), "35 C"),
    "cap_at": ((), "200us=0.5W"),
    "cap_domain": ((), "system"),
    "cap_window": ((), "1ms"),
    "power_model": ((), "datasheet"),
    "confidence": (BOUND, "99%"),
    "precision": ((), "fp16"),
    "steps": ((), "four.py:FourBits"),
    "no_fuse": ((), None),
    "seed": ((), "7"),
    "correct": ((), None),
    "detail": ((), "request"),
    "governor": ((), "powersave"),
    "mapper": ((), "weight"),
    "schedule": ((), "resident"),
    "dram": ((), "lpddr4-3200"),
}
"""Options with what else both runs are told, and a value that shows in the report."""
ELSEWHERE = (
    "step",
    "dim",
    "set",
    "branch",
    "trips",
    "unknown_ops",
    "kv_cache",
    "cycles",
    "prompt",
    "tokens",
    "activity",
    "activity_known",
    "layer_times",
    "layer_times_at",
)
"""Options with a test of their own."""


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """Type a command in a folder with the loads; returns its report, or what it says instead."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.toml").write_text(PIPELINE)
    (tmp_path / "four.py").write_text(FOUR_BITS)
    (tmp_path / "requests.csv").write_text(REQUESTS)
    (tmp_path / "odd.csv").write_text(re.sub("squeezenet|alexnet", "odd.onnx", REQUESTS))
    b = Builder()
    x = b.input("x", ["batch", 64])
    b.op("Relu", b.op("MatMul", x, b.weight(64, 64)))
    odd = onnx.helper.make_node("NoSuchOp", ["matmul_2"], ["z"], domain="my.own")
    b.nodes.append(odd)
    model = b.model("z", imports={"my.own": 1})
    shape = onnx.helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, ["batch", 64])
    model.graph.output[0].CopyFrom(shape)
    onnx.save(model, tmp_path / "odd.onnx")

    def type_(*words):
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        monkeypatch.setattr("sys.argv", ["dfsrt", *words, "--json", str(report)])
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        said = capsys.readouterr()
        if stopped.value.code == 0:
            return json.loads(report.read_text())
        assert stopped.value.code == 2
        assert said.err.count("\n") == 1
        return said.err

    return type_


def fitting(options):
    return [
        pytest.param(kind, option, id=f"{kind} {as_typed(option)}")
        for kind in LOADS
        for option in options
        if option not in {option_of(field) for field in UNFIT[kind]}
    ]


def test_the_tables_know_every_option():
    declared = set(LoadOptions.__dataclass_fields__)
    assert declared == {*CHANGED, *ELSEWHERE, *WRITTEN, *OTHERS}
    assert set(SPOKEN) <= {*CHANGED, *ELSEWHERE}


@pytest.mark.parametrize(("kind", "option"), fitting(CHANGED))
def test_an_option_changes_the_report(typed, kind, option):
    also, value = CHANGED[option]
    words = [word for word in LOADS[kind] if option != "frames" or word not in ("-n", "4")]
    before = typed("run", *words, *also)
    after = typed("run", *words, *also, as_typed(option), *([] if value is None else [value]))
    assert isinstance(after, dict), after
    assert after != before


@pytest.mark.parametrize("kind", LOADS)
def test_every_engine_says_the_same(typed, kind):
    reports = [typed("run", *LOADS[kind], "--step", step) for step in ("layer", "kernel")]
    assert reports[0] == reports[1]


@pytest.mark.parametrize("load", ["odd.onnx", "odd.csv"])
def test_sizes_and_unknown_operators_are_told_for_networks_and_traces(typed, load):
    fine = ("--dim", "batch=2", "--unknown-ops", "memory")
    assert "--dim batch=1" in typed("run", load, *fine[2:])
    assert "--unknown-ops memory" in typed("run", load, *fine[:2])
    small, large = typed("run", load, *fine), typed("run", load, "--dim", "batch=64", *fine[2:])
    assert isinstance(small, dict), small
    assert small["unknown_ops"] == {"NoSuchOp": 1}
    assert large["latency_s"]["p50"] > small["latency_s"]["p50"]


def test_a_language_model_reads_and_writes_as_many_tokens_as_are_said(typed):
    model = ("run", "llm:qwen2.5-0.5b", "-n", "2", "--governor", "performance")
    said = typed(*model, "--prompt", "40", "--tokens", "3")
    assert (said["tokens"]["prompt"], said["tokens"]["written"]) == (80, 6)
    assert [(stage["name"], stage["calls"]) for stage in said["stages"]] == [
        ("prefill", 2), ("decode", 4)
    ]  # fmt: skip


def test_cycles_of_another_simulator_are_read(typed):
    assert "nowhere.csv" in typed("run", "squeezenet", "--cycles", "scalesim:nowhere.csv")


ZEROS = {
    "network": ("squeezenet",),
    "pipeline": ("squeezenet",),
    "trace": ("squeezenet", "alexnet"),
    "scenario": (),
}


@pytest.mark.parametrize("kind", LOADS)
def test_measured_zeros_reach_the_plant_and_if_told_the_power_model(typed, kind, tmp_path):
    words = ["run", *LOADS[kind]]
    names = ZEROS[kind] or typed(*words)["network"].split("+")
    for name in names:
        rows = [f"{a.name},0.9,0.1\n" for a in load_network(name).layers if a.gemms]
        head = "layer,zero_inputs,zero_weights\n"
        (tmp_path / f"{name}.csv").write_text(head + "".join(rows))
    told = [word for name in names for word in ("--activity", f"{name}={name}.csv")]
    before, after = typed(*words), typed(*words, *told)
    known = typed(*words, *told, "--activity-known")
    assert before["activity"] is None
    assert all(f"{name}.csv (sha256 " in after["activity"] for name in names)
    assert after["energy_breakdown_j"] != before["energy_breakdown_j"]
    assert known["prediction"] != after["prediction"]
    assert any("the power model is told" in note for note in known["notes"])


def captured(folder, network, time_ns=500_000):
    """A capture by hand: every node of a network takes the same time."""
    nodes = [n for layer in load_network(network).layers for n in layer.nodes]
    folder.mkdir()
    rows = len(nodes)
    table = {
        "run": [0] * rows,
        "node": nodes,
        "op": ["Op"] * rows,
        "start_ns": list(range(rows)),
        "duration_ns": [time_ns] * rows,
        "nodes": [[n] for n in nodes],
    }
    pq.write_table(pa.table(table), folder / "layers.parquet")
    return f"capture:{folder.name}"


@pytest.mark.parametrize("kind", LOADS)
def test_measured_times_drive_every_kind_of_load(typed, kind, tmp_path):
    words = ["run", *LOADS[kind]]
    names = ZEROS[kind] or typed(*words)["network"].split("+")
    told = []
    for name in names:
        told += ["--layer-times", f"{name}={captured(tmp_path / name, name)}"]
    before, after = typed(*words), typed(*words, *told)
    slower = typed(*words, *told, "--layer-times-at", "500MHz")
    assert before["layer_times"] is before["layer_times_hz"] is None
    assert after["layer_times"] == ", ".join(f"capture:{name}" for name in names)
    assert after["layer_times_hz"] == 10**9
    assert slower["layer_times_hz"] == 500 * 10**6
    assert after["busy_share"] != before["busy_share"] or after["time_s"] != before["time_s"]
    assert slower["energy_j"] != after["energy_j"]
    assert any("are measured" in note for note in after["notes"])


NETWORKS = {
    ("layers", "alexnet", "-d", "rk3588-npu"): {
        "device": "mdla", "precision": "fp16", "no_fuse": None, "mapper": "half-buffer",
        "schedule": "resident", "dram": "ddr3-1600",
    },
    ("memory", "tiny-images"): {
        "device": "mdla", "mapper": "weight", "schedule": "resident", "buffer": "8KiB",
        "dram": "ddr3-1600", "precision": "fp16", "no_fuse": None, "no_policies": None,
    },
    ("memory", "compare", "tiny-images", "--buffer", "8KiB"): {
        "device": "mdla", "mapper": "weight", "schedule": "resident", "precision": "fp16",
        "no_fuse": None,
    },
    ("frontier", "alexnet", "--between", "0", "-g", "dfs"): {
        "device": "mdla", "cap": "0.6 W", "governors": "dvfs", "between": "3", "period": "40ms",
        "cap_domain": "system", "power_model": "datasheet", "precision": "fp16", "no_fuse": None,
        "schedule": "best", "dram": "lpddr4-3200",
    },
    ("frontier", "alexnet", "--between", "0", "-g", "dfs", "--period", "40ms"): {
        "idle": "oracle", "idle_rail": "lowest",
    },
    ("frontier", "alexnet", "--between", "0", "-g", "dfs", *BOUND): {"confidence": "99%"},
    ("predict", "alexnet"): {
        "power_model": "mdla", "cap": "0.6 W", "confidence": "80%", "precision": "fp16",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "option", "value"),
    [(words, *pair) for words, said in NETWORKS.items() for pair in said.items()],
)
def test_an_option_of_a_networks_commands_changes_what_they_say(typed, words, option, value):
    before = typed(*words)
    after = typed(*words, as_typed(option), *([] if value is None else [value]))
    assert isinstance(after, dict), after
    assert after != before


def test_what_needs_a_device_says_so(typed):
    for said in (("--precision", "fp16"), ("--cycles", "scalesim:nowhere.csv")):
        assert f"{said[0]} needs --device" in typed("layers", "alexnet", *said)


@pytest.mark.parametrize(("kind", "option"), fitting(WRITTEN))
def test_a_file_is_written_beside_the_same_report(typed, kind, option, tmp_path):
    if option == "json":
        return
    words = ("run", *LOADS[kind], *([] if kind == "scenario" else ["--detail", "request"]))
    plain, report = typed(*words), typed(*words, as_typed(option), WRITTEN[option])
    assert isinstance(report, dict), report
    assert (tmp_path / WRITTEN[option]).stat().st_size > 0
    assert report["requests"] == plain["requests"]
    assert report["energy_j"] == pytest.approx(plain["energy_j"], rel=1e-12)
    assert report["transitions"] == plain["transitions"]


@pytest.mark.parametrize("kind", LOADS)
def test_layers_are_printed_with_any_load(typed, kind, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["dfsrt", "run", *LOADS[kind], "--per-layer"])
    typed("run", *LOADS[kind])
    monkeypatch.setattr("sys.argv", ["dfsrt", "run", *LOADS[kind], "--per-layer"])
    with pytest.raises(SystemExit):
        entry.main()
    assert "held by" in capsys.readouterr().out


@pytest.mark.parametrize("kind", LOADS)
@pytest.mark.parametrize("verb", ["run", "compare"])
def test_governors_are_compared_with_a_regret(typed, kind, verb):
    report = typed(verb, *LOADS[kind], "-g", "dfs", "-g", "optimal,performance")
    assert [run["governor"] for run in report["runs"]] == ["dfs", "optimal", "performance"]
    assert report["kind"] == kind
    if kind != "scenario":  # its limits change as it runs
        assert report["runs"][1]["regret"]["time"] == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(("kind", "option"), [(k, o) for k in LOADS for o in ("figure", "html")])
def test_a_comparison_is_drawn(typed, kind, option, tmp_path):
    assert "runs" in typed("compare", *LOADS[kind], "-g", "dfs", as_typed(option), WRITTEN[option])
    assert (tmp_path / WRITTEN[option]).stat().st_size > 0


@pytest.mark.parametrize("kind", LOADS)
def test_a_stop_at_requests_ends_when_the_last_of_them_has_finished(typed, kind):
    report = typed("run", *LOADS[kind], "--until", "3 requests")
    assert report["frames"] == 3
