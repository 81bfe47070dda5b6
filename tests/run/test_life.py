"""A scenario from start to end: against a naive loop, its ends, its ledgers, its refusals."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged
from dfsrt.device.rules import leakage_at_temperature
from dfsrt.report.result import Result
from dfsrt.report.schema import Report
from dfsrt.report.series import series
from dfsrt.run import execute, make_job
from dfsrt.run.kept import Requests
from dfsrt.run.scenario import Scenario
from dfsrt.run.scenario_load import load_scenario
from dfsrt.run.stop import parse_stop
from dfsrt.study.ends import range_ends
from dfsrt.study.sampling import sample
from dfsrt.world.battery import load_battery
from tests.helpers.scenarios import changed

PHONE = load_scenario("infinite-zoom-phone")


def number(value: float) -> Ranged:
    return Ranged(value, value, value, "test")


def small(**changes: Any) -> Scenario:
    """The phone with squeezenet thirty times a second, for a minute."""
    fields = {
        "load": "squeezenet", "period": "33 ms", "deadline": "33 ms", "until": parse_stop("60 s"),
        "name": "small",
        "vary": replace(PHONE.vary, bins=()),  # a model for each would have to be fitted
    }  # fmt: skip
    return changed(PHONE, **(fields | changes))


def lived(scenario: Scenario, governor: str | None = None, **fields: Any) -> Report:
    """Return the report of a scenario's life."""
    return dfsrt.run(scenario, governor=governor, **fields).report


@pytest.fixture(scope="module")
def job() -> dfsrt.Job:
    return dfsrt.Job(small())


@pytest.fixture(scope="module")
def done(job: dfsrt.Job) -> Result:
    return job.run()


def test_a_device_that_only_stands_warms_as_a_naive_loop_says() -> None:
    """Leakage that follows the die's temperature, found by Euler's method in tiny steps."""
    idle = {"period": "1000000 s", "deadline": None, "until": parse_stop("20 min")}
    scenario = small(**idle, uses=(), zones=(), trips=())
    run = dfsrt.Job(scenario).run("performance")
    job, heat = run.run.job, scenario.setting.heat
    npu = job.npu
    inner, to_air = heat.conductance()
    capacity = np.array([n.heat_capacity.value for n in heat.nodes])
    plant = job.table.plant
    at_start = leakage_at_temperature(
        npu.silicon.leakage_per_c, npu.hidden.temp_c, npu.silicon.ref_temp_c
    )
    volts = npu.opps.rails_uv[-1] * 1e-6
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
    battery = run.report.battery
    found = [battery.temperature_c.nodes_max[n.name] for n in heat.nodes]
    # The first request runs for half a millisecond; nothing else does.
    np.testing.assert_allclose(np.array(found) - 25, temps - 25, rtol=5e-3)


def test_the_report_holds_what_is_promised(done: Result) -> None:
    found = msgspec.json.decode(done.to_json())
    battery = found["battery"]
    assert found["time_s"] == battery["life_s"] == pytest.approx(60.0, abs=0.01)
    assert battery["end_cause"] == "time"
    assert set(battery["energy_j"]) == {"chemical", "internal_loss", "pmic_loss", "components"}
    assert {"die_max", "skin_max"} <= set(battery["temperature_c"])
    assert {"met", "missed"} <= set(found["deadlines"])
    assert found["frames"] == found["requests"]["completed"]
    assert len(battery["assumed"]) == len(small().assumed())
    msgspec.convert(found, Report)


def test_energy_adds_up_to_what_left_the_chemistry(done: Result) -> None:
    e = done.report.battery.energy_j
    parts = math.fsum(e.components.values()) + e.pmic_loss + e.internal_loss
    assert parts == pytest.approx(e.chemical, rel=1e-9)


def test_layers_and_idle_time_add_up_to_the_npu(done: Result) -> None:
    report = done.report
    stages = math.fsum(s.energy_by_domain_j.total for s in report.stages)
    assert stages == pytest.approx(done.run.surroundings.meter.layer_j.sum())
    assert stages < report.energy_by_domain_j.total
    assert math.fsum(s.energy_j for s in report.stages) + report.idle_j == pytest.approx(
        report.energy_j, rel=1e-9
    )


