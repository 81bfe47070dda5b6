"""What people read: JSON by its published schema, the Parquet log, figures, tables."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from rich.console import Console

import dfsrt
from dfsrt.cost import cost_network
from dfsrt.network import Kind, Layer, Network, Tensor
from dfsrt.report.compare_table import compare_table
from dfsrt.report.figure import FINE, width_of
from dfsrt.report.headline import headline
from dfsrt.report.layers import LayersReport
from dfsrt.report.look import WIDTH
from dfsrt.report.run_table import run_table
from dfsrt.report.schema import ComparisonReport, Report
from docs.generate import SCHEMAS, schema_text

DOCS = Path(__file__).resolve().parents[2] / "docs"

RUN_KEYS = {
    "network": str,
    "device": str,
    "governor": str,
    "cap_w": float,
    "frames": int,
    "fps": float,
    "latency_s": {"p50", "p95", "p99"},
    "energy_j": float,
    "energy_per_inference_j": float,
    "power_w": {"avg", "max"},
    "inferences_per_watt_s": float,
    "tops_per_w": float,
    "cap": {"excess_time_s", "excess_max_w", "layers_over", "layers_unreachable"},
    "transitions": {"frequency", "voltage", "stall_s"},
    "residency": list,
    "energy_breakdown_j": dict,
    "prediction": {"mape", "under_share"},
}


@pytest.fixture(scope="module")
def job():
    return dfsrt.Job("resnet50", cap="0.9 W", frames=2, cap_changes={"4 ms": "0.15 W"})


@pytest.fixture(scope="module")
def run(job):
    return job.run("dfs")


def test_run_json_has_every_promised_key(run):
    report = json.loads(run.to_json())
    assert report["schema_version"] == 2
    for key, kind in RUN_KEYS.items():
        if isinstance(kind, set):
            assert kind <= set(report[key]), key
        else:
            assert isinstance(report[key], kind), key
    assert {"freq_hz", "share"} == set(report["residency"][0])


def test_json_reads_back_as_what_was_written(run, job):
    assert msgspec.json.decode(run.to_json(), type=Report) == run.report
    both = dfsrt.compare("alexnet", ["dfs", "dvfs"], frames=1)
    assert msgspec.json.decode(both.to_json(), type=ComparisonReport) == both.report
    layers = job.layers()
    assert msgspec.json.decode(msgspec.json.encode(layers), type=LayersReport) == layers


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_the_one_in_force(name):
    assert (DOCS / "schema" / f"{name}.json").read_bytes() == schema_text(name)


def test_figures_of_a_run_agree_with_its_log(run):
    report, log = run.report, run.log
    assert report.frames == len(log.finish_ns) == 2
    assert report.time_s == pytest.approx(log.end_ns[-1] * 1e-9)
    assert report.fps == pytest.approx(2 / report.time_s)
    assert report.energy_per_inference_j * 2 == pytest.approx(report.energy_j)
    assert report.inferences_per_watt_s * report.energy_per_inference_j == pytest.approx(1)
    ops = 2 * 4_089_184_256 * 2
    assert report.tops_per_w == pytest.approx(ops / report.energy_j * 1e-12)
    assert report.transitions.voltage == len(log.moves)
    assert [c.cap_w for c in report.cap_changes] == [0.15]
    assert set(log.cap_w.tolist()) == {0.9, 0.15}


def test_the_log_is_parquet_with_a_row_a_layer(run, tmp_path):
    run.save_log(tmp_path / "log.parquet")
    table = pq.read_table(tmp_path / "log.parquet")
    assert table.num_rows == len(run.log.layer)
    parts = ("switching_j", "clock_j", "leakage_j", "fixed_j", "regulator_loss_j")
    total = sum(sum(table[p].to_pylist()) for p in parts)
    assert total == pytest.approx(run.report.energy_j)
    assert set(table["held_by"].to_pylist()) <= {"cap", "voltage", "memory", "range", "policy"}
    assert json.loads(table.schema.metadata[b"dfsrt_run"])["governor"] == "dfs"


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_same_run_draws_the_same_bytes(job, tmp_path, suffix):
    for name in ("a", "b"):
        job.run("dfs").save_figure(tmp_path / f"{name}{suffix}")
    one, two = ((tmp_path / f"{name}{suffix}").read_bytes() for name in ("a", "b"))
    assert one == two
    assert one.startswith(b"<?xml" if suffix == ".svg" else b"\x89PNG")
    if suffix == ".svg":
        title = re.search(r"<title>(.*?)</title>", one.decode())[1]
        assert re.fullmatch(r"\w+ on rk3588-npu, .*governor dfs.*", title)


def test_a_figure_shows_clock_power_and_cap(job, tmp_path):
    dfsrt.compare("squeezenet", ["dfs", "app-dvfs"], frames=1).save_figure(tmp_path / "f.svg")
    assert (tmp_path / "f.svg").stat().st_size > 5_000
    from dfsrt.report.figure import draw

    clock, power = draw([("dfs", job.run("dfs").log)]).axes
    assert "MHz" in clock.get_ylabel()
    labels = [text.get_text() for text in power.texts]
    assert labels == ["true", "predicted", "cap"]


def test_lines_over_many_layers_are_thinner_and_over_few_as_wide_as_all():
    assert [width_of(layers) for layers in (0, 1, 60, 150)] == [WIDTH] * 4
    assert WIDTH > width_of(300) > width_of(1200) == FINE


def test_same_seed_same_bytes_and_another_seed_another_plant(tmp_path):
    runs = [dfsrt.run("alexnet", seed=seed) for seed in (5, 5, 6)]
    for index, done in enumerate(runs):
        done.save_log(tmp_path / f"{index}.parquet")
    assert runs[0].to_json() == runs[1].to_json()
    files = [(tmp_path / f"{i}.parquet").read_bytes() for i in range(3)]
    assert files[0] == files[1] != files[2]
    assert runs[0].report.energy_j != runs[2].report.energy_j


def test_domains_hold_one_another():
    watts = [
        dfsrt.run("alexnet", cap="none", cap_domain=d, governor="performance").report.power_w.avg
        for d in ("npu", "npu+dram", "system")
    ]
    assert watts[0] < watts[1] < watts[2]


def test_a_run_without_a_cap_has_none_to_exceed():
    report = dfsrt.run("alexnet", cap="none", governor="performance").report
    assert report.cap_w is None
    assert (report.cap.layers_over, report.cap.excess_time_s) == (0, 0)


def test_speed_on_a_period_is_one_frame_a_period_when_the_device_keeps_up():
    report = dfsrt.run("squeezenet", period="10 ms", frames=5).report
    assert report.fps == pytest.approx(100.0)
    assert report.time_s == pytest.approx(0.05)
    assert report.residency[0].freq_hz == 0


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_number_is_cut_on_a_narrow_terminal(run, width):
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=width, color_system=None)
    run_table(console, run.report)
    compare_table(console, dfsrt.compare("alexnet", frames=1).report)
    assert f"{run.report.fps:.2f} FPS" in text.getvalue()
    assert "…" not in text.getvalue()


def test_what_the_figures_do_not_show_is_said():
    late = dfsrt.run(
        "squeezenet", governor="schedutil", frames=1, cap_changes={"9 s": "0.2 W"}
    ).report
    assert len(late.notes) == 2
    assert "before the governor first looked at the load" in late.notes[0]
    assert "9 s comes after the run's end" in late.notes[1]
    assert dfsrt.run("squeezenet").report.notes == []


def test_caps_are_told_as_they_change():
    report = dfsrt.run("alexnet", cap="none", cap_changes={"2 ms": "0.5 W", "4 ms": "none"}).report
    assert "no cap, 0.5 W from 2.00 ms, no cap from 4.00 ms on npu" in headline(report)
    assert report.cap_changes[1].cap_w is None


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ({"device": 3}, "3 is no device"),
        ({"frames": "3"}, "frames 3"),
        ({"frames": True}, "frames True"),
        ({"seed": 1.5}, "seed 1.5"),
        ({"load": None}, "None is nothing that runs"),
    ],
)
def test_wrong_types_are_refused_in_python_too(job, message):
    with pytest.raises(dfsrt.InputError, match=message):
        dfsrt.Job(**{"load": "alexnet", **job}).run()


def test_one_governor_may_be_compared_by_its_name():
    assert [r.governor for r in dfsrt.compare("alexnet", "dfs", frames=1).report.runs] == ["dfs"]


def test_a_layer_reads_only_the_rows_it_gathers():
    table, rows = Tensor("t", (50_000, 768), "int8", touched=768), Tensor("r", (1, 768), "int8")
    ids = Tensor("i", (1,), "int64")
    gather = Layer("g", "Gather", Kind.MOVE, ("g",), (ids,), (table,), (rows,))
    (cost,) = cost_network(Network("n", (gather,), 0), dfsrt.load_device("rk3588-npu"))
    assert cost.actions.sram_bytes == 2 * (8 + 768 + 768)  # to and from DRAM, and worked on
