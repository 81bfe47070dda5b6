"""Sweeps: which points, what comes of them, and what is left after a kill."""

from __future__ import annotations

import csv
import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dfsrt.base.errors import InputError
from dfsrt.device import load_device
from dfsrt.report.brief import Brief, FrameEnergy, brief_of
from dfsrt.report.core import report_of
from dfsrt.run.job import make_job
from dfsrt.run.run import execute
from dfsrt.study.points import PointOutcome
from dfsrt.study.sweep import read_sweep, sweep
from dfsrt.study.sweep.outputs import pivot_points
from dfsrt.study.sweep.points import points_of

FILES = ("result.json", "points.csv", "points.parquet")
STUDY = """
name = "small"
[vary]
network = ["squeezenet", "alexnet"]
cap = ["0.15 W", "0.2 W"]
governor = ["dfs", "nobody"]
[over]
frames = 2
"""
BIG = """
name = "big"
[vary]
network = ["squeezenet"]
seed = { low = 1, high = 100, step = 1 }
frames = { low = 1, high = 100, step = 1 }
"""
PLAIN = Brief(
    fps=0.1 + 0.2,
    energy_per_frame_j=FrameEnergy(npu=1 / 3, dram=0.1, uncore=0.2, total=0.7),
    fps_per_w=None,
    tops_per_w=1e-300,
    power_avg_w=1.0,
    power_max_w=2.0,
    time_s=3.0,
    frames=1,
    busy_share=1.0,
    latency_p50_s=None,
    latency_p99_s=None,
    missed=0,
    over_cap=0.0,
    dram_bytes_per_frame=None,
    held_by="cap",
)


def fake(specs, workers=1, dask=None):
    """Runs nothing: a brief that follows from the point."""
    import msgspec

    for number, spec in enumerate(specs):
        fps = (spec.seed or 0) / 7 + (spec.frames or 0) / 3
        yield PointOutcome(number, msgspec.structs.replace(PLAIN, fps=fps), ("a note",))


def written(tmp_path, text, name="study.toml"):
    path = tmp_path / name
    path.write_text(text)
    return path


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    study = read_sweep(written(folder, STUDY))
    return study, sweep(study, folder / "out", 1).report, folder / "out"


def test_every_combination_is_one_point_in_the_order_of_the_study(small):
    _, report, _ = small
    expected = list(itertools.product(["squeezenet", "alexnet"], ["0.15 W", "0.2 W"]))
    points = [(p.spec["load"], p.spec["cap"]) for p in report.points[::2]]
    assert points == expected
    assert [p.number for p in report.points] == list(range(8))


def test_each_point_is_the_run_that_its_spec_names(small):
    _, report, _ = small
    for point in report.points:
        if not point.error:
            fields = dict(point.spec)
            run = execute(make_job(fields.pop("load"), **fields))
            assert point.brief == brief_of(report_of(run))


def test_a_point_that_cannot_run_is_counted_with_its_reason(small):
    _, report, _ = small
    assert (report.counts.complete, report.counts.failed) == (4, 4)
    ((why, count),) = report.failures.items()
    assert "nobody" in why
    assert count == 4


def test_the_best_point_is_the_best_of_a_plain_search(small):
    _, report, _ = small
    ran = [p for p in report.points if p.brief]
    assert report.best["fps"] == max(ran, key=lambda p: p.brief.fps).number
    assert report.best["fps_per_w"] == max(ran, key=lambda p: p.brief.fps_per_w).number
    least = min(ran, key=lambda p: p.brief.energy_per_frame_j.total)
    assert report.best["energy_per_frame_total_j"] == least.number


def test_json_csv_and_parquet_say_the_same(small):
    _, _, out = small
    points = json.loads((out / "result.json").read_text())["points"]
    rows = list(csv.DictReader((out / "points.csv").read_text().splitlines()))
    table = pq.read_table(out / "points.parquet").to_pylist()
    assert len(points) == len(rows) == len(table) == 8
    for point, row, line in zip(points, rows, table, strict=True):
        assert row["load"] == line["load"] == point["spec"]["load"]
        if point["brief"]:
            assert float(row["fps"]) == line["fps"] == point["brief"]["fps"]
            energy = point["brief"]["energy_per_frame_j"]["dram"]
            assert float(row["energy_per_frame_dram_j"]) == energy
        else:
            assert row["fps"] == ""
            assert line["fps"] is None
            assert line["error"] == row["error"] == point["error"]


