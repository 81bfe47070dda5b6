"""``dfsrt measure``, ``train``, ``models`` and ``predict``, as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dfsrt.power.learn.check import check_files
from dfsrt.power.models import open_model


@pytest.fixture
def samples(dfsrt, tmp_path):
    done = dfsrt(
        "measure", "--device", "rk3588-npu", "--network", "alexnet", "--network", "squeezenet",
        "--network", "zfnet512", "--sweep", 40, "--out", "samples.parquet",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "samples in samples.parquet" in done.stdout
    return tmp_path / "samples.parquet"


def test_the_way_from_a_device_to_a_plan_with_ones_own_model(dfsrt, samples, tmp_path):
    done = dfsrt("train", samples, "--out", "mine")
    assert done.returncode == 0, done.stderr
    assert "on networks held out" in done.stdout
    assert (tmp_path / "mine" / "figure.png").read_bytes()[:4] == b"\x89PNG"
    check_files(tmp_path / "mine")
    assert dfsrt("models", "check", "mine").returncode == 0
    run = dfsrt("run", "vgg19", "--power-model", "mine", "--confidence", "90%", "--json", "-")
    report = json.loads(run.stdout)
    assert report["power_model"] == "mine"
    assert report["prediction"]["confidence"] == 0.9
    assert report["prediction"]["under_share"] < 0.1
    shown = dfsrt("models", "show", "mine", "--json", "-", "--figure", "f.svg")
    assert json.loads(shown.stdout)["name"] == "mine"
    assert b"<svg" in (tmp_path / "f.svg").read_bytes()


def test_a_prediction_has_every_layer_with_its_bound(dfsrt):
    done = dfsrt("predict", "resnet50", "--power-model", "h100-sxm", "--json", "-")
    report = json.loads(done.stdout)
    assert len(report["layers"]) == report["totals"]["layers"] == 175
    first = report["layers"][0]
    assert first["name"] == "n0"
    assert first["op"] == "Conv"
    assert first["precision"] == "fp32"
    assert first["power_w"] < first["power_upper_w"]
    assert set(first) == {
        "name", "op", "precision", "power_w", "power_upper_w", "latency_s", "clock_hz", "in_range",
        "cap_unreachable",
    }  # fmt: skip
    card = open_model("h100-sxm").card
    between_s = card.whole.switch_s * len(report["layers"])
    latency_s = sum(a["latency_s"] for a in report["layers"]) + between_s
    energy_j = sum(a["power_w"] * a["latency_s"] for a in report["layers"])
    assert report["totals"]["latency_s"] == pytest.approx(latency_s)
    assert report["totals"]["energy_j"] == pytest.approx(
        energy_j + between_s * card.clock_law.rest_w
    )


def test_a_simulated_devices_prediction_keeps_its_cap(dfsrt):
    done = dfsrt("predict", "resnet50", "--cap", "0.2W", "--confidence", "99%", "--json", "-")
    report = json.loads(done.stdout)
    assert report["cap_w"] == 0.2
    assert all(a["power_upper_w"] <= 0.2 for a in report["layers"])
    assert {a["clock_hz"] for a in report["layers"]} > {1e9}
    assert report["totals"]["cap_unreachable"] == 0
    assert not any("cap" in note for note in report["notes"])


def test_a_cap_that_no_clock_keeps_is_said_for_each_layer(dfsrt):
    done = dfsrt("predict", "resnet50", "--cap", "0.1W", "--json", "-")
    report = json.loads(done.stdout)
    over = [a for a in report["layers"] if a["cap_unreachable"]]
    assert over == [a for a in report["layers"] if a["power_upper_w"] > 0.1]
    assert 0 < len(over) < len(report["layers"])
    assert {a["clock_hz"] for a in over} == {300e6}
    assert report["totals"]["cap_unreachable"] == len(over)
    assert any(n.startswith(f"{len(over)} of {len(report['layers'])}") for n in report["notes"])
    shown = dfsrt("predict", "resnet50", "--cap", "0.1W").stdout
    assert sum(line.endswith("cap_unreachable") for line in shown.splitlines()) == len(over)


def test_a_model_of_ones_own_device_is_checked_and_drawn_with_it(dfsrt, tmp_path):
    (tmp_path / "phone.toml").write_text(
        'format = 1\nbase = "rk3588-npu"\nname = "phone"\ndescription = "d"\n'
    )
    few = ("--network", "alexnet", "--network", "zfnet512", "--sweep", 40, "-o", "s.parquet")
    assert dfsrt("measure", "-d", "phone.toml", *few).returncode == 0
    assert dfsrt("train", "s.parquet", "-d", "phone.toml", "-o", "m").returncode == 0
    done = dfsrt("models", "check", "m", "-d", "phone.toml")
    assert done.returncode == 0, done.stderr
    done = dfsrt("models", "show", "m", "-d", "phone.toml", "--figure", "f.png")
    assert done.returncode == 0, done.stderr
    assert dfsrt("models", "check", "m").returncode == 2


def test_a_model_of_made_up_layers_alone_says_so(dfsrt):
    assert dfsrt("measure", "--per-network", 0, "--sweep", 12, "-o", "s.parquet").returncode == 0
    done = dfsrt("train", "s.parquet", "-o", "m")
    assert done.returncode == 0, done.stderr
    assert "on shape families held out" in done.stdout
    assert "samples of made-up layers" in done.stdout
    assert "networks" not in done.stdout
    assert "too few layers to say what the bound covers" in done.stdout


@pytest.mark.parametrize("command", [["models", "list"], ["models", "show", "mdla"], ["list"]])
def test_a_reader_that_goes_away_is_no_error_of_ours(command):
    binary = str(Path(sys.executable).with_name("dfsrt"))
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([binary, *command], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_the_list_names_every_model(dfsrt):
    done = dfsrt("models", "list")
    for name in ("rk3588-npu", "mdla", "tpu7nm", "etri-like", "systolic-128", "h100-sxm"):
        assert name in done.stdout


def test_a_dry_run_measures_nothing(dfsrt, tmp_path):
    done = dfsrt("measure", "--device", "nvidia", "--out", "s.parquet", "--dry-run")
    assert done.returncode == 0
    assert "readings on nvidia; nothing measured" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["measure", "--out", "s.csv"], "no .parquet file"),
        (["measure", "--out", "no/s.parquet"], "no folder"),
        (["measure", "--out", "s.parquet", "--batch", "x"], "no list of sizes"),
        (["measure", "--out", "s.parquet", "--shard", "3/2"], "is not I/N"),
        (["measure", "--out", "s.parquet", "--precision", "fp16=much"], "no number after"),
        (["measure", "--out", "s.parquet", "--device", "nvidia"], "pip install"),
        (["measure", "--out", "s.parquet", "--device", "nvidia:index=-1"], "no whole number"),
        (["measure", "--out", "s.parquet", "--device", "nvidi"], "nvidi"),
        (["measure", "--out", "s.parquet", "--device", "nvidia", "--window", "0s"], "too short"),
        (["measure", "--out", "s.parquet", "--window", "0.5s"], "--window is for a real GPU"),
        (["measure", "--out", "s.parquet", "--settle", "0s"], "--settle is for a real GPU"),
        (["measure", "--out", "s.parquet", "--like", "no.parquet"], "--like is for a real GPU"),
        (["measure", "--out", "s.parquet", "--batch", "1,8"], "one batch size, not at 1,8"),
        (["measure", "--out", "s.parquet", "--shard", "99999/99999"], "no layer to measure"),
        (["train", "none.parquet", "--out", "m"], "there is no file"),
        (["models", "show", "h100"], "did you mean 'h100-sxm'"),
        (["models", "check", "./nothing"], "no folder of a power model"),
        (["predict", "alexnet", "--power-model", "datasheet"], "unknown power model"),
        (["predict", "alexnet", "--confidence", "100%"], "write it like 99%"),
        (["predict", "alexnet", "--power-model", "h100-sxm", "--cap", "1W"], "leave out"),
        (["predict", "alexnet", "--power-model", "h100-sxm", "--precision", "int8"], "fp16"),
        (["predict", "alexnet", "--power-model", "mdla", "--device", "rk3588-npu"], "was trained"),
        (["run", "alexnet", "--power-model", "h100-sxm"], "dfsrt predict"),
        (["run", "alexnet", "--power-model", "datasheet", "--confidence", "99%"], "no bound"),
        (["run", "alexnet", "--confidence", "2"], "out of range"),
    ],
)
def test_a_wrong_word_ends_in_one_line(dfsrt, arguments, message):
    done = dfsrt(*arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
