"""``dfsrt frontier --period``: energy of whole periods by hand, and what it says is best."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest

from dfsrt import compare
from dfsrt.base.errors import InputError
from dfsrt.device import load_device
from dfsrt.device.at_memory import at_memory_point
from dfsrt.device.idle import IdleState
from dfsrt.report.frontier_figure import write_frontier
from dfsrt.report.frontier_table import frontier_csv
from dfsrt.report.period_table import period_grid
from dfsrt.report.schema import to_json
from dfsrt.run import make_job
from dfsrt.run.outlook import first_view
from dfsrt.study import period
from dfsrt.study.frontier import Frontier
from dfsrt.study.period import period_report

GATED = IdleState("gated", 0.5, 100_000, 300_000, 0.2e-3, 0.7e-3)
"""Half a watt; in 0.1 ms on 0.2 mJ, out in 0.3 ms on 0.7 mJ."""


def device(fixed_w=15.0, idle=(GATED,)):
    """Three million cycles take 6, 4 and 3 ms on 27, 48 and 75 mJ; and 15 W flow beside."""
    ideal = load_device("ideal")
    return replace(ideal, silicon=replace(ideal.silicon, fixed_w=fixed_w), idle=idle)


def by_clock(monkeypatch, load="cycles:n=3000000", npu=None, settled=8, **fields):
    monkeypatch.setattr(period, "SETTLED", settled)
    monkeypatch.setattr(period, "COUNTED", 4)
    job = make_job(load, **{"device": npu or device(), "period": "30ms", "cap": "none", **fields})
    view = first_view(job.table, job.power_cap, job.period_ns, job.idle)
    return period_report(job, view, [])


BY_HAND = {
    # 15 W all the time: 450 mJ beside the work.
    "none": ([27 + 450, 48 + 450, 75 + 450], "pace at 500 MHz"),
    # At once in and in time out: 15 W while it works, 0.9 mJ, and 0.5 W for what is left of 30 ms.
    "oracle": ([27 + 90 + 0.9 + 11.8, 48 + 60 + 0.9 + 12.8, 75 + 45 + 0.9 + 13.3],
               "race at 750 MHz and sleep"),
    # 1 ms of 15 W before; it is woken by the request, which waits for 0.3 ms.
    "timeout=1ms": ([27 + 90 + 15 + 0.9 + 11.3, 48 + 60 + 15 + 0.9 + 12.3,
                     75 + 45 + 15 + 0.9 + 12.8], "race at 750 MHz and sleep"),
    # It pays from the 0.4 ms on that in and out take.
    "break-even": ([27 + 90 + 6 + 0.9 + 11.6, 48 + 60 + 6 + 0.9 + 12.6,
                    75 + 45 + 6 + 0.9 + 13.1], "race at 750 MHz and sleep"),
}  # fmt: skip


@pytest.mark.parametrize("idle", BY_HAND)
def test_a_period_takes_what_it_takes_by_hand(monkeypatch, idle):
    report = by_clock(monkeypatch, idle=idle)
    millijoules, says = BY_HAND[idle]
    assert [p.energy_j * 1e3 for p in report.points] == pytest.approx(millijoules, rel=1e-8)
    assert report.says == report.clock_says == says
    waits = 0.0 if idle in ("none", "oracle") else 0.3e-3
    assert [p.latency_s - p.time_s for p in report.points] == pytest.approx([waits] * 3, abs=1e-12)


def test_what_governors_are_told_of_idle_time_is_what_the_engine_takes(monkeypatch):
    for idle in ("none", "oracle", "timeout=1ms"):
        report = by_clock(monkeypatch, idle=idle)
        job = make_job("cycles:n=3000000", device=device(), period="30ms", cap="none", idle=idle)
        rest = first_view(job.table, job.power_cap, job.period_ns, job.idle).rest
        for k, point in enumerate(report.points):
            told = rest.gap_j(k, 30_000_000 - point.time_s * 1e9)
            assert told == pytest.approx(point.idle_j, rel=1e-6)


def test_a_plateau_of_voltage_is_raced_on_with_a_state_and_paced_on_without(monkeypatch):
    # The claim of the whole: on today's preset, too, at 30 FPS and its memory's highest clock.
    npu = load_device("rk3588-npu")
    rk3588 = {"load": "resnet50", "npu": at_memory_point(npu, -1), "period": "33.3ms"}
    awake, asleep = (by_clock(monkeypatch, idle=i, **rk3588) for i in ("none", "oracle"))
    assert awake.says == "pace at 300 MHz"
    assert asleep.says == "race at 700 MHz and sleep"
    less = [b.energy_j / a.energy_j for a, b in zip(awake.points, asleep.points, strict=True)]
    assert max(less[4:]) < 0.72 < min(less[:1])


def test_clocks_that_do_not_fit_are_marked_and_never_named(monkeypatch):
    report = by_clock(monkeypatch, period="4.5ms", idle="none")
    assert [p.fits for p in report.points] == [False, True, True]
    assert report.points[0].energy_j is None
    assert report.says == "pace at 750 MHz"
    # Awake it fits; woken by the request it does not.
    late = by_clock(monkeypatch, period="4.5ms", idle="timeout=1us")
    assert [p.fits for p in late.points] == [False, True, True]
    late = by_clock(monkeypatch, period="4.2ms", idle="timeout=1us")
    assert [p.fits for p in late.points] == [False, False, True]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"period": "0.9ms"}, r"no frame of cycles fits in a period of 900 .*takes 1.000 ms; give"),
        ({"idle": "oracle"}, r"'idle' needs a period.*--period 33ms"),
        ({"idle_rail": "lowest"}, r"'idle-rail' needs a period"),
        ({"period": "10ms", "idle": "sleepy"}, "sleepy"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(told, message):
    with pytest.raises(InputError, match=message):
        Frontier("cycles", [], 0, {"device": device(), "cap": "none", **told}).report()


def test_the_period_stands_in_json_table_csv_and_figure(tmp_path):
    told = {"device": "ideal", "cap": "none", "period": "3ms", "idle_rail": "lowest"}
    report = Frontier("cycles", ["dfs"], 0, told).report()
    found = json.loads(to_json(report))["period"]
    assert (found["idle"], found["idle_rail"], found["says"]) == (
        "none",
        "lowest",
        "pace at 500 MHz",
    )
    lines = "\n".join(period_grid(report.period).lines)
    assert "best: pace at 500 MHz: 9.000 mJ a frame, -64.0% against 1.00 GHz" in lines
    rows = list(csv.DictReader(frontier_csv(report).decode().splitlines()))
    best = [row for row in rows if row["best"] == "True"]
    assert [float(row["period_j"]) for row in best] == [pytest.approx(9e-3)]
    write_frontier(report, tmp_path / "f.png")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


def test_compare_counts_idle_time_in_every_figure_of_energy():
    job = {"device": device(), "cap": "none", "period": "30ms", "frames": 5, "idle": "oracle"}
    report = compare("cycles:n=3000000", ["powersave", "optimal:goal=energy"], **job).report
    slow, best = report.runs
    assert best.regret.energy == 0
    assert slow.regret.energy == pytest.approx(129.7 / 121.7 - 1, rel=1e-3)
    for run in report.runs:
        work_j = run.energy_j - run.idle_j
        assert run.idle_j > 0.05 * work_j
        assert run.energy_per_inference_j == run.energy_j / 5
        assert run.inferences_per_watt_s == pytest.approx(5 / run.energy_j)
        assert run.power_w.avg == pytest.approx(run.energy_j / 0.15)