def test_the_npu_took_from_the_battery_what_the_core_says(done: Result) -> None:
    report, flow = done.report, done.report.battery.energy_j
    parts = {**report.energy_breakdown_j, **report.outside_domain_j}
    on_chip = math.fsum(parts[name] for name in ("switching", "clock", "leakage"))
    assert flow.components["npu"] == pytest.approx(on_chip, rel=1e-9)
    assert flow.components["npu dram"] == pytest.approx(parts["dram"], rel=1e-9)
    assert flow.components["npu uncore"] == pytest.approx(parts["uncore"], rel=1e-9)
    assert flow.pmic_loss > parts["regulator_loss"]


def test_both_engines_give_the_same_report() -> None:
    short = small(until=parse_stop("3 s"))
    one, two = (lived(short, step=step) for step in ("kernel", "layer"))
    assert one.frames == two.frames
    a, b = one.battery, two.battery
    assert a.life_s == b.life_s
    assert a.energy_j.chemical == pytest.approx(b.energy_j.chemical, rel=1e-10)
    assert a.temperature_c.die_max == pytest.approx(b.temperature_c.die_max)


def test_an_empty_battery_ends_it_in_mid_tick_and_late_frames_do_not_count() -> None:
    job, kept = make_job(small(until=parse_stop("empty"), charge=number(0.042))), Requests()
    run = execute(job, consumers=[kept])
    report = lived(job.scenario)
    battery = report.battery
    assert battery.end_cause == "empty"
    assert battery.voltage_end_v == pytest.approx(3.35, abs=1e-3)
    assert battery.life_s < 200
    assert report.frames == int((kept.ended.done.finish_ns <= battery.life_s * 1e9).sum())
    over = series(run)
    assert over["time_s"][-1] == pytest.approx(battery.life_s)
    assert over["charge"][-1] == pytest.approx(battery.charge_end)


def test_a_battery_that_cannot_give_the_peak_browns_out() -> None:
    tiny = replace(load_battery("glasses-160"), resistance=number(1.7))
    scenario = small(battery=tiny, until=parse_stop("empty"), cap=math.inf, soc_caps=())
    battery = lived(scenario, "performance").battery
    assert battery.end_cause == "brown_out"
    assert battery.charge_end > 0.2


def test_a_battery_below_its_components_is_refused_before_anything_runs() -> None:
    tiny = replace(load_battery("glasses-160"), resistance=number(5.0))
    with pytest.raises(InputError, match=r"can give .* W at most .* components draw"):
        lived(small(battery=tiny))


def test_a_low_charge_holds_the_npu_back() -> None:
    low = {"charge": number(0.1), "cap": 3.0, "zones": ()}
    report = lived(small(**low, soc_caps=((0.2, 0.6),)), "dfs")
    assert report.battery.limited_s == pytest.approx(report.battery.life_s)
    free = lived(small(**low, soc_caps=()), "dfs")
    assert report.power_w.max < free.power_w.max


def test_a_limit_binds_a_governor_that_looks_at_no_cap() -> None:
    held = lived(small(cap=3.0, soc_caps=((1.0, 0.6),), zones=()), "performance")
    fastest = max(e.freq_hz for e in held.residency if e.share > 0.001)
    assert fastest < 1_000_000_000
    assert held.power_w.max < 0.75  # predicted at most 0.6 W; the plant may differ


@pytest.mark.parametrize("cap_w", [math.inf, 3.0])
@pytest.mark.parametrize("governor", ["dfs", "performance"])
def test_a_zone_grants_watts_of_the_npu_whatever_the_domain_of_the_cap(
    governor: str, cap_w: float
) -> None:
    """DRAM and uncore are not in the grant; a cap of 3 W holds nothing back in any domain."""
    warm = replace(PHONE.setting.zones[0], switch_on_c=40.0, control_c=50.0, k_i=0.0)
    warm = replace(warm, sustainable=number(1.0))
    fields = {"period": None, "deadline": None, "soc_caps": (), "zones": (warm,), "trips": ()}
    fields |= {"start_c": 50.0, "until": parse_stop("10 s")}
    reports = [
        lived(small(**fields, cap=cap_w, cap_domain=domain), governor)
        for domain in ("npu", "npu+dram", "system")
    ]
    slowest = lived(small(**fields), "powersave")
    assert reports[0].frames > slowest.frames * 1.01
    assert [report.frames for report in reports] == [reports[0].frames] * 3
    for report in reports:
        assert report.energy_by_domain_j == reports[0].energy_by_domain_j
        assert report.battery.limited_s == pytest.approx(report.battery.life_s)


