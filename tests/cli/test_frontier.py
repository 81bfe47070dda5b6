"""``dfsrt frontier`` and the regret that ``dfsrt compare`` shows."""

from __future__ import annotations

import csv
import json

import pytest

from dfsrt import compare
from dfsrt.base.errors import InputError
from dfsrt.governor import governor_names
from dfsrt.study.frontier import Frontier

GOVERNORS = ["app-dvfs", "dfs", "dvfs", "segment-dvfs", "optimal", "performance", "powersave"]


@pytest.fixture(scope="module")
def report():
    return Frontier("alexnet", between=4, job={"cap": "0.2 W"}).report()


def test_the_frontier_falls_from_the_least_time_to_the_least_energy(report):
    times = [p.time_s for p in report.points]
    energies = [p.energy_j for p in report.points]
    assert len(times) > 4
    assert times == sorted(times)
    assert energies == sorted(energies, reverse=True)
    assert all(p.certified == (p.gap <= 1e-3) for p in report.points)
    assert report.points[0].certified
    assert report.points[-1].certified


def test_every_governor_is_on_it_and_none_that_keeps_the_cap_is_below(report):
    assert [g.governor for g in report.governors] == list(governor_names())
    for governor in report.governors:
        if governor.regret.layers_over == 0:
            assert governor.time_s >= report.points[0].time_s
            slower = [p for p in report.points if p.time_s >= governor.time_s]
            # The least energy of a slower frame is no more than its own.
            assert not slower or slower[-1].energy_j <= governor.energy_j * (1 + 1e-9)


def test_regret_is_the_distance_from_the_frontier(report):
    least_s, least_j = report.points[0].time_s, report.points[-1].energy_j
    for governor in report.governors:
        assert governor.regret.time == pytest.approx(governor.time_s / least_s - 1, abs=1e-9)
        if governor.time_s >= report.points[-1].time_s:
            assert governor.regret.energy == pytest.approx(governor.energy_j / least_j - 1)


def test_compare_shows_the_regret_of_each_governor(dfsrt):
    done = dfsrt("compare", "alexnet", "-g", ",".join(GOVERNORS), "-c", "0.2W", "--json", "-")
    runs = {r["governor"]: r["regret"] for r in json.loads(done.stdout)["runs"]}
    assert runs["optimal"]["time"] == 0
    assert runs["optimal"]["layers_over"] == 0
    assert runs["performance"]["time"] < 0 < runs["performance"]["layers_over"]
    for name in ("app-dvfs", "dfs", "dvfs", "segment-dvfs", "powersave"):
        assert runs[name]["time"] >= 0
        assert runs[name]["energy"] >= 0
    assert runs["powersave"]["time"] > runs["dfs"]["time"]
    shown = dfsrt("compare", "alexnet", "-g", "optimal", "-c", "0.2W").stdout.splitlines()
    head = next(n for n, line in enumerate(shown) if line.startswith("governor"))
    assert shown[head].endswith("time regret  energy regret")
    assert shown[head + 1].split()[-2] == "0.0%"


def test_the_predicted_time_of_a_plan_is_what_the_run_takes():
    # Times are certain, only watts are predicted: the steady frame of a run is the one expected.
    for name in ("dvfs", "segment-dvfs", "optimal"):
        runs = compare("squeezenet", ["optimal", name], cap="0.16 W", frames=4)
        finish = runs.runs[1].log.finish_ns
        best = runs.runs[0].log.finish_ns
        regret = runs.report.runs[1].regret
        taken, least = int(finish[-1] - finish[-2]), int(best[-1] - best[-2])
        assert taken / least - 1 == pytest.approx(regret.time, abs=1e-12)


def test_a_cap_that_changes_or_a_corrected_model_has_no_regret():
    for told in ({"cap_changes": {"1ms": "0.5 W"}}, {"correct": True}):
        runs = compare("alexnet", ["dfs"], frames=2, **told).report.runs
        assert runs[0].regret is None


def test_a_governor_that_samples_is_judged_by_its_last_frame():
    told = "simple_ondemand:period=1ms"
    runs = compare("alexnet", [told, "performance"], cap="none", frames=3).report.runs
    # Always busy: it stays at the top clock, as performance does.
    assert runs[0].regret.time == pytest.approx(runs[1].regret.time, abs=1e-12)
    assert runs[0].regret.energy == pytest.approx(runs[1].regret.energy, abs=1e-9)


def test_a_frame_that_the_run_s_end_cuts_off_is_not_judged():
    told = "simple_ondemand:period=1ms"
    whole = compare("alexnet", [told], cap="none", frames=3).report.runs[0].regret
    cut = compare("alexnet", [told], cap="none", frames=9, until="25ms").report.runs[0]
    assert cut.regret == whole


def test_a_governor_that_samples_does_not_beat_the_optimum_while_it_still_climbs():
    # Its last frame takes the clock from 600 to 800 MHz: where it came from was not its to keep.
    job = {"cap": "0.8 W", "device": "rk3588-npu-ideal", "frames": 10}
    run = compare("shufflenet", ["pid"], **job)
    assert len(set(run.runs[0].log.level[run.runs[0].log.last_frame].tolist())) > 1
    regret = run.report.runs[0].regret
    assert regret.layers_over == 0
    assert regret.time > 0
    assert regret.energy >= 0


def test_the_command_writes_table_json_csv_and_figure(dfsrt, tmp_path):
    out = {kind: tmp_path / f"f.{kind}" for kind in ("json", "csv", "png")}
    done = dfsrt(
        *("frontier", "alexnet", "-c", "0.2W", "-g", "dfs,optimal", "--between", "2"),
        *("--json", out["json"], "--csv", out["csv"], "--figure", out["png"]),
    )
    assert "points are certified" in done.stdout
    document = json.loads(out["json"].read_text())
    rows = list(csv.DictReader(out["csv"].read_text().splitlines()))
    assert len(rows) == len(document["points"]) + 2
    assert float(rows[0]["time_s"]) == document["points"][0]["time_s"]
    assert [g["governor"] for g in document["governors"]] == ["dfs", "optimal"]
    assert "what a stall draws" in document["assumed"][-1]
    assert out["png"].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"between": -1}, "out of range"),
        ({"job": {"cap_changes": {"1ms": "0.2 W"}}}, "under one cap"),
        ({"governors": ["dsf"]}, "did you mean 'dfs'"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(told, message):
    with pytest.raises(InputError, match=message):
        Frontier("alexnet", **told).report()


def test_a_memory_governor_that_polls_is_said_to_stay_where_it_begins():
    told = {"governors": ["performance"], "between": 0}
    polled = Frontier("squeezenet", **told, job={"memory": "bwmon"}).report()
    fixed = Frontier("squeezenet", **told, job={"memory": "performance"}).report()
    assert any("memory bwmon" in note and "2.75 GHz" in note for note in polled.notes)
    assert not any("memory" in note for note in fixed.notes)