def test_two_workers_write_the_same_bytes(small, tmp_path):
    study, _, out = small
    sweep(study, tmp_path, 2)
    assert results(tmp_path) == results(out)


def test_the_page_gets_the_points_that_ran_and_counts_the_others(small):
    _, report, _ = small
    points = pivot_points(report)
    assert len(points.varied["cap"]) == len(points.columns["fps"].values) == 4
    assert points.order["governor"] == ["dfs"]
    assert any("4 points could not run" in note for note in points.notes)
    assert points.notes[0].startswith("8 points of ")
    assert "frames 2" in points.notes[1]  # which all share
    assert "device rk3588-npu" in points.notes[1]


def test_a_journal_cut_off_at_any_byte_ends_in_the_same_files(tmp_path):
    study = read_sweep(written(tmp_path, BIG.replace("100", "4")))
    whole = tmp_path / "whole"
    sweep(study, whole, 1, run=fake)
    journal = (whole / "journal.log").read_bytes()
    ran = []

    def counting(specs, *how):
        ran.append(len(specs))
        yield from fake(specs, *how)

    for at in range(0, len(journal), 97):
        (whole / "journal.log").write_bytes(journal[:at])
        sweep(study, whole, 1, run=counting)
        assert sorted((whole / "journal.log").read_bytes().splitlines()) == sorted(
            journal.splitlines()
        )
    assert max(ran) == 16
    assert min(ran) <= 1


KILLED = """
import sys
from pathlib import Path
from dfsrt.study.sweep import read_sweep, sweep
from tests.study.test_sweep import fake
sweep(read_sweep(Path(sys.argv[1])), Path(sys.argv[2]), 1, run=fake)
"""


def test_10_000_points_killed_and_resumed_lose_and_double_nothing(tmp_path):
    path, out = written(tmp_path, BIG), tmp_path / "out"
    journal, process = out / "journal.log", None
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path), str(out)])
    while process.poll() is None:
        if journal.exists() and journal.stat().st_size > 1_000_000:
            os.kill(process.pid, signal.SIGKILL)
            break
        time.sleep(0.001)
    assert process.wait() == -signal.SIGKILL
    asked = []

    def counting(specs, *how):
        asked.extend(specs)
        yield from fake(specs, *how)

    done = sweep(read_sweep(path), out, 1, run=counting)
    assert 0 < done.timing.resumed < 10_000
    assert done.timing.resumed + len(asked) == 10_000
    lines = [json.loads(line) for line in journal.read_text().splitlines()[1:]]
    assert sorted(line["point"] for line in lines) == list(range(10_000))
    seen = {(p.spec["seed"], p.spec["frames"]) for p in done.report.points}
    assert seen == set(itertools.product(range(1, 101), range(1, 101)))
    assert all(p.brief.fps == p.spec["seed"] / 7 + p.spec["frames"] / 3 for p in done.report.points)


def test_whoever_waits_is_told_how_many_points_there_are(tmp_path):
    told = []
    study = read_sweep(written(tmp_path, BIG.replace("100", "2")))
    sweep(study, tmp_path / "out", 1, on_done=lambda *said: told.append(said), run=fake)
    assert told == [(done, 4) for done in range(5)]


def test_a_study_that_changed_since_is_refused(tmp_path):
    sweep(read_sweep(written(tmp_path, BIG.replace("100", "4"))), tmp_path, 1, run=fake)
    changed = read_sweep(written(tmp_path, BIG.replace("100", "5")))
    with pytest.raises(InputError, match=r"begun with another study \(vary changed\)"):
        sweep(changed, tmp_path, 1, run=fake)


def test_a_device_file_that_changed_since_is_refused(tmp_path):
    device = written(tmp_path, "name = 'mine'", "mine.toml")
    study = read_sweep(
        written(tmp_path, 'name = "x"\n[vary]\nnetwork = ["squeezenet"]\ndevice = ["mine.toml"]\n')
    )
    sweep(study, tmp_path, 1, folder=tmp_path, run=fake)
    device.write_text("name = 'another'")
    with pytest.raises(InputError, match=r"files mine.toml changed"):
        sweep(study, tmp_path, 1, folder=tmp_path, run=fake)


