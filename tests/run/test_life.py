"""A scenario from start to end: against a naive loop, its ends, its ledgers, its refusals."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged
from dfsrt.device import load_device
from dfsrt.device.memory_points import without_standby
from dfsrt.device.rules import leakage_at_temperature
from dfsrt.report.core import report_of
from dfsrt.report.schema import BatteryReport, Report
from dfsrt.report.series import series
from dfsrt.run.job import make_job
from dfsrt.run.run import Run, execute
from dfsrt.run.scenario import Scenario
from dfsrt.run.scenario_load import load_scenario
from dfsrt.study.ends import range_ends
from dfsrt.study.sampling import sample
from dfsrt.world.battery import load_battery
from tests.helpers.scenarios import changed

PHONE = load_scenario("infinite-zoom-phone")


def number(value: float) -> Ranged:
    return Ranged(value, value, value, "test")


def small(**changes: Any) -> Scenario:
    """The phone with squeezenet thirty times a second, for a minute.

    ``changes`` are fields of its specification or of its setting.
    """
    fields = {
        "name": "small", "load": "squeezenet", "period": "33 ms", "deadline": "33 ms",
        "until": "60 s",
        "vary": replace(PHONE.vary, bins=()),  # a model for each would have to be fitted
    }  # fmt: skip
    return changed(PHONE, **(fields | changes))


def lived(scenario: Scenario, governor: str | None = None, **told: Any) -> Run:
    return execute(make_job(scenario, **told), governor)


def reported(
    scenario: Scenario, governor: str | None = None, **told: Any
) -> tuple[Report, BatteryReport]:
    """Return the report of a run, and the battery's part of it."""
    report = report_of(lived(scenario, governor, **told))
    assert report.battery is not None
    return report, report.battery


@pytest.fixture(scope="module")
def minute() -> Run:
    """A minute under the scenario's own governor."""
    return lived(small())


def test_a_device_that_only_stands_warms_as_a_naive_loop_says() -> None:
    """Leakage that follows the die's temperature, found by Euler's method in tiny steps."""
    fields: dict[str, Any] = {"period": "1000000 s", "deadline": None, "until": "20 min"}
    fields |= {
        "device": without_standby(load_device("rk3588-npu")),
        "idle": "none",
        "cap": "none",
        "uses": (),
        "zones": (),
        "trips": (),
    }  # the rail at its highest
    scenario = small(**fields)
    run = lived(scenario, "performance")
    npu, heat, pmic = run.job.npu, scenario.setting.heat, scenario.setting.pmic
    inner, to_air = heat.conductance()
    capacity = np.array([n.heat_capacity.value for n in heat.nodes])
    plant = run.job.table.plant
    at_start = leakage_at_temperature(
        npu.silicon.leakage_per_c, npu.hidden.temp_c, npu.silicon.ref_temp_c
    )
    volts = npu.opps.rails_uv[-1] * 1e-6
    die, board, cell = (heat.place(n) for n in (heat.die, heat.board, heat.cell))
    temps, dt = np.full(len(capacity), 25.0), 0.25
    ohm, soc_v = 0.045 * 1.2 + 0.03 + 0.02 * 1.2, 4.19
    for _ in range(int(1200 / dt)):
        hot = leakage_at_temperature(npu.silicon.leakage_per_c, temps[die], npu.silicon.ref_temp_c)
        leak = sum(w * volts**n for w, n in plant.leakage) / at_start * hot + plant.rates.fixed_w
        loss, uncore = leak / plant.rates.efficiency - leak, plant.rates.uncore_w
        loads, shares = [p.load_w for p in pmic], [p.efficiency.value for p in pmic]
        share = np.interp(uncore, loads, shares)
        drawn = leak + loss + uncore / share
        watts = np.zeros(len(capacity))
        watts[die] += leak + uncore
        watts[board] += loss + uncore / share - uncore
        watts[cell] += (drawn / soc_v) ** 2 * ohm
        flow = watts - inner @ temps - to_air * (temps - 25.0)
        temps = temps + dt * flow / capacity
    battery = report_of(run).battery
    assert battery is not None
    warm = [battery.temperature_c.nodes_max[name] for name in scenario.setting.node_names]
    # The first request runs for a few milliseconds; nothing else does.
    np.testing.assert_allclose(np.array(warm) - 25, temps - 25, rtol=5e-3)


def test_energy_adds_up_to_what_left_the_chemistry(minute: Run) -> None:
    battery = report_of(minute).battery
    assert battery is not None
    e = battery.energy_j
    parts = math.fsum(e.components.values()) + e.pmic_loss + e.internal_loss
    assert parts == pytest.approx(e.chemical, rel=1e-9)
    assert len(battery.assumed) == len(PHONE.assumed())


def test_layers_and_idle_time_add_up_to_the_npu(minute: Run) -> None:
    book, world = minute.book, minute.surroundings.world  # type: ignore[union-attr]
    npu_j = math.fsum(book.component_j.tolist())
    assert book.energy_j.sum() + book.idle_j.sum() == pytest.approx(npu_j)
    assert book.energy_j.sum() < npu_j
    assert npu_j == pytest.approx(math.fsum(world.npu_j))


