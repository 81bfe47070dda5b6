"""``dfsrt optimize`` as users type it."""

from __future__ import annotations

import csv
import json

import numpy as np
import onnx
import onnxruntime
import pytest

from tests.helpers.small_nets import conv_net, only_relu, save, without_weights


@pytest.fixture
def net(tmp_path):
    return save(conv_net(), tmp_path / "net.onnx")


def row_of_run(run):
    """What a row has, from the report of ``dfsrt run``."""
    frames, joules = run["frames"], run["energy_by_domain_j"]
    return {
        "latency_s": run["latency_s"]["mean"],
        "fps": run["fps"],
        "dram_bytes": run["memory"]["dram_bytes"] / frames,
        "energy_j": {name: joules[name] / frames for name in joules},
        "fps_per_w": run["inferences_per_watt_s"],
        "precision": run["precision"],
    }


def test_every_row_has_the_figures_of_a_run_of_its_file(dfsrt, tmp_path, net):
    words = ("--cap", "0.2W", "--device", "rk3588-npu", "--seed", "3")
    done = dfsrt("optimize", "net.onnx", "--steps", "prune:ratio=0.5,int8", *words,
                 "--out", "small.onnx", "--json", "small.json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "small.json").read_text())["rows"]
    assert [row["step"] for row in rows] == ["as given", "prune:ratio=0.5", "int8"]
    for file, row in (("net.onnx", rows[0]), ("small.onnx", rows[-1])):
        run = json.loads(dfsrt("run", file, *words, "--json", "-").stdout)
        own = row_of_run(run)
        assert {name: row[name] for name in own} == own
        assert row["file_bytes"] == (tmp_path / file).stat().st_size
    period = f"{1e9 / rows[0]['fps']:.0f} ns"
    at_rate = json.loads(dfsrt("run", file, *words, "--period", period, "--json", "-").stdout)
    watts = at_rate["energy_by_domain_j"]["total"] / at_rate["time_s"]
    assert row["same_rate_power_w"]["total"] == pytest.approx(watts, rel=1e-3)


def test_the_written_file_runs_in_onnxruntime_and_has_the_zeros(dfsrt, tmp_path, net):
    before = net.read_bytes()
    done = dfsrt("optimize", "net.onnx", "--steps", "prune:ratio=0.75", "--out", "small.onnx")
    assert done.returncode == 0, done.stderr
    assert net.read_bytes() == before
    small = onnx.load(tmp_path / "small.onnx")
    weights = [onnx.numpy_helper.to_array(t) for t in small.graph.initializer]
    zeros = sum((w == 0).sum() for w in weights) / sum(w.size for w in weights)
    assert zeros == pytest.approx(0.75, abs=0.01)
    session = onnxruntime.InferenceSession(str(tmp_path / "small.onnx"))
    (y,) = session.run(None, {"x": np.ones((1, 3, 8, 8), np.float32)})
    assert y.shape == (1, 4)


def test_random_data_are_called_so_in_the_first_line(dfsrt, net):
    done = dfsrt("optimize", "net.onnx", "--steps", "prune")
    assert "no network was trained on random data" in done.stdout.splitlines()[0]


def test_digits_come_with_their_data_and_accuracy(dfsrt):
    done = dfsrt("optimize", "digits", "--steps", "prune:ratio=0", "--samples", "8", "--json", "-")
    report = json.loads(done.stdout)
    assert report["samples"] == 450
    assert not report["random"]
    given, same = report["rows"]
    assert given["fidelity"]["accuracy"] == pytest.approx(440 / 450)
    assert same["fidelity"] == {**given["fidelity"], "sqnr_db": None, "same": 1.0}
    assert same["verdict"] == "no effect"


def test_all_files_are_written_and_say_the_same(dfsrt, tmp_path, net):
    names = {"--json": "a.json", "--csv": "a.csv", "--html": "a.html", "--figure": "a.svg"}
    words = [word for pair in names.items() for word in pair]
    done = dfsrt("optimize", "net.onnx", "--steps", "prune:ratio=0.9", "--per-layer", *words)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "a.json").read_text())
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == [row["step"] for row in report["rows"]]
    assert float(rows[1]["energy_j.total"]) == report["rows"][1]["energy_j"]["total"]
    assert "made smaller for rk3588-npu" in (tmp_path / "a.html").read_text()
    assert "<svg" in (tmp_path / "a.svg").read_text()
    known = [layer["sqnr_db"] for layer in report["layers"] if layer["sqnr_db"] is not None]
    assert known == sorted(known)
    assert f"worst layer: {report['layers'][0]['name']}" in done.stdout


