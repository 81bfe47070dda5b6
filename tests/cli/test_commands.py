"""The commands as a user types them."""

from __future__ import annotations

import json
import re

import pytest


def test_help_names_every_command(dfsrt):
    done = dfsrt("--help")
    assert done.returncode == 0
    for command in ("run", "compare", "layers", "list", "device", "reproduce"):
        assert re.search(rf"\b{command}\b", done.stdout)


def test_no_argument_shows_the_help(dfsrt):
    assert "Usage" in dfsrt().stdout


def test_version(dfsrt):
    assert re.fullmatch(r"dfsrt \d+\.\d+\.\d+\n", dfsrt("--version").stdout)


def test_run_prints_speed_energy_and_cap(dfsrt):
    done = dfsrt("run", "resnet50", "--cap", "0.2 W", "--per-layer")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for text in (
        "FPS",
        "energy per frame",
        "all domains",
        "layers over the cap",
        "held by",
        "cap 0.2 W on npu",
    ):
        assert text in done.stdout
    assert "\x1b" not in done.stdout  # plain when piped


def test_run_writes_all_its_files(dfsrt, tmp_path):
    done = dfsrt(
        "run", "alexnet", "--json", "r.json", "--log", "l.parquet", "--figure", "f.png", "-n", 1
    )
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"r.json", "l.parquet", "f.png"}
    assert json.loads((tmp_path / "r.json").read_text())["network"] == "alexnet"


def test_json_to_standard_output_is_all_that_is_there(dfsrt):
    report = json.loads(dfsrt("run", "alexnet", "--json", "-").stdout)
    assert report["device"] == "rk3588-npu"
    runs = json.loads(dfsrt("compare", "alexnet", "-g", "dfs,dvfs", "--json", "-").stdout)["runs"]
    assert [r["governor"] for r in runs] == ["dfs", "dvfs"]


def test_layers_with_and_without_a_device(dfsrt):
    plain = json.loads(dfsrt("layers", "resnet50", "--json", "-").stdout)
    assert plain["totals"]["macs"] == 4_089_184_256
    assert plain["totals"]["params"] == 25_610_152
    assert {"name", "op", "macs", "weight_bytes", "input_bytes", "output_bytes", "nodes"} <= set(
        plain["layers"][0]
    )
    assert "compute_cycles" not in plain["layers"][0]
    on = json.loads(dfsrt("layers", "resnet50", "-d", "systolic-128", "--json", "-").stdout)
    cycles = sum(a["compute_cycles"] for a in on["layers"] if a["op"] in ("Conv", "Gemm"))
    assert cycles == 916_544
    assert all(a["dram_bytes"] >= 0 for a in on["layers"])


def test_raw_nodes_on_request(dfsrt):
    raw = json.loads(dfsrt("layers", "resnet50", "--no-fuse", "--json", "-").stdout)
    assert raw["totals"]["layers"] == 176
    assert raw["totals"]["macs"] == 4_089_184_256


@pytest.mark.parametrize("kind", ["networks", "devices", "governors", "models"])
def test_list_shows_what_there_is(dfsrt, kind):
    assert dfsrt("list", kind).stdout.count("\n") >= 2
    assert kind in dfsrt("list").stdout


def test_a_cap_change_slows_the_rest_of_the_run(dfsrt):
    run = ("run", "resnet50", "--cap", "0.3W", "-n", 6, "--json", "-")
    before = json.loads(dfsrt(*run).stdout)
    after = json.loads(dfsrt(*run, "--cap-at", "10ms=0.14W").stdout)
    assert after["cap_changes"] == [{"time_s": 0.01, "cap_w": 0.14}]
    assert before["latency_s"]["p99"] < 1.01 * before["latency_s"]["p50"]
    assert after["latency_s"]["p99"] > 1.2 * before["latency_s"]["p99"]


def test_a_device_tree_becomes_a_device_that_runs(dfsrt, tmp_path):
    (tmp_path / "mine.dts").write_text(
        """
        / { npu_opp: opp-table {
            compatible = "operating-points-v2";
            opp-200000000 { opp-hz = /bits/ 64 <200000000>; opp-microvolt = <700000>; };
            opp-500000000 { opp-hz = /bits/ 64 <500000000>;
                            opp-microvolt = <800000 800000 900000>; };
        }; };
        """
    )
    assert dfsrt("device", "import-dt", "mine.dts", "--out", "mine.toml").returncode == 0
    report = json.loads(
        dfsrt("run", "alexnet", "-d", "mine.toml", "-g", "performance", "--json", "-").stdout
    )
    assert report["residency"] == [{"freq_hz": 500_000_000, "share": 1.0}]
    assert "mine.dts" in dfsrt("device", "show", "mine.toml").stdout


def test_a_device_tree_takes_what_its_messages_advise(dfsrt, tmp_path):
    points = "a { opp-hz = /bits/ 64 <TOP>; opp-level = <64>; opp-supported-hw = <1>; };"
    (tmp_path / "b.dts").write_text(f"/ {{ t: x {{ {points} }}; u: y {{ {points} }}; }};")
    command = ["device", "import-dt", "b.dts"]
    for part, advice in (
        ("choose one with --table: t, u", ["--table", "t"]),
        ("-D TOP=NUMBER", ["-D", "TOP=500000000"]),
        ("like --volts 800mV", ["--volts", "64=600mV"]),
        ("give one that has included files", ["-I", "."]),
    ):
        done = dfsrt(*command, *(["-I", "none"] if advice[0] == "-I" else []))
        assert (done.returncode, done.stdout) == (2, "")
        assert part in done.stderr
        command += advice
    assert "{ freq_hz = 500_000_000, rail_uv = 600_000 }" in dfsrt(*command).stdout


@pytest.mark.deep
def test_reproduce_puts_three_readings_beside_the_paper(dfsrt):
    done = dfsrt("reproduce", "etri", "--frames", 1, "--json", "out.json")
    assert done.returncode == 0, done.stderr
    assert "+33.0%" in done.stdout
    assert "-14.0%" in done.stdout
    for text in ("app-dvfs", "shared", "dvfs", "memory bandwidth", "voltage that dfs holds"):
        assert text in done.stdout
