"""What was once wrong of runs, replays and battery lives: a test for each fault that was found."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.device import load_device
from dfsrt.governor import make_governor
from dfsrt.run import execute, make_job
from dfsrt.run import latencies as latencies_room
from dfsrt.run.detail import CHUNK
from dfsrt.run.kept import Requests
from dfsrt.run.scenario_load import load_scenario
from dfsrt.study.sampling import sample
from dfsrt.world.components import load_component
from dfsrt.world.use import Use
from tests.helpers.scenarios import changed
from tests.run.test_life import number, small
from tests.run.test_replay import trace_of

S = 10**9
GLASSES = load_scenario("voice-glasses")

FIVE_SECONDS_ON_THE_HOST = """
format = 1
name = "slow host"
description = "d"
source = "s"
[[stage]]
name = "prepare"
host = { fixed_us = 5_000_000, source = "measured" }
[[stage]]
name = "see"
network = "squeezenet"
"""


def cpu(**states):
    """A processor that sleeps unless something works."""
    return Use(
        name="cpu", component=load_component("cpu"), state="sleep", changes=(), repeat_ns=None,
        while_npu=None, per_frame=None, rate_hz=(), budget_w=None, least_w=None, weight=1.0,
        **states,
    )  # fmt: skip


@pytest.mark.parametrize("step", ["layer", "kernel"])
def test_1_host_work_is_charged_while_it_lasts_at_any_tick(tmp_path, step):
    """1.5 W while the host works, 5 mW else; it used to be 7.3 W in the ticks in which it began."""
    path = tmp_path / "slow.toml"
    path.write_text(FIVE_SECONDS_ON_THE_HOST)
    taken = []
    for tick_s in (1, 20):
        scenario = changed(
            GLASSES, load=str(path), uses=(cpu(while_host="busy"),), until="23 s", idle="none",
            tick_ns=tick_s * S, cap=math.inf, soc_caps=(), zones=(), trips=(),
        )  # fmt: skip
        report = dfsrt.run(scenario, step=step).report
        (part,) = report.battery.components
        host_s = 23.0 - report.busy_share * report.time_s
        assert report.battery.end_cause == "time"
        assert report.frames == 4
        assert part.power_peak_w <= 1.5
        assert part.energy_j == pytest.approx(23 * 0.005 + host_s * (1.5 - 0.005), rel=1e-9)
        taken.append((report.frames, part.energy_j, report.busy_share))
    assert taken[1] == pytest.approx(taken[0], rel=1e-9)


@pytest.mark.parametrize("tick", [10_000_000, S])
def test_2_a_stop_at_n_requests_ends_with_the_nth_whatever_the_tick(tick):
    back_to_back = {"period": None, "deadline": None, "zones": (), "trips": ()}
    scenario = small(**back_to_back, cap=3.0, tick_ns=tick, until="10 requests")
    same = {"frames": 10, "cap": 3.0, "precision": scenario.spec.precision}
    lived, alone = dfsrt.run(scenario).report, dfsrt.run("squeezenet", **same).report
    assert lived.battery.end_cause == "requests"
    assert lived.frames == 10
    assert lived.time_s == lived.battery.life_s == alone.time_s < 0.1
    # What memory draws by itself is a component's of the scenario.
    standby_j = load_device("rk3588-npu").memory.points[-1].standby_w * alone.time_s
    expected_j = alone.energy_by_domain_j.total - standby_j
    assert lived.energy_by_domain_j.total == pytest.approx(expected_j, rel=0.1)


def test_2_a_trace_stops_at_n_requests_with_and_without_a_battery():
    for load in ("camera-detection", "camera-detection-phone"):
        done = dfsrt.run(load, until="100 requests")
        assert done.report.frames == 100
        assert done.report.time_s == pytest.approx(100 / 30, rel=0.02)


def test_3_a_scenario_that_stops_early_counts_no_requests_that_never_come():
    report = dfsrt.run("camera-detection-phone", until="100 requests").report
    assert (report.battery.end_cause, report.requests.completed) == ("requests", 100)
    assert report.requests.total <= 101


class Slip:
    """Halves what it is shown, as a slip of the pen would."""

    name = "slip"

    def plan(self, view):
        view.predicted_w[...] *= 0.5
        return make_governor("dfs").plan(view)


def test_4_no_governor_can_write_to_what_the_next_one_plans_with():
    job = dfsrt.Job("alexnet", cap="0.16 W", frames=2)
    before = job.run("dfs").report
    with pytest.raises(ValueError, match="read-only"):
        job.compare(["dfs", Slip(), "dfs"])
    assert job.run("dfs").report == before
    with pytest.raises(ValueError, match="read-only"):
        job.table.predicted_w[...] *= 0.5


def test_5_a_zone_grants_the_same_watts_whatever_domain_a_cap_would_have():
    warm = replace(
        GLASSES.setting.zones[0], node="die", switch_on_c=40.0, control_c=50.0, k_i=0.0,
        sustainable=number(0.7),
    )  # fmt: skip
    scenario = small(
        period=None, deadline=None, cap=math.inf, soc_caps=(), zones=(warm,), trips=(),
        start_c=50.0, until="3 s",
    )  # fmt: skip
    reports = [dfsrt.run(changed(scenario, cap_domain=d)).report for d in ("npu", "system")]
    assert reports[0].frames == reports[1].frames
    assert reports[0].energy_by_domain_j == reports[1].energy_by_domain_j
    assert all(r.battery.limited_s == pytest.approx(r.time_s) for r in reports)


def marked(text):
    """The clock that a ``trans_stat`` marks, and the sum of its times in ms."""
    rows = [line for line in text.splitlines()[2:] if line[:1] in ("*", " ")]
    (last,) = [line for line in rows if line[0] == "*"]
    return int(last[1:11]), sum(int(line[-10:]) for line in rows)


@pytest.mark.parametrize("governor", ["dfs", "schedutil", "dvfs"])
def test_7_trans_stat_and_chrome_hold_the_whole_run_in_either_engine(tmp_path, governor):
    trace, texts = trace_of([0, 0.3, 150], [0, 1, 0]), set()
    for step in ("layer", "kernel"):
        files = {"trans_stat": tmp_path / "t", "chrome": tmp_path / "c.json"}
        done = dfsrt.run(trace, governor=governor, step=step, until="301 ms", **files)
        texts.add(files["trans_stat"].read_text())
        events = json.loads(files["chrome"].read_text())["traceEvents"]
        power = [(float(e["ts"]) * 1e-6, e["args"]["W"]) for e in events if e["name"] == "power"]
        assert power[-1][0] == pytest.approx(done.report.time_s, rel=1e-12)
        joules = sum(w * (b - a) for (a, w), (b, _) in pairwise(power))
        assert joules == pytest.approx(done.report.energy_j, rel=1e-9)
    (text,) = texts
    clock_hz, time_ms = marked(text)
    assert clock_hz == done.run.job.table.levels.freqs_hz[done.run.book.last_level]
    assert time_ms == pytest.approx(done.report.time_s * 1e3, abs=len(text.splitlines()))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"frames": 3}, "'frames' is not for a trace: .* use repeat or time_scale"),
        ({"period": "5ms"}, "'period' is not for a trace"),
        ({"deadline": "5ms"}, "'deadline' is not for a trace"),
        ({"ambient": "5 C"}, "'ambient' is not for a trace"),
        ({"detail": "nonsense"}, "detail 'nonsense' is unknown; use one of layer, request"),
        ({"step": "nonsense"}, "step 'nonsense' is unknown"),
        ({"nonsense": 1}, "unknown option 'nonsense'"),
    ],
)
def test_8_what_a_trace_cannot_use_is_refused_by_name(fields, says):
    with pytest.raises(InputError, match=says):
        dfsrt.run(trace_of([0, 10]), **fields)


def test_8_a_corrector_of_a_trace_or_a_pipeline_corrects():
    trace = trace_of(list(range(0, 60, 2)))
    plain, corrected = (dfsrt.run(trace, correct=c, detail="layer") for c in (False, True))
    assert plain.log.correction is None
    assert corrected.log.correction.readings > 3
    assert any("the meter read" in note for note in corrected.report.notes)
    assert (corrected.log.predicted_w != plain.log.predicted_w).any()


def test_9_samples_of_which_none_finished_a_frame_have_no_energy_a_frame():
    scenario = small(until="10 ms", load="vgg19", period=None)
    scenario = replace(scenario, vary=replace(scenario.vary, bins=()))
    done = sample(scenario, 3, workers=1)
    assert [row["frames"] for row in done.rows] == [0, 0, 0]
    assert done.report.distributions["energy_per_frame_j"] is None
    assert b'"energy_per_frame_j": null' in done.to_json()


def test_9_latencies_that_had_to_be_rounded_say_so(monkeypatch):
    trace = trace_of(np.arange(60) * 0.1)  # each waits longer than the one before
    assert not any("rounded" in note for note in dfsrt.run(trace).report.notes)
    exact = dfsrt.run(trace).report.latency_s
    monkeypatch.setattr(latencies_room, "MOST_DISTINCT", 40)
    rounded = dfsrt.run(trace).report
    assert any("rounded to 0.1 %" in note for note in rounded.notes)
    assert rounded.latency_s.p50 == pytest.approx(exact.p50, rel=2e-3)
    assert (rounded.latency_s.mean, rounded.latency_s.max) == (exact.mean, exact.max)


def test_10_networks_of_a_mix_draw_activities_of_their_own():
    job = make_job(trace_of([0, 1], [0, 1]), seed=3)
    one, two = (p.table.plant.switched_farad / p.table.load.dynamic_pj for p in job.mix.parts)
    layers = min(len(one), len(two))
    assert not np.isclose(one[:layers], two[:layers], rtol=1e-6, atol=0).any()


def test_10_a_changed_number_of_a_device_says_that_its_model_was_fitted_anew():
    npu = load_device("mdla")
    other = replace(npu, silicon=replace(npu.silicon, uncore_w=npu.silicon.uncore_w + 0.01))
    notes = [dfsrt.run("squeezenet", device=d, frames=1).report.notes for d in (npu, other)]
    assert notes[0] == []
    assert "fitted here: this mdla differs" in notes[1][0]


def test_10_a_derived_device_shows_its_own_regulator_alone():
    report = dfsrt.run("squeezenet", device="rk3588-npu-ivr", frames=1).report
    regulators = {path.split(".")[2] for path in report.assumed if path.startswith("rail.reg")}
    assert regulators == {report.rail}
    assert report.rail != dfsrt.run("squeezenet", frames=1).report.rail


@pytest.mark.parametrize(("step", "chunk"), [("kernel", CHUNK), ("layer", 1)])
def test_a_battery_that_ends_within_a_tick_serves_nobody_after_that(step, chunk):
    """Of a long tick the loop has gone through, and handed on, more than the battery lasted for."""
    late = small(until="empty", tick_ns=20 * S, charge=number(0.0405))
    kept = Requests()
    run = execute(make_job(late, step=step), consumers=[kept], chunk=chunk)
    end_ns, finish_ns = int(run.surroundings.world.state.now_ns), kept.ended.done.finish_ns
    assert end_ns % (20 * S) != 0
    assert end_ns - 34_000_000 < finish_ns.max() <= end_ns
    outcomes = run.book.requests.whole
    assert run.book.frames == len(finish_ns) == outcomes.completed
    assert outcomes.total == outcomes.completed + outcomes.pending == math.ceil(end_ns / 33_000_000)
    assert outcomes.pending <= 1
