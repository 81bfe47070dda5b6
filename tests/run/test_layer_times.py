"""Runs and replays by measured times: a replay takes what its capture took, layer by layer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.capture import Settings, capture_model, write_capture
from dfsrt.network import load_network
from dfsrt.power.at_memory import table_at
from dfsrt.report.api import Job
from dfsrt.trace.load import load_trace
from tests.network.builders import Builder, runnable

TOP = 10**9
"""The highest clock of rk3588-npu, the default device."""


def hand_made(folder: Path, network: str, time_ns, nodes=None, **about) -> str:
    """A capture of one run in which each node of a network takes ``time_ns(place)``."""
    nodes = nodes or [n for layer in load_network(network).layers for n in layer.nodes]
    folder.mkdir()
    rows = {
        "run": [0] * len(nodes),
        "node": nodes,
        "op": ["Op"] * len(nodes),
        "start_ns": list(range(len(nodes))),
        "duration_ns": [time_ns(i) for i in range(len(nodes))],
        "nodes": [[n] for n in nodes],
    }
    pq.write_table(pa.table(rows), folder / "layers.parquet")
    if about:
        lines = "".join(f'{key} = "{value}"\n' for key, value in about.items())
        (folder / "card.toml").write_text(f'source = "by hand"\n[capture]\n{lines}')
    return f"capture:{folder}"


def took_ns(result):
    """How long the NPU worked on each request of a trace that lets none wait inside another."""
    columns = result.request_columns()
    return (columns["finish_ns"] - columns["start_ns"]).tolist()


@pytest.fixture(scope="module", params=["disable", "all"])
def recorded(request, tmp_path_factory):
    """A small network that onnxruntime ran four times, and its capture's folder."""
    folder = tmp_path_factory.mktemp(request.param)
    b = Builder()
    x = b.input("x", [1, 8, 32, 32])
    for _ in range(3):
        x = b.op("Relu", b.op("Conv", x, b.weight(8, 8, 3, 3), pads=[1, 1, 1, 1]))
    shape = b.op("Slice", b.op("Shape", x), b.const([0]), b.const([1]))
    flat = b.op("Reshape", x, b.op("Concat", shape, b.const([-1]), axis=0))
    y = b.op("Sigmoid", b.op("MatMul", flat, b.weight(8 * 32 * 32, 10)))
    onnx.save(runnable(b.model(y)), folder / "net.onnx")
    done = capture_model(
        str(folder / "net.onnx"), Settings(runs=4, warmup=1, optimize=request.param)
    )
    write_capture(done, folder / "cap")
    return done, folder / "cap"


def test_a_replay_takes_what_its_capture_took(recorded):
    """Each request as long as the kernels of a run on average, all of them what all runs took."""
    done, folder = recorded
    result = Job(str(folder), layer_times=f"capture:{folder}", cap="none").run("performance")
    layers, runs = len(result.run.job.table.load.names), len(done.runs)
    one = done.node_ns / runs
    assert took_ns(result) == pytest.approx([one] * runs, abs=layers)
    assert result.run.book.busy_ns == pytest.approx(done.node_ns, abs=layers * runs)
    report = result.report
    assert report.layer_times == f"capture:{folder}"
    assert report.layer_times_hz == TOP
    assert report.busy_share * report.time_s == pytest.approx(done.node_ns * 1e-9, rel=1e-3)
    assert any(done.cpu in note and done.version in note for note in report.notes)


def test_a_trace_of_any_requests_takes_as_many_times_one_run(recorded, tmp_path):
    done, folder = recorded
    (net,) = load_trace(folder).workloads
    rows = "".join(f"{i * 1000},{net}\n" for i in range(7))
    (tmp_path / "seven.csv").write_text(f"arrival_ns,workload\n{rows}")
    job = Job(str(tmp_path / "seven.csv"), layer_times=f"capture:{folder}", layer_times_at="600MHz")
    result = job.run("userspace:freq=600MHz")
    layers = len(job.table.load.names)
    assert took_ns(result) == pytest.approx([done.node_ns / 4] * 7, abs=layers)
    assert sum(took_ns(result)) == pytest.approx(7 * done.node_ns / 4, abs=7 * layers)


def test_the_terminal_replays_a_capture_by_its_own_times(dfsrt, tmp_path):
    assert dfsrt("capture", "squeezenet", "-n", 2, "-o", "cap", "--json", "c.json").returncode == 0
    said = (
        "replay",
        "cap",
        "--layer-times",
        "capture:cap",
        "-g",
        "performance",
        "--json",
        "r.json",
    )
    done = dfsrt(*said)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    kernels = json.loads((tmp_path / "c.json").read_text())
    one = sum(op["time_s"] for op in kernels["ops"])
    assert report["stages"][0]["time_s"] == pytest.approx(2 * one, abs=2 * 39e-9)
    assert report["layer_times"] == "capture:cap"
    assert f"on {kernels['machine']}, 1 thread" in done.stdout