def test_machine_code_and_plain_python_give_the_same_report() -> None:
    (fast, hot), (slow, cool) = (
        reported(small(until="3 s"), step=step) for step in ("kernel", "layer")
    )
    assert fast.frames == slow.frames
    assert hot.life_s == cool.life_s
    assert hot.energy_j.chemical == pytest.approx(cool.energy_j.chemical, rel=1e-10)
    assert hot.temperature_c.die_max == pytest.approx(cool.temperature_c.die_max)


def test_an_empty_battery_ends_it_in_mid_tick_and_late_frames_do_not_count() -> None:
    run = lived(small(until="empty", charge=number(0.042)))
    report = report_of(run)
    battery = report.battery
    assert battery is not None
    assert battery.end_cause == "empty"
    assert battery.voltage_end_v == pytest.approx(3.35, abs=1e-3)
    assert battery.life_s < 200
    # A frame each 33 ms, the first at 0; squeezenet takes a few of them.
    assert report.frames in (math.floor(battery.life_s / 0.033), math.ceil(battery.life_s / 0.033))
    assert report.requests.total == math.ceil(battery.life_s / 0.033)
    over = series(run)
    assert over["time_s"][-1] == pytest.approx(battery.life_s)
    assert over["charge"][-1] == pytest.approx(battery.charge_end)


@pytest.mark.parametrize("tick_ns", [10**9, 20 * 10**9])
@pytest.mark.parametrize("until", ["empty", "41 s", "100 requests"])
def test_the_last_sample_counts_the_frames_of_the_report(until: str, tick_ns: int) -> None:
    """A battery ends within a tick: what finished after its end is no frame."""
    run = lived(small(until=until, charge=number(0.042), tick_ns=tick_ns))
    over, report = series(run), report_of(run)
    assert report.battery is not None
    assert over["frames"][-1] == report.frames == run.book.frames
    assert over["time_s"][-1] == pytest.approx(report.battery.life_s)
    assert (np.diff(over["frames"]) >= 0).all()


def test_a_battery_that_cannot_give_the_peak_browns_out() -> None:
    tiny = replace(load_battery("glasses-160"), resistance=number(1.7))
    scenario = small(battery=tiny, until="empty", cap="none", soc_caps=())
    _, battery = reported(scenario, "performance")
    assert battery.end_cause == "brown_out"
    assert battery.charge_end > 0.2


def test_a_battery_below_its_components_is_refused_before_anything_runs() -> None:
    tiny = replace(load_battery("glasses-160"), resistance=number(5.0))
    with pytest.raises(InputError, match=r"can give .* W at most .* components draw"):
        lived(small(battery=tiny))


def test_a_low_charge_holds_the_npu_back() -> None:
    fields = {"charge": number(0.1), "cap": 3.0, "zones": ()}
    report, battery = reported(small(**fields, soc_caps=((0.2, 0.2),)), "dfs")
    assert battery.limited_s == pytest.approx(battery.life_s)
    free, _ = reported(small(**fields, soc_caps=()), "dfs")
    assert report.power_w.max < free.power_w.max


def test_a_limit_binds_a_governor_that_looks_at_no_cap() -> None:
    report, _ = reported(small(cap=3.0, soc_caps=((1.0, 0.2),), zones=()), "performance")
    fastest = max(e.freq_hz for e in report.residency if e.share > 0.001)
    assert fastest < 1_000_000_000
    assert report.power_w.max < 0.25  # predicted at most 0.2 W; the plant may differ


@pytest.mark.parametrize("cap", ["none", "3 W"])
@pytest.mark.parametrize("governor", ["dfs", "performance"])
def test_a_zone_grants_watts_of_the_npu_whatever_the_domain_of_the_cap(
    governor: str, cap: str
) -> None:
    """DRAM and uncore are not in the grant; a cap of 3 W holds nothing back in any domain."""
    warm = replace(PHONE.setting.zones[0], switch_on_c=40.0, control_c=50.0, k_i=0.0)
    warm = replace(warm, sustainable=number(1.0))
    fields: dict[str, Any] = {"period": None, "deadline": None, "until": "10 s", "soc_caps": ()}
    fields |= {"zones": (warm,), "trips": (), "start_c": 50.0}
    runs = [
        reported(small(**fields, cap=cap, cap_domain=domain), governor)
        for domain in ("npu", "npu+dram", "system")
    ]
    slowest, _ = reported(small(**fields), "powersave")
    first, _ = runs[0]
    assert first.frames > slowest.frames * 1.01
    for report, battery in runs:
        assert report.frames == first.frames
        assert report.energy_by_domain_j == first.energy_by_domain_j
        assert battery.limited_s == pytest.approx(battery.life_s)


def test_n_requests_end_it_when_the_nth_has_finished() -> None:
    report, battery = reported(small(until="100 requests"))
    assert battery.end_cause == "requests"
    assert report.frames == 100
    assert battery.life_s == pytest.approx(99 * 0.033, abs=0.033)