def test_a_network_of_sizes_alone_has_bytes_and_joules_but_no_answers(dfsrt, tmp_path):
    done = dfsrt("optimize", "squeezenet", "--steps", "int8", "--json", "a.json")
    assert done.returncode == 0, done.stderr
    assert "sizes alone" in done.stdout.splitlines()[0]
    given, int8 = json.loads((tmp_path / "a.json").read_text())["rows"]
    assert given["file_bytes"] is given["fidelity"] is int8["fidelity"] is None
    assert int8["weight_bytes"] < 0.3 * given["weight_bytes"]
    assert int8["verdict"] == "bytes only"
    assert "--precision fp16" in int8["reasons"][0]


def test_what_a_step_quantizes_keeps_its_own_precision_beside_what_is_asked_for(dfsrt, net):
    done = dfsrt("optimize", "net.onnx", "--steps", "int8", "--precision", "fp16", "--json", "-")
    given, int8 = json.loads(done.stdout)["rows"]
    assert (given["precision"], int8["precision"]) == ("fp16", "int8")
    assert int8["dram_bytes"] < given["dram_bytes"]
    assert int8["verdict"] in ("speed", "energy only")


def test_the_list_of_transforms_has_a_line_for_each(dfsrt):
    from dfsrt.optimize import transform_names

    lines = dfsrt("list", "transforms").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(transform_names())


def test_no_file_is_written_over_the_input(dfsrt, tmp_path, net):
    before = net.read_bytes()
    (tmp_path / "again.onnx").symlink_to("net.onnx")
    for out in ("net.onnx", "./net.onnx", "again.onnx"):
        done = dfsrt("optimize", "net.onnx", "--steps", "prune", "--out", out)
        assert done.returncode == 2
        assert "an input; give the output another name" in done.stderr
        assert net.read_bytes() == before


def labels(count, of=4):
    return {"x": np.ones((count, 3, 8, 8), np.float32), "labels": np.arange(count) % of}


BAD = {
    "no weights": (lambda: without_weights(conv_net()), {}, "prune", "no values"),
    "open sizes": (lambda: conv_net("batch"), {}, "prune", "batch"),
    "nothing to prune": (only_relu, {}, "prune", "prune"),
    "a ratio outside": (conv_net, {}, "prune:ratio=1.5", "1.5"),
    "an unknown step": (conv_net, {}, "shrink", "shrink"),
    "an empty step": (conv_net, {}, "int8,,prune", "empty"),
    "another shape": (conv_net, {"x": np.ones((4, 1, 8, 8), np.float32)}, "int8", "shape"),
    "another type": (conv_net, {"x": np.ones((4, 3, 8, 8), complex)}, "int8", "complex"),
    "too few labels": (conv_net, labels(4) | {"labels": np.arange(3)}, "int8", "labels"),
    "labels of no class": (conv_net, labels(4) | {"labels": np.full(4, 9)}, "int8", "9"),
    "an old opset": (lambda: conv_net(opset=4), {}, "int8", "operator set 4"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(dfsrt, tmp_path, case):
    make, arrays, steps, said = BAD[case]
    save(make(), tmp_path / "net.onnx")
    np.savez(tmp_path / "data.npz", **(arrays or labels(4)))
    before = sorted(p.name for p in tmp_path.iterdir())
    words = ("--data", "data.npz") if arrays else ("--data", "random")
    done = dfsrt("optimize", "net.onnx", "--steps", steps, *words, "--out", "small.onnx",
                 "--json", "a.json", "--html", "a.html")  # fmt: skip
    assert done.returncode == 2, done.stdout
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert said in line
    assert sorted(p.name for p in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("squeezenet", "--steps", "int8", "--out", "small.onnx"), "sizes alone"),
        (("squeezenet", "--steps", "int8", "--data", "random"), "sizes alone"),
        (("infinite-zoom", "--steps", "int8"), "pipeline"),
        (("net.onnx",), "--steps"),
        (("net.onnx", "--steps", "int8", "--data", "nowhere"), "nowhere"),
        (("net.onnx", "--steps", "prune", "--out", "small.txt"), ".onnx"),
        (("net.onnx", "--steps", "prune", "--device", "nothing"), "nothing"),
        (("net.onnx", "--steps", "prune", "--json", "a", "--csv", "a"), "two outputs"),
    ],
)
def test_what_makes_no_sense_is_one_line_that_says_what_to_do(dfsrt, net, words, said):
    done = dfsrt("optimize", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