def test_a_run_worked_by_hand(tmp_path):
    """Every node took 1 ms at 500 MHz. systolic-128 has an ideal memory and no launch, so that all
    of a layer's time goes with the clock: at 1 GHz half of it, at 250 MHz twice."""
    source = hand_made(tmp_path / "cap", "alexnet", lambda _: 10**6)
    table = Job("alexnet", device="systolic-128", layer_times=source, layer_times_at="500MHz").table
    freqs = table.npu.opps.freqs_hz
    for cost, ns in zip(table.costs, table.duration_ns.tolist(), strict=True):
        at_500 = len(cost.layer.nodes) * 10**6
        for freq, time in zip(freqs, ns, strict=True):
            if cost.compute_cycles > 1000:
                assert time == pytest.approx(at_500 * 500e6 / freq, rel=1e-3)
            assert freq != 500_000_000 or time == at_500


def test_what_waits_for_memory_gets_no_faster(tmp_path):
    plain = Job("alexnet").table
    source = hand_made(tmp_path / "cap", "alexnet", lambda i: 10**6 + i)
    table = Job("alexnet", layer_times=source).table
    for own, ns in zip(plain.duration_ns.tolist(), table.duration_ns.tolist(), strict=True):
        for level, time in enumerate(ns):
            assert time == pytest.approx(ns[-1] * own[level] / own[-1], abs=1)


@given(
    times=st.lists(st.integers(0, 10**7), min_size=24, max_size=24),
    level=st.integers(0, 7),
    network=st.sampled_from(["alexnet", "zfnet512"]),
)
def test_times_add_up_at_the_measured_clock_and_follow_others_by_no_more_than_all_of_them(
    tmp_path_factory, times, level, network
):
    nodes = [n for layer in load_network(network).layers for n in layer.nodes]
    source = hand_made(tmp_path_factory.mktemp("c") / "cap", network, lambda i: times[i % 24])
    freq = Job(network).npu.opps.freqs_hz[level]
    table = table_at(Job(network, layer_times=source, layer_times_at=freq).table, -1)
    whole = sum(times[i % 24] for i in range(len(nodes)))
    layers = len(table.load.names)
    assert abs(int(table.duration_ns[:, level].sum()) - whole) <= layers
    assert (np.diff(table.duration_ns, axis=1) <= 0).all()
    assert table.duration_ns.min() >= 1
    at, freqs = table.duration_ns[:, [level]], np.array(table.npu.opps.freqs_hz)
    all_follow = at * freqs[level] / freqs
    assert (table.duration_ns >= np.minimum(at, all_follow) - 1).all()
    assert (table.duration_ns <= np.maximum(at, all_follow) + 1).all()


def test_energy_is_the_models_for_such_times(tmp_path):
    """What a layer switches is the same; what flows all the time, leakage, goes with its length."""
    plain = Job("alexnet", cap="none", frames=1)
    slow = Job(
        "alexnet", cap="none", frames=1,
        layer_times=hand_made(tmp_path / "cap", "alexnet", lambda _: 10**7),
    )  # fmt: skip
    before, after = plain.run("performance").report, slow.run("performance").report
    longer = after.time_s / before.time_s
    assert longer > 2
    first, then = before.energy_breakdown_j, after.energy_breakdown_j
    assert then["switching"] == pytest.approx(first["switching"], rel=1e-9)
    assert then["leakage"] == pytest.approx(first["leakage"] * longer, rel=1e-9)
    standby_w = plain.table.plant.standby.work_w[-1]
    moved = [r.outside_domain_j["dram"] - standby_w * r.time_s for r in (before, after)]
    assert moved[1] == pytest.approx(moved[0])


def test_a_networks_own_times_as_a_capture_change_nothing(tmp_path):
    """Fed back what dfsrt itself reckons, a run is the same to the last bit, at every clock."""
    plain = Job("squeezenet", frames=3)
    nodes = [cost.layer.nodes[0] for cost in plain.table.costs]
    own = table_at(plain.table, -1).duration_ns[:, 4].tolist()
    source = hand_made(tmp_path / "cap", "squeezenet", lambda i: own[i], nodes)
    told = Job("squeezenet", frames=3, layer_times=source, layer_times_at="700MHz")
    assert np.array_equal(told.table.duration_ns, plain.table.duration_ns)
    first, second = plain.run().report, told.run().report
    assert (first.time_s, first.energy_j) == (second.time_s, second.energy_j)


def test_layers_without_a_time_keep_the_models_and_are_counted(tmp_path):
    plain = Job("squeezenet").table
    products = [c.layer.nodes[0] for c in plain.costs if c.layer.gemms]
    source = hand_made(tmp_path / "cap", "squeezenet", lambda _: 10**6, products)
    table = Job("squeezenet", layer_times=source).table
    for cost, own, ns in zip(table.costs, plain.duration_ns, table.duration_ns, strict=True):
        assert ns[-1] == (10**6 if cost.layer.gemms else own[-1])
    left = len(plain.costs) - len(products)
    assert any(f"{left} layers without a measured time keep" in note for note in table.notes)