def test_requests_that_never_come_are_no_reason_to_refuse_a_stop() -> None:
    report, _ = reported(small(period="1 us", deadline=None, until="10 requests"))
    assert report.frames == 10


def test_a_trace_brings_its_own_cap_where_the_scenario_has_none() -> None:
    job = make_job("phone-day", until="24 h")
    evening = 20 * 3600 * 10**9
    assert job.power_cap.first_w == 0.26
    assert [(step.start_ns, step.limit_w) for step in job.power_cap.steps[1:2]] == [(evening, 0.18)]
    assert make_job("phone-day", cap="2 W").power_cap.first_w == 2.0


def test_a_governor_that_reads_the_meter_is_refused() -> None:
    with pytest.raises(InputError, match="reads the power meter"):
        lived(small(), "pid")


def test_both_ends_of_every_assumed_range_are_run() -> None:
    scenario = small(until="empty", charge=number(0.045))
    report = range_ends(scenario)
    names = {e.number.name for e in report.ends}
    assert set(scenario.assumed()) < names
    others = names - set(scenario.assumed())
    assert {"idle.after", "device.silicon.uncore_w"} < others
    # A timeout enters the deepest state alone.
    assert not any("collapse" in name for name in others)
    moved = [abs(e.life_high_s - e.life_low_s) for e in report.ends]
    assert moved == sorted(moved, reverse=True)
    by_name = {e.number.name: e for e in report.ends}
    display = by_name["uses.display.component.states.half"]
    assert display.life_low_s > report.life_s > display.life_high_s
    soon, uncore = by_name["idle.after"], by_name["device.silicon.uncore_w"]
    assert soon.life_low_s > report.life_s == soon.life_high_s  # a picture comes every 33 ms
    assert uncore.life_low_s > report.life_s > uncore.life_high_s


def test_samples_do_not_depend_on_how_many_there_are_or_who_works() -> None:
    scenario = small(until="5 s")
    few = sample(scenario, 3, seed=7, workers=1)
    more = sample(scenario, 10, seed=7, workers=2)
    assert few.rows == more.rows[:3]
    assert more.report == sample(scenario, 10, seed=7, workers=1).report
    assert few.rows != sample(scenario, 3, seed=8, workers=1).rows


def test_samples_spread_and_say_what_life_goes_with() -> None:
    done = sample(small(until="empty", charge=number(0.05)), 12, seed=1, workers=1)
    life = done.report.distributions["life_s"]
    assert life is not None
    assert life.min < life.p5 <= life.p50 <= life.p95 < life.max
    assert sum(done.report.end_causes.values()) == 12
    assert {i.name for i in done.report.influences} >= {"ambient", "health", "leakage scale"}
    assert all(-1 <= i.rank_correlation <= 1 for i in done.report.influences)


def test_samples_may_draw_everything_that_is_assumed() -> None:
    scenario = small(until="2 s")
    scenario = replace(scenario, vary=replace(scenario.vary, assumed=True))
    rows = sample(scenario, 2, workers=1).rows
    path = "heat.links.skin-ambient.resistance"
    assert rows[0][path] != rows[1][path]
    assert all(4.0 <= float(str(row[path])) <= 8.0 for row in rows)


def test_samples_are_drawn_over_speed_bins() -> None:
    scenario = small(until="1 s")
    scenario = replace(scenario, vary=replace(scenario.vary, bins=("L0", "L5")))
    rows = sample(scenario, 6, seed=2, workers=1).rows
    assert {row["bin"] for row in rows} == {"L0", "L5"}


def test_samples_of_which_none_finished_a_frame_have_no_energy_a_frame() -> None:
    """The first frame takes a millisecond and more, and nothing lasts that long."""
    done = sample(small(until="100 us"), 3, seed=2, workers=1)
    assert [row["energy_per_frame_j"] for row in done.rows] == [None] * 3
    assert done.report.distributions["energy_per_frame_j"] is None
    assert done.report.notes[-1].startswith("3 of 3 samples finished no frame")


def test_samples_without_a_frame_are_left_out_of_the_energy_a_frame() -> None:
    """A battery nearly empty ends some samples before anything has finished."""
    done = sample(small(until="empty", charge=number(0.038)), 12, seed=3, workers=1)
    joules = [row["energy_per_frame_j"] for row in done.rows]
    there = [float(str(value)) for value in joules if value is not None]
    spread = done.report.distributions["energy_per_frame_j"]
    assert spread is not None
    assert 0 < len(there) < 12
    assert (spread.min, spread.max) == (min(there), max(there))
    assert done.report.notes[-1].startswith(f"{12 - len(there)} of 12 samples finished no frame")


@pytest.mark.parametrize(("count", "workers"), [(0, 1), (10**7, 1), (3, 0)])
def test_a_count_beyond_sense_is_refused(count: int, workers: int) -> None:
    with pytest.raises(InputError):
        sample(small(), count, workers=workers)
