"""A scenario from start to end: against a naive loop, its ends, its ledgers, its refusals."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from dfsrt.report.life_compare import compare_governors
from dfsrt.report.life_schema import LifeReport
from dfsrt.run.life_front import BatteryJob
from dfsrt.run.scenario_front import Scenario, load_scenario

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged
from dfsrt.device.rules import leakage_at_temperature
from dfsrt.report.series import series
from dfsrt.run.scenario import Cap, Load
from dfsrt.run.scenario_load import parse_stop
from dfsrt.study.ends import range_ends
from dfsrt.study.sampling import sample
from dfsrt.world.battery import load_battery
from tests.helpers.scenarios import changed

PHONE = load_scenario("infinite-zoom-phone")
RESNET = Load(None, "squeezenet", 33_000_000, 33_000_000, "fifo", "none")


CAP = Cap(3.0, "npu", ())


def number(value: float) -> Ranged:
    return Ranged(value, value, value, "test")


def small(**changes: Any) -> Scenario:
    """The phone with squeezenet thirty times a second, for a minute."""
    one_bin = replace(PHONE.vary, bins=())  # a model for each would have to be fitted
    fields = {"load": RESNET, "stop": parse_stop("60 s"), "name": "small", "vary": one_bin}
    return changed(PHONE, **(fields | changes))


@pytest.fixture(scope="module")
def job() -> BatteryJob:
    return BatteryJob(small())


def test_a_device_that_only_stands_warms_as_a_naive_loop_says() -> None:
    """Leakage that follows the die's temperature, found by Euler's method in tiny steps."""
    idle = replace(RESNET, every_ns=10**15, deadline_ns=None)
    scenario = small(load=idle, stop=parse_stop("20 min"), uses=(), zones=(), trips=())
    run = BatteryJob(scenario).run("performance")
    npu, heat = run.job.base.npu, scenario.setting.heat
    inner, to_air = heat.conductance()
    capacity = np.array([n.heat_capacity.value for n in heat.nodes])
    plant = run.job.mix.table.plant
    at_start = leakage_at_temperature(
        npu.silicon.leakage_per_c, npu.hidden.temp_c, npu.silicon.ref_temp_c
    )
    volts = run.job.mix.table.npu.opps.rails_uv[-1] * 1e-6
    die, board, cell = (heat.place(n) for n in (heat.die, heat.board, heat.cell))
    temps, dt, ohm, soc_v = np.full(len(capacity), 25.0), 0.25, 0.0, 0.0
    ohm, soc_v = 0.045 * 1.2 + 0.03 + 0.02 * 1.2, 4.19
    for _ in range(int(1200 / dt)):
        hot = leakage_at_temperature(npu.silicon.leakage_per_c, temps[die], npu.silicon.ref_temp_c)
        leak = sum(w * volts**n for w, n in plant.leakage) / at_start * hot
        loss, uncore = leak / plant.efficiency - leak, plant.uncore_w
        share = np.interp(uncore, [p.load_w for p in scenario.setting.pmic],
                          [p.efficiency.value for p in scenario.setting.pmic])  # fmt: skip
        drawn = leak + loss + uncore / share
        watts = np.zeros(len(capacity))
        watts[die] += leak + uncore
        watts[board] += loss + uncore / share - uncore
        watts[cell] += (drawn / soc_v) ** 2 * ohm
        flow = watts - inner @ temps - to_air * (temps - 25.0)
        temps = temps + dt * flow / capacity
    found = [run.report.temperature_c.nodes_max[n.name] for n in heat.nodes]
    # The first request runs for half a millisecond; nothing else does.
    np.testing.assert_allclose(np.array(found) - 25, temps - 25, rtol=5e-3)


def test_the_report_holds_what_is_promised(job: BatteryJob) -> None:
    found = msgspec.json.decode(job.run().to_json())
    assert found["life_s"] == pytest.approx(60.0, abs=0.01)
    assert found["end_cause"] == "time"
    assert set(found["energy_j"]) == {"chemical", "internal_loss", "pmic_loss", "components"}
    assert {"die_max", "skin_max"} <= set(found["temperature_c"])
    assert {"met", "missed"} <= set(found["deadlines"])
    assert found["frames"] == found["requests"]["completed"]
    assert len(found["assumed"]) == len(job.scenario.assumed())
    msgspec.convert(found, LifeReport)


def test_energy_adds_up_to_what_left_the_chemistry(job: BatteryJob) -> None:
    e = job.run().report.energy_j
    parts = math.fsum(e.components.values()) + e.pmic_loss + e.internal_loss
    assert parts == pytest.approx(e.chemical, rel=1e-9)


def test_layers_and_idle_time_add_up_to_the_npu(job: BatteryJob) -> None:
    run = job.run()
    stages = math.fsum(s.energy_j for s in run.report.stages)
    assert stages == pytest.approx(run.meter.layer_j.sum())
    assert stages < math.fsum(run.report.npu.energy_breakdown_j.values())


def test_both_engines_give_the_same_report() -> None:
    short = small(stop=parse_stop("3 s"))
    fast, slow = (BatteryJob(short, step=step).run().report for step in ("kernel", "layer"))
    one, two = (msgspec.to_builtins(r) for r in (fast, slow))
    assert one["frames"] == two["frames"]
    assert one["life_s"] == two["life_s"]
    assert one["energy_j"]["chemical"] == pytest.approx(two["energy_j"]["chemical"], rel=1e-10)
    assert one["temperature_c"]["die_max"] == pytest.approx(two["temperature_c"]["die_max"])


def test_an_empty_battery_ends_it_in_mid_tick_and_late_frames_do_not_count() -> None:
    scenario = small(stop=parse_stop("empty"), charge=number(0.042))
    run = BatteryJob(scenario).run()
    report = run.report
    assert report.end_cause == "empty"
    assert report.battery.voltage_end_v == pytest.approx(3.35, abs=1e-3)
    assert report.life_s < 200
    assert report.frames == int((run.finished <= report.life_s * 1e9).sum())
    over = series(run)
    assert over["time_s"][-1] == pytest.approx(report.life_s)
    assert over["charge"][-1] == pytest.approx(report.battery.charge_end)


def test_a_battery_that_cannot_give_the_peak_browns_out() -> None:
    tiny = replace(load_battery("glasses-160"), resistance=number(1.7))
    scenario = small(
        battery=tiny, stop=parse_stop("empty"), cap=Cap(math.inf, "npu", ()), soc_caps=()
    )
    report = BatteryJob(scenario).run("performance").report
    assert report.end_cause == "brown_out"
    assert report.battery.charge_end > 0.2


def test_a_battery_below_its_components_is_refused_before_anything_runs() -> None:
    tiny = replace(load_battery("glasses-160"), resistance=number(5.0))
    with pytest.raises(InputError, match=r"can give .* W at most .* components draw"):
        BatteryJob(small(battery=tiny)).run()


def test_a_low_charge_holds_the_npu_back() -> None:
    scenario = small(charge=number(0.1), cap=CAP, soc_caps=((0.2, 0.6),), zones=())
    report = BatteryJob(scenario).run("dfs").report
    assert report.npu.limited_s == pytest.approx(report.life_s)
    free = BatteryJob(small(charge=number(0.1), cap=CAP, soc_caps=(), zones=()))
    assert report.npu.power_max_w < free.run("dfs").report.npu.power_max_w


def test_a_limit_binds_a_governor_that_looks_at_no_cap() -> None:
    held = BatteryJob(small(cap=CAP, soc_caps=((1.0, 0.6),), zones=())).run("performance").report
    fastest = max(e.freq_hz for e in held.npu.residency if e.share > 0.001)
    assert fastest < 1_000_000_000
    assert held.npu.power_max_w < 0.75  # predicted at most 0.6 W; the plant may differ


@pytest.mark.parametrize("cap_w", [math.inf, 3.0])
@pytest.mark.parametrize("governor", ["dfs", "performance"])
def test_a_zone_grants_watts_of_the_npu_whatever_the_domain_of_the_cap(
    governor: str, cap_w: float
) -> None:
    """DRAM and uncore are not in the grant; a cap of 3 W holds nothing back in any domain."""
    warm = replace(PHONE.setting.zones[0], switch_on_c=40.0, control_c=50.0, k_i=0.0)
    warm = replace(warm, sustainable=number(1.0))
    fields = {"load": replace(RESNET, every_ns=None, deadline_ns=None), "soc_caps": ()}
    fields |= {"zones": (warm,), "trips": (), "start_c": 50.0, "stop": parse_stop("10 s")}
    reports = [
        BatteryJob(small(**fields, cap=Cap(cap_w, domain, ()))).run(governor).report
        for domain in ("npu", "npu+dram", "system")
    ]
    slowest = BatteryJob(small(**fields)).run("powersave").report
    assert reports[0].frames > slowest.frames * 1.01
    assert [report.frames for report in reports] == [reports[0].frames] * 3
    for report in reports:
        assert report.npu.energy_breakdown_j == reports[0].npu.energy_breakdown_j
        assert report.npu.limited_s == pytest.approx(report.life_s)


def test_requests_stop_it_too() -> None:
    report = BatteryJob(small(stop=parse_stop("100 requests"))).run().report
    assert report.end_cause == "requests"
    assert 100 <= report.frames <= 131  # books are closed once a second


def test_a_trace_brings_its_own_cap_where_the_scenario_has_none() -> None:
    day = replace(load_scenario("phone-day"), stop=parse_stop("10 s"))
    job = BatteryJob(day)
    assert job.first_cap_w == 1.0
    evening = 20 * 3600 * 10**9
    assert BatteryJob(replace(day, stop=parse_stop("24 h"))).lived.cap.changes[0] == (evening, 0.6)
    assert BatteryJob(replace(day, cap=replace(day.cap, first_w=2.0))).first_cap_w == 2.0


def test_a_governor_that_reads_the_meter_is_refused(job: BatteryJob) -> None:
    with pytest.raises(InputError, match="reads the power meter"):
        job.run("pid")


def test_too_many_requests_are_refused() -> None:
    often = replace(RESNET, every_ns=1000)
    with pytest.raises(InputError, match="let the scenario stop earlier"):
        BatteryJob(small(load=often)).run()


def test_governors_stand_side_by_side(job: BatteryJob) -> None:
    found = compare_governors(job, ["performance", "dfs"])
    assert [r.governor for r in found.report.runs] == ["performance", "dfs"]
    joules = [r.energy_per_frame_j for r in found.report.runs]
    assert joules[0] > joules[1] > 0
    with pytest.raises(InputError, match="no governor given"):
        compare_governors(job, [])


def test_both_ends_of_every_assumed_range_are_run() -> None:
    scenario = small(stop=parse_stop("empty"), charge=number(0.045))
    report = range_ends(BatteryJob(scenario))
    assert {e.number.name for e in report.ends} == set(scenario.assumed())
    moved = [abs(e.life_high_s - e.life_low_s) for e in report.ends]
    assert moved == sorted(moved, reverse=True)
    by_name = {e.number.name: e for e in report.ends}
    display = by_name["uses.display.component.states.half"]
    assert display.life_low_s > report.life_s > display.life_high_s


def test_samples_do_not_depend_on_how_many_there_are_or_who_works() -> None:
    scenario = small(stop=parse_stop("5 s"))
    few = sample(scenario, 3, seed=7, workers=1)
    more = sample(scenario, 10, seed=7, workers=2)
    assert few.rows == more.rows[:3]
    assert more.report == sample(scenario, 10, seed=7, workers=1).report
    assert few.rows != sample(scenario, 3, seed=8, workers=1).rows


def test_samples_spread_and_say_what_life_goes_with() -> None:
    scenario = small(stop=parse_stop("empty"), charge=number(0.05))
    done = sample(scenario, 12, seed=1, workers=1)
    life = done.report.distributions["life_s"]
    assert life.min < life.p5 <= life.p50 <= life.p95 < life.max
    assert sum(done.report.end_causes.values()) == 12
    assert {i.name for i in done.report.influences} >= {"ambient", "health", "leakage scale"}
    assert all(-1 <= i.rank_correlation <= 1 for i in done.report.influences)


def test_samples_may_draw_everything_that_is_assumed() -> None:
    scenario = small(stop=parse_stop("2 s"))
    scenario = replace(scenario, vary=replace(scenario.vary, assumed=True))
    rows = sample(scenario, 2, workers=1).rows
    path = "heat.links.skin-ambient.resistance"
    assert rows[0][path] != rows[1][path]
    assert all(4.0 <= float(row[path]) <= 8.0 for row in rows)


def test_samples_are_drawn_over_speed_bins() -> None:
    scenario = small(stop=parse_stop("1 s"))
    scenario = replace(scenario, vary=replace(scenario.vary, bins=("L0", "L5")))
    rows = sample(scenario, 6, seed=2, workers=1).rows
    assert {row["bin"] for row in rows} == {"L0", "L5"}


@pytest.mark.parametrize(("count", "workers"), [(0, 1), (10**7, 1), (3, 0)])
def test_a_count_beyond_sense_is_refused(count: int, workers: int) -> None:
    with pytest.raises(InputError):
        sample(small(), count, workers=workers)