def test_requests_stop_it_too() -> None:
    report = lived(small(until=parse_stop("100 requests")))
    assert report.battery.end_cause == "requests"
    assert report.frames == 100


def test_a_trace_brings_its_own_cap_where_the_scenario_has_none() -> None:
    day = load_scenario("phone-day")
    assert make_job(day, until="10 s").power_cap.first_w == 1.0
    evening = make_job(day, until="24 h").power_cap.steps[1]
    assert (evening.start_ns, evening.limit_w) == (20 * 3600 * 10**9, 0.6)
    assert make_job(changed(day, cap=2.0)).power_cap.first_w == 2.0


def test_a_governor_that_reads_the_meter_is_refused(job: dfsrt.Job) -> None:
    with pytest.raises(InputError, match="reads the power meter"):
        job.run("pid")


def test_governors_stand_side_by_side(job: dfsrt.Job) -> None:
    found = job.compare(["performance", "dfs"])
    assert [r.governor for r in found.report.runs] == ["performance", "dfs"]
    joules = [r.battery.energy_per_frame_j for r in found.report.runs]
    assert joules[0] > joules[1] > 0
    with pytest.raises(InputError, match="no governor given"):
        job.compare([])


def test_both_ends_of_every_assumed_range_are_run() -> None:
    scenario = small(until=parse_stop("empty"), charge=number(0.045))
    report = range_ends(scenario)
    assert {e.number.name for e in report.ends} == set(scenario.assumed())
    moved = [abs(e.life_high_s - e.life_low_s) for e in report.ends]
    assert moved == sorted(moved, reverse=True)
    by_name = {e.number.name: e for e in report.ends}
    display = by_name["uses.display.component.states.half"]
    assert display.life_low_s > report.life_s > display.life_high_s


def test_samples_do_not_depend_on_how_many_there_are_or_who_works() -> None:
    scenario = small(until=parse_stop("5 s"))
    few = sample(scenario, 3, seed=7, workers=1)
    more = sample(scenario, 10, seed=7, workers=2)
    assert few.rows == more.rows[:3]
    assert more.report == sample(scenario, 10, seed=7, workers=1).report
    assert few.rows != sample(scenario, 3, seed=8, workers=1).rows


def test_samples_spread_and_say_what_life_goes_with() -> None:
    scenario = small(until=parse_stop("empty"), charge=number(0.05))
    done = sample(scenario, 12, seed=1, workers=1)
    life = done.report.distributions["life_s"]
    assert life.min < life.p5 <= life.p50 <= life.p95 < life.max
    assert sum(done.report.end_causes.values()) == 12
    assert {i.name for i in done.report.influences} >= {"ambient", "health", "leakage scale"}
    assert all(-1 <= i.rank_correlation <= 1 for i in done.report.influences)


def test_samples_may_draw_everything_that_is_assumed() -> None:
    scenario = small(until=parse_stop("2 s"))
    scenario = replace(scenario, vary=replace(scenario.vary, assumed=True))
    rows = sample(scenario, 2, workers=1).rows
    path = "heat.links.skin-ambient.resistance"
    assert rows[0][path] != rows[1][path]
    assert all(4.0 <= float(row[path]) <= 8.0 for row in rows)


def test_samples_are_drawn_over_speed_bins() -> None:
    scenario = small(until=parse_stop("1 s"))
    scenario = replace(scenario, vary=replace(scenario.vary, bins=("L0", "L5")))
    rows = sample(scenario, 6, seed=2, workers=1).rows
    assert {row["bin"] for row in rows} == {"L0", "L5"}


@pytest.mark.parametrize(("count", "workers"), [(0, 1), (10**7, 1), (3, 0)])
def test_a_count_beyond_sense_is_refused(count: int, workers: int) -> None:
    with pytest.raises(InputError):
        sample(small(), count, workers=workers)