def test_times_that_the_device_could_not_reach_are_said(tmp_path):
    source = hand_made(tmp_path / "cap", "alexnet", lambda _: 1)
    assert any(
        "so that their watts are too high" in n
        for n in Job("alexnet", layer_times=source).table.notes
    )


def test_each_network_of_a_trace_has_its_own_times(tmp_path):
    (tmp_path / "two.csv").write_text("arrival_ns,workload\n0,alexnet\n0,zfnet512\n")
    sources = {
        "alexnet": hand_made(tmp_path / "a", "alexnet", lambda _: 10**6),
        "zfnet512": hand_made(tmp_path / "b", "zfnet512", lambda _: 10**7),
    }
    table = Job(str(tmp_path / "two.csv"), layer_times=sources).table
    for (first, last), (name, each) in zip(
        table.sections, {"alexnet": 10**6, "zfnet512": 10**7}.items(), strict=True
    ):
        nodes = [n for layer in load_network(name).layers for n in layer.nodes]
        assert table.duration_ns[first:last, -1].sum() == each * len(nodes)
    one = Job(str(tmp_path / "two.csv"), layer_times={"zfnet512": sources["zfnet512"]}).table
    assert np.array_equal(
        one.duration_ns[slice(*one.sections[0])],
        Job("alexnet").table.duration_ns,
    )
    assert one.layer_times == (sources["zfnet512"],)


def test_a_scenario_names_its_times_beside_itself(tmp_path):
    hand_made(tmp_path / "cap", "squeezenet", lambda _: 10**6)
    (tmp_path / "s.toml").write_text(
        Path("dfsrt/run/shelf/camera-detection-phone.toml")
        .read_text()
        .replace("device =", 'layer_times = "capture:cap"\nlayer_times_at = "500MHz"\ndevice =', 1)
    )
    report = Job(str(tmp_path / "s.toml"), until="4s").run().report
    assert report.layer_times == f"capture:{tmp_path / 'cap'}"
    assert report.layer_times_hz == 500_000_000


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            {"at": "601MHz"},
            "rk3588-npu has no such clock; give --layer-times-at with one of 300 MHz, 400 MHz",
        ),
        ({"at": "fast"}, "'fast' is not a quantity in Hz"),
        ({"at": "-1Hz"}, "layer times at"),
        ({"of": None, "at": "1GHz"}, "no layer times hold at '1GHz', for none are given"),
        ({"of": {"": "{}", "alexnet": "{}"}}, "stands beside others and names no network"),
        ({"of": {"squeezenet": "{}"}}, "unknown network with layer times 'squeezenet'"),
        ({"of": "here"}, "that is not KIND:FILE"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path, said, says):
    source = hand_made(tmp_path / "cap", "alexnet", lambda _: 10**6)
    of = said.get("of", source)
    of = dict.fromkeys(of, source) if isinstance(of, dict) else of
    with pytest.raises(InputError, match=says) as caught:
        _ = Job("alexnet", layer_times=of, layer_times_at=said.get("at")).table
    assert "\n" not in str(caught.value)


def test_one_source_for_several_networks_and_two_for_one_are_refused(tmp_path):
    source = hand_made(tmp_path / "cap", "alexnet", lambda _: 10**6)
    (tmp_path / "two.csv").write_text("arrival_ns,workload\n0,alexnet\n0,zfnet512\n")
    with pytest.raises(InputError, match="is of one network, and the load runs alexnet and zf"):
        _ = Job(str(tmp_path / "two.csv"), layer_times=source).table
    b = Builder()
    onnx.save(runnable(b.model(b.op("Relu", b.input("x", [4]), name="r"))), tmp_path / "n.onnx")
    file = str(tmp_path / "n.onnx")
    with pytest.raises(InputError, match=r"layer times of 'n' is said twice, as '.*n\.onnx' and"):
        _ = Job(file, layer_times={file: "capture:a", "n": "capture:b"}).table


def test_a_capture_of_another_file_is_known_by_its_digest(tmp_path):
    """alexnet and zfnet512 call their nodes alike."""
    other = {"model": "zfnet512", "model_sha256": "0" * 64}
    strange = hand_made(tmp_path / "a", "alexnet", lambda _: 10**6, **other)
    with pytest.raises(InputError, match="were captured of 'zfnet512', not of 'alexnet'; capture"):
        _ = Job("alexnet", layer_times=strange).table
    trained = hand_made(tmp_path / "b", "alexnet", lambda _: 1, **{**other, "model": "alexnet"})
    notes = Job("alexnet", layer_times=trained).table.notes
    assert any("was captured of another file than the 'alexnet' that runs" in n for n in notes)


def test_the_shelfs_capture_is_replayed_to_the_nanosecond():
    """20 requests, 3,520 kernels: docs/replay.md and decision 0041 show it."""
    table = pq.read_table("traces/resnet50-xeon/layers.parquet")
    job = Job("resnet50-xeon", layer_times="capture:resnet50-xeon", cap="none")
    assert job.run("performance").run.book.busy_ns == sum(table["duration_ns"].to_pylist())
    assert len(table) == 3520