NAMED = {
    "base.toml of mine.toml": ('device = ["mine.toml"]', ""),
    "zeros.csv": ("", 'activity = { squeezenet = "zeros.csv" }'),
    "report.csv": ("", 'cycles = "scalesim:report.csv"'),
    "times.csv": ("", 'layer_times = { squeezenet = "rknn:times.csv" }'),
    "model/weights.bin": ("", 'power_model = "model:guard=5%"'),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_a_study_reads_by_any_way_and_changed_since_is_refused(name, tmp_path):
    vary, over = NAMED[name]
    device = "name = 'mine'\nbase = 'base.toml'\nwhat = 'not \\u0000 a file: base'"
    written(tmp_path, device, "mine.toml")
    file = tmp_path / name.split()[0]
    file.parent.mkdir(exist_ok=True)
    file.write_text("name = 'base'\nbase = 'mine.toml'")
    text = f'name = "x"\n[vary]\nnetwork = ["squeezenet"]\n{vary}\n[over]\n{over}\n'
    study = read_sweep(written(tmp_path, text))
    sweep(study, tmp_path, 1, folder=tmp_path, run=fake)
    file.write_text("name = 'another'")
    with pytest.raises(InputError, match=rf"\(files .*{re.escape(name)} changed\)"):
        sweep(study, tmp_path, 1, folder=tmp_path, run=fake)


def test_files_of_activity_cycles_and_models_are_sought_beside_the_study(tmp_path):
    (tmp_path / "model").mkdir()
    over = 'cycles = "scalesim:a.csv"\npower_model = "model"\nactivity = { squeezenet = "z.csv" }'
    text = f'name = "x"\n[vary]\nnetwork = ["squeezenet"]\n[over]\n{over}\n'
    spec = points_of(read_sweep(written(tmp_path, text)), tmp_path).specs[0]
    assert spec.cycles == f"scalesim:{tmp_path / 'a.csv'}"
    assert spec.power_model == str(tmp_path / "model")
    assert spec.activity == {"squeezenet": str(tmp_path / "z.csv")}


def test_files_are_sought_beside_the_study_and_named_as_they_are_said(tmp_path):
    study = read_sweep(
        written(tmp_path, 'name = "x"\n[vary]\nnetwork = ["a.onnx"]\ngovernor = ["my.py:Own:k=1"]')
    )
    points = points_of(study, tmp_path)
    assert points.said[0] == {"load": "a.onnx", "governor": "my.py:Own:k=1"}
    assert points.specs[0].load == str(tmp_path / "a.onnx")
    assert points.specs[0].governor == f"{tmp_path / 'my.py'}:Own:k=1"


def test_numbers_of_the_device_stand_in_its_text(tmp_path):
    text = """
name = "hw"
[vary]
device = ["rk3588-npu", "mdla"]
[vary.device_numbers]
bin = ["L5"]
"memory.buffer_bytes" = ["256KiB", "512KiB"]
[over]
network = "squeezenet"
"""
    points = points_of(read_sweep(written(tmp_path, text)))
    assert [said["device"] for said in points.said] == [
        f"{device}:bin=L5:memory.buffer_bytes={size}"
        for device in ("rk3588-npu", "mdla")
        for size in ("256KiB", "512KiB")
    ]
    assert points.varied[1]["memory.buffer_bytes"] == "512KiB"


NUMBERS = """
name = "hw"
sampler = "{sampler}"
{points}
[vary.device_numbers]
"memory.buffer_bytes" = {{ low = "256 KiB", high = "1 MiB"{step} }}
[over]
network = "squeezenet"
"""


def test_a_range_of_whole_numbers_of_the_device_has_whole_ones_in_any_unit(tmp_path):
    grid = NUMBERS.format(sampler="grid", points="", step=", step = 256")
    assert [
        one["memory.buffer_bytes"] for one in points_of(read_sweep(written(tmp_path, grid))).varied
    ] == [*("256KiB", "512KiB", "768KiB", "1MiB")]
    sobol = NUMBERS.format(sampler="sobol", points="points = 8", step="")
    for said in points_of(read_sweep(written(tmp_path, sobol))).said:
        assert 256 * 1024 <= load_device(said["device"]).memory.buffer_bytes <= 1024 * 1024


def test_a_device_of_a_study_elsewhere_is_sought_beside_it_for_its_numbers(tmp_path):
    written(tmp_path, "name = 'mine'\nbase = 'rk3588-npu'", "mine.toml")
    text = NUMBERS.format(sampler="sobol", points="points = 2", step="") + "device = 'mine.toml'"
    points = points_of(read_sweep(written(tmp_path, text)), tmp_path)
    assert all(said["device"].startswith("mine.toml:memory.") for said in points.said)


SOBOL = """
name = "spread"
sampler = "sobol"
points = 64
seed = 3
[vary]
cap = { low = "100 mW", high = "400 mW" }
frames = { low = 1, high = 64 }
time_scale = { low = 0.01, high = 100.0, log = true }
governor = ["dfs", "dvfs"]
[over]
network = "squeezenet"
"""


def test_sobol_points_fill_every_range_evenly(tmp_path):
    points = points_of(read_sweep(written(tmp_path, SOBOL)))
    assert len(points.specs) == 64
    assert points.alike == 0
    caps = sorted(float(said["cap"].removesuffix("mW")) for said in points.said)
    # Of 64 points of a (0, m, s)-net in base 2 each 64th of the range has one.
    assert [int((cap - 100) / 300 * 64) for cap in caps] == list(range(64))
    assert sum(said["governor"] == "dfs" for said in points.said) == 32
    assert all(isinstance(said["frames"], int) for said in points.said)
    below = sum(said["time_scale"] < 1.0 for said in points.said)
    assert below == 32


def test_sobol_points_of_the_same_seed_are_the_same(tmp_path):
    path = written(tmp_path, SOBOL)
    first = points_of(read_sweep(path))
    assert points_of(read_sweep(path)).said == first.said
    other = read_sweep(written(tmp_path, SOBOL.replace("seed = 3", "seed = 4")))
    assert points_of(other).said != first.said


def test_sobol_points_that_are_drawn_twice_run_once_and_are_counted(tmp_path):
    text = SOBOL[: SOBOL.index("cap =")] + 'governor = ["dfs", "dvfs"]\n[over]\nnetwork="alexnet"'
    points = points_of(read_sweep(written(tmp_path, text)))
    assert (len(points.specs), points.alike) == (2, 62)


def test_whole_numbers_at_the_ends_of_a_range_are_drawn_as_often_as_others(tmp_path):
    for log in ("false", "true"):
        text = 'name="x"\nsampler="sobol"\npoints=512\n[vary]\nnetwork=["alexnet"]\n'
        text += f"frames = {{ low = 1, high = 4, log = {log} }}\nseed = {{ low = 0, high = 99999 }}"
        said = points_of(read_sweep(written(tmp_path, text))).said
        counts = [sum(one["frames"] == number for one in said) for number in (1, 2, 3, 4)]
        shares = [0.25] * 4
        if log == "true":
            shares = [math.log((n + 0.5) / (n - 0.5), 9) for n in (1, 2, 3, 4)]
        assert counts == pytest.approx([512 * share for share in shares], abs=3)
        assert {type(one["seed"]) for one in said} == {int}


def test_a_range_with_a_step_is_a_list(tmp_path):
    text = 'name="x"\n[vary]\nnetwork=["alexnet"]\ncap = {low="0.1 W", high="0.3 W", step=0.1}'
    assert [s["cap"] for s in points_of(read_sweep(written(tmp_path, text))).said] == [
        *("0.1W", "0.2W", "0.3W")
    ]


NET = 'network = ["squeezenet"]\n'
BAD = {
    "the grid is empty": ("", "[over]\nnetwork = 'squeezenet'"),
    "vary.cap is empty": (NET + "cap = []", ""),
    "vary.governor has dfs twice": (NET + 'governor = ["dfs", "dfs"]', ""),
    "vary.cap has 500 mW twice, which is 0.5W": (NET + 'cap = ["0.5W", "500 mW"]', ""),
    "vary.memory.buffer_bytes has 524288 twice, which is 512KiB": (
        NET + '[vary.device_numbers]\n"memory.buffer_bytes" = ["512KiB", 524288]',
        "",
    ),
    "vary.device has rk3588-npu:bin=L5:rail=rk8602 twice": (
        NET + 'device = ["rk3588-npu:bin=L5", "rk3588-npu:bin=L5:rail=rk8602"]',
        "",
    ),
    "vary.period has 1000us twice, which is 1ms": (NET + 'period = ["1ms", "1000us"]', ""),
    "vary.memory has 1.56GHz twice, which is 1560MHz": (NET + 'memory=["1560MHz","1.56GHz"]', ""),
    "vary.confidence has 0.99 twice, which is 99%": (NET + 'confidence = ["99%", 0.99]', ""),
    "vary.governor has dfs:guard=0 twice, which is dfs": (
        NET + 'governor = ["dfs", "dfs:guard=0"]',
        "",
    ),
    "vary.cap has NONE twice, which is none": (NET + 'cap = ["none", "NONE"]', ""),
    "vary.until has 60s twice, which is 1min": (NET + 'until = ["1min", "60s"]', ""),
    "vary.device_numbers: 'cap' is a field of the run": (
        NET + "cap = [1]\n[vary.device_numbers]\ncap = [1, 2]",
        "",
    ),
    "vary.device_numbers: 'load' is a field": ("[vary.device_numbers]\nload = [1, 2]", ""),
    "vary.cap has inf values": (NET + "cap = { low = 0.1, high = 1e300, step = 1e-20 }", ""),
    "vary.cap has 2e+299 values": (NET + "cap = { low = 0.1, high = 0.3, step = 1e-300 }", ""),
    "are too far apart": (NET + "cap = { low = -1e308, high = 1e308, step = 1e308 }", ""),
    "0.5 to 3.0 are no whole numbers": (NET + "frames = { low = 0.5, high = 3.0, step = 1 }", ""),
    "unknown number of device rk3588-npu that its name may say 'memory.bufer_bytes'": (
        NET + '[vary.device_numbers]\n"memory.bufer_bytes" = { low = 1, high = 2, step = 1 }',
        "",
    ),
    "vary.points has no range": (
        NET + "[vary.device_numbers]\npoints = { low = 1, high = 2, step = 1 }",
        "",
    ),
    "step = 0.0 is no step above 0": (NET + "cap = { low = 0.1, high = 1.0, step = 0 }", ""),
    "step = 0.5 is no whole number above 0": (NET + "seed = { low=0, high=2, step=0.5 }", ""),
    "unknown key 'capp'": (NET + 'capp = ["1 W"]', ""),
    "over: unknown key 'devise'": (NET, '[over]\ndevise = "mdla"'),
    "'load' is varied and shared": (NET, '[over]\nnetwork = "alexnet"'),
    "no load": ('cap = ["1 W"]', ""),
    "network and load are one thing": (NET + 'load = ["alexnet"]', ""),
    "vary.frames = '3' does not fit; give a whole number": (NET + 'frames = ["3"]', ""),
    "over.correct = 'yes' does not fit": (NET, '[over]\ncorrect = "yes"'),
    "a grid's range needs a step": (NET + "frames = { low = 1, high = 3 }", ""),
    "is not below high": (NET + "frames = { low = 3, high = 3, step = 1 }", ""),
    "give one unit": (NET + 'cap = { low = "1 W", high = "2 mW", step = 1 }', ""),
    "is no number": (NET + 'cap = { low = "low", high = "2 mW", step = 1 }', ""),
    "vary.cap: unknown key 'lo'": (NET + "cap = { lo = 1, high = 2, step = 1 }", ""),
    "1,000,000 points": (
        NET + "frames = {low=1,high=1000,step=1}\nseed = {low=0,high=999,step=1}",
        "",
    ),
    "dims can be shared": (NET + 'dims = ["batch"]', ""),
}


@pytest.mark.parametrize("why", BAD)
def test_what_does_not_fit_is_one_line_that_says_why(why, tmp_path):
    vary, over = BAD[why]
    path = written(tmp_path, f'name = "bad"\n[vary]\n{vary}\n{over}\n')
    with pytest.raises(InputError) as error:
        sweep(read_sweep(path), tmp_path / "out", 1, run=fake)
    assert why in str(error.value)
    assert not (tmp_path / "out").exists()


def test_no_point_that_can_run_is_an_error(tmp_path):
    path = written(tmp_path, STUDY.replace('["dfs", "nobody"]', '["nobody"]'))
    with pytest.raises(InputError, match="of 4 points none could run; the first says"):
        sweep(read_sweep(path), tmp_path / "out", 1)
    assert not (tmp_path / "out" / "result.json").exists()


def test_a_journal_of_something_else_is_refused(tmp_path):
    (tmp_path / "journal.log").write_text('{"op": 1, "user_attr": {"committed": 1}}\n')
    with pytest.raises(InputError, match="is no journal of a sweep"):
        sweep(read_sweep(written(tmp_path, BIG)), tmp_path, 1, run=fake)


@pytest.mark.parametrize(
    "line", ['{"point": 1}', '{"point": "x", "brief": 1, "notes": 2, "error": 3}']
)
def test_a_line_of_a_journal_that_is_no_point_is_named(line, tmp_path):
    path = written(tmp_path, BIG)
    sweep(read_sweep(path), tmp_path, 1, run=fake)
    with (tmp_path / "journal.log").open("a") as journal:
        journal.write(f'{line[:-1]}, "user_attr": {{"committed": 1}}}}\n')
    with pytest.raises(InputError, match="' is damaged at line"):
        sweep(read_sweep(path), tmp_path, 1, run=fake)
