"""One load on several devices: each run is that device's own, and what cannot be is one line."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.cli import main as entry
from dfsrt.device import load_device
from dfsrt.report.compare_table import compare_grids
from dfsrt.report.devices import device_list
from dfsrt.report.devices_figure import draw
from dfsrt.report.notes import regret_notes
from dfsrt.report.schema import ComparisonReport, Regret
from docs.accelerators import reuse_text
from tests.helpers.golden_layer import write_product

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
DEVICES = "systolic-128,mdla,rk3588-npu:bin=L1"


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    path = tmp_path_factory.mktemp("one") / "product.onnx"
    write_product(path, 64, 256, 128)
    return path


@pytest.fixture(scope="module")
def three(network):
    return dfsrt.compare(network, devices=DEVICES, frames=2, power_model="datasheet")


@pytest.fixture
def typed(capsys, monkeypatch):
    """Type a command in process; returns its exit code, what is printed, and what is said."""

    def type_(*words):
        monkeypatch.setattr("sys.argv", ["dfsrt", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            entry.main()
        return end.value.code or 0, *capsys.readouterr()

    return type_


def test_each_device_runs_as_it_does_alone_to_the_bit(network, three):
    for name, run in zip(DEVICES.split(","), three.report.runs, strict=True):
        fields = {"device": name, "frames": 2, "power_model": "datasheet"}
        alone = dfsrt.compare(network, "dfs", **fields)
        assert msgspec.json.encode(run) == msgspec.json.encode(alone.report.runs[0])


def test_rows_say_device_and_cap_and_percentages_are_against_the_first(three):
    side_by_side, energy = compare_grids(three.report)
    assert [row[0] for row in side_by_side.rows] == DEVICES.split(",")
    assert "each device under its own cap" in side_by_side.lines[0]
    caps = [row[side_by_side.heads.index("<cap")] for row in side_by_side.rows]
    assert caps[0] == "cap 6 W on npu" and len(set(caps)) > 1
    fps = [run.fps for run in three.report.runs]
    at = side_by_side.heads.index("FPS") + 1
    assert [row[at] for row in side_by_side.rows] == [
        "", *(f"{other / fps[0] - 1:+.1%}" for other in fps[1:])
    ]  # fmt: skip
    assert [row[0] for row in energy.rows] == DEVICES.split(",")


def test_what_stands_in_the_energy_table_adds_up_to_all_domains(three):
    _, energy = compare_grids(three.report)
    for row, run in zip(energy.rows, three.report.runs, strict=True):
        *actions, switching, others, dram, uncore = map(float, row[1:-1])
        assert sum(actions) == pytest.approx(switching, rel=2e-3)
        whole_mj = run.energy_by_domain_j.total / run.frames * 1e3
        assert switching + others + dram + uncore == pytest.approx(whole_mj, rel=2e-3)


def test_a_cap_that_is_given_holds_for_all(network):
    done = dfsrt.compare(network, devices="systolic-128,mdla", cap="2 W", power_model="datasheet")
    assert {run.cap_w for run in done.report.runs} == {2.0}
    (grid, _) = compare_grids(done.report)
    assert "<cap" not in grid.heads and "cap 2 W" in grid.lines[0]


def test_several_governors_run_on_each_device_and_names_tell_them_apart(network):
    done = dfsrt.compare(
        network, "dfs,powersave", devices=["systolic-128", load_device("mdla")],
        power_model="datasheet",
    )  # fmt: skip
    pairs = [*zip(done.report.devices, (r.governor for r in done.report.runs), strict=True)]
    assert pairs == [(d, g) for d in ("systolic-128", "mdla") for g in ("dfs", "powersave")]
    _, energy = compare_grids(done.report)
    assert energy.rows[1][0] == "systolic-128, powersave"


def test_the_command_writes_json_page_and_figure(network, tmp_path, typed):
    files = tmp_path / "all.json", tmp_path / "all.html", tmp_path / "all.svg"
    options = ("--json", files[0], "--html", files[1], "--figure", files[2])
    code, out, _ = typed(
        "compare", network, "-d", "systolic-128,mdla", "-n", "2",
        "--power-model", "datasheet", *options,
    )  # fmt: skip
    assert code == 0 and "where the energy goes" in out
    report = msgspec.json.decode(files[0].read_bytes(), type=ComparisonReport)
    assert report.devices == ["systolic-128", "mdla"] and report.device == "systolic-128, mdla"
    assert all(run["switching_by_action_j"] for run in json.loads(files[0].read_text())["runs"])
    page = files[1].read_text()
    assert "Energy by what takes it" in page and "Behind mdla" in page
    assert "mdla" in files[2].read_text()


def test_a_file_with_a_comma_in_its_name_is_one_device(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a,b.toml").write_text("")
    assert [*device_list("a,b.toml")] == ["a,b.toml"]


BAD = {
    "systolic-128,,mdla": "an empty name among devices",
    "mdla,": "an empty name among devices",
    "mdla,mdla": "device 'mdla' is named twice",
    "mdla,systolic-129": "systolic-129",
    "mdla,rk3588-npu:bin=L99": "L99",
}


@pytest.mark.parametrize("devices", BAD)
@pytest.mark.parametrize("verb", ["compare", "run"])
def test_what_is_no_device_is_one_line(verb, devices, network, tmp_path, typed):
    page = tmp_path / "page.html"
    code, out, said = typed(verb, network, "-d", devices, "--html", page)
    assert (code, out) == (2, "") and BAD[devices] in said and said.count("\n") == 1
    assert not page.exists()


def test_a_device_that_cannot_run_the_load_is_named(network, typed):
    code, _, said = typed(
        "compare",
        network,
        "-d",
        "systolic-128,eyeriss-v1",
        "--precision",
        "int8",
        "--power-model",
        "datasheet",
    )
    assert code == 2 and "eyeriss-v1" in said and said.count("\n") == 1


def test_one_device_or_several_but_not_both():
    with pytest.raises(InputError, match="both 'device' and 'devices'"):
        dfsrt.compare("alexnet", device="mdla", devices="mdla,ideal")


@pytest.mark.parametrize("option", [("--log", "l.parquet"), ("--perfetto", "p.json")])
def test_options_of_one_run_are_refused_by_name(option, network, typed):
    code, _, said = typed("run", network, "-d", "mdla,ideal", *option)
    assert code == 2 and option[0] in said


def test_the_page_says_what_reuse_saves():
    page = (EXAMPLES.parent / "accelerators.md").read_text()
    assert f"<!-- reuse -->\n{reuse_text()}<!-- /reuse -->" in page


def test_a_regret_that_nobody_bounded_is_said_to_be_so():
    open_ended = Regret(0.0, 0.0, 0.0, time_gap=1.0, energy_gap=math.inf, cut=False)
    (note,) = regret_notes([open_ended])
    assert "far more" in note and "inf" not in note


@pytest.mark.parametrize("name", ["rk3588", "eyeriss"])
@pytest.mark.parametrize("dataflow", ["weight", "output", "input"])
def test_devices_of_the_page_differ_from_their_base_in_the_array_alone(name, dataflow):
    npu = load_device(EXAMPLES / f"{name}_{dataflow}.toml")
    base = load_device({"rk3588": "rk3588-npu", "eyeriss": "eyeriss-v1"}[name])
    assert (npu.opps, npu.silicon, npu.hidden) == (base.opps, base.silicon, base.hidden)
    assert replace(npu.array, dataflow=base.array.dataflow) == base.array
    assert replace(npu.memory, mapper=base.memory.mapper) == base.memory


def test_the_figure_says_which_devices_and_governor_and_where_their_energy_goes(network):
    done = dfsrt.compare(network, devices="rk3588-npu,systolic-128", frames=1)
    figure = draw(done.report, [run.log for run in done.runs])
    *layers, energy = figure.axes
    power = layers[1]
    assert [clock.get_title("left") for clock in layers[::2]] == ["rk3588-npu", "systolic-128"]
    said = figure.get_suptitle()
    assert "2 devices" in said
    assert said.endswith("governor dfs")
    assert power.get_yscale() == "log"  # else the one hides the other
    assert power.get_ylim()[0] < min(run.log.power_w.min() for run in done.runs)
    parts = [text.get_text() for text in energy.get_legend().get_texts()]
    assert parts == ["MAC", "register", "SRAM", "vector", "other NPU", "DRAM", "uncore"]
    ends = [
        max(bar.get_x() + bar.get_width() for bar in row)
        for row in zip(*energy.containers, strict=True)
    ]
    whole = [run.report.energy_by_domain_j.total for run in done.runs]
    assert ends == pytest.approx(whole)


def test_files_of_devices_are_called_by_their_names_where_that_tells_them_apart():
    assert list(device_list("a/one.toml:bin=L5,b/two.toml")) == ["one.toml:bin=L5", "two.toml"]
    assert list(device_list("a/one.toml,b/one.toml")) == ["a/one.toml", "b/one.toml"]
