"""One report for every load: its core, its parts, and what it does not say."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import dfsrt
from dfsrt.power.components import COMPONENTS
from dfsrt.report import core, notes
from dfsrt.report.schema import Report, to_json
from dfsrt.run import execute, make_job
from dfsrt.run.outcomes import Outcomes
from dfsrt.run.source import KINDS
from dfsrt.study.sampling import sample
from dfsrt.trace.load import load_trace

TRACE = "voice-assistant"
MODEL = "llm:qwen2.5-0.5b"
PIPELINE = "infinite-zoom:steps=1:image=64"
DOMAINS = {"npu": COMPONENTS[:5], "dram": ("dram",), "uncore": ("uncore",)}


@pytest.fixture(scope="module")
def loads():
    """A run of each kind of load."""
    return {
        "network": dfsrt.run("alexnet", frames=3, cap="0.16 W"),
        "pipeline": dfsrt.run(PIPELINE, frames=3, cap="0.16 W"),
        "language model": dfsrt.run(MODEL, frames=3, prompt=20, tokens=3, cap="0.16 W"),
        "trace": dfsrt.run(TRACE, until="5 s", cap="0.16 W"),
        "scenario": dfsrt.run("voice-glasses", until="20 s", cap="0.16 W"),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_load_has_the_same_core(loads, kind):
    report = loads[kind].report
    assert isinstance(report, Report)
    assert (report.kind, report.device, report.schema_version) == (kind, "rk3588-npu", 2)
    assert report.frames == report.requests.completed > 0
    n, d = report.requests, report.deadlines
    assert n.completed + n.dropped + n.pending == n.total
    assert d.met + d.missed + d.undecided + d.without == n.total
    assert report.fps == pytest.approx(report.frames / report.time_s)
    assert sum(e.share for e in report.residency) == pytest.approx(1)
    assert report.busy_share <= 1
    assert (report.queue is not None) == (kind in ("trace", "scenario"))
    assert (len(report.stages) > 0) == (kind != "network")
    assert (report.battery is not None) == (kind == "scenario")


@pytest.mark.parametrize("kind", KINDS)
def test_energy_is_told_by_domain_and_adds_up(loads, kind):
    report = loads[kind].report
    parts = {**report.energy_breakdown_j, **report.outside_domain_j}
    assert set(parts) == set(COMPONENTS)
    for domain, names in DOMAINS.items():
        joules = math.fsum(parts[name] for name in names)
        assert getattr(report.energy_by_domain_j, domain) == pytest.approx(joules, rel=1e-12)
    e = report.energy_by_domain_j
    assert e.total == pytest.approx(e.npu + e.dram + e.uncore, rel=1e-12)
    stages = math.fsum(s.energy_by_domain_j.total for s in report.stages)
    if report.stages:
        idle_j = float(loads[kind].run.book.idle_j.sum())
        assert stages + idle_j == pytest.approx(e.total, rel=1e-9)
        assert math.fsum(s.energy_share for s in report.stages) == pytest.approx(1)


def test_energy_by_domain_does_not_depend_on_what_is_capped():
    told = [
        dfsrt.run("alexnet", frames=2, cap="none", cap_domain=domain, governor="performance").report
        for domain in ("npu", "npu+dram", "system")
    ]
    assert told[0].energy_by_domain_j == told[1].energy_by_domain_j == told[2].energy_by_domain_j
    e = told[0].energy_by_domain_j
    inside = [e.npu, e.npu + e.dram, e.total]
    assert [r.energy_j for r in told] == pytest.approx(inside, rel=1e-12)


def test_one_set_of_percentiles_is_that_of_all_latencies(loads):
    for done in (loads[kind] for kind in KINDS if kind != "scenario"):
        ended = done.run.requests.done
        times = (ended.finish_ns - ended.arrival_ns) * 1e-9
        spread = done.report.latency_s
        expected = np.percentile(times, [50, 90, 95, 99, 100])
        found = [spread.p50, spread.p90, spread.p95, spread.p99, spread.max]
        assert found == pytest.approx(expected.tolist(), rel=1e-9)
        assert spread.mean == pytest.approx(times.mean(), rel=1e-9)


def test_workloads_and_stages_of_a_trace_are_what_its_requests_asked_for(loads):
    done = loads["trace"]
    columns, queue = done.request_columns(), done.report.queue
    for w in queue.workloads:
        own = columns["workload"] == w.name
        assert w.requests.total == own.sum()
        assert w.requests.completed == (own & (columns["status"] == "done")).sum()
    assert {w.name for w in queue.workloads} == set(load_trace(TRACE).workloads)
    assert sum(s.calls for s in done.report.stages) == done.report.frames
    assert queue.trace.name == TRACE


def test_requests_that_are_still_here_at_the_end_are_rows_too():
    done = dfsrt.run("squeezenet", until="1 ms", frames=50, period="100 us")
    columns = done.request_columns()
    assert columns["request"].tolist() == sorted(columns["request"].tolist())
    assert len(columns["request"]) == done.report.requests.total
    pending = columns["latency_ns"] == -1
    assert pending.sum() == done.report.requests.pending > 0
    assert set(columns["status"][pending].tolist()) <= {"waiting", "started"}


def test_what_no_frame_finished_is_none_and_never_zero_or_infinite():
    report = dfsrt.run("resnet50", until="1 ms").report
    assert (report.frames, report.fps) == (0, 0.0)
    nothing = (
        report.latency_s, report.wait_s, report.energy_per_inference_j,
        report.inferences_per_watt_s,
    )  # fmt: skip
    assert nothing == (None, None, None, None)
    assert report.energy_j > 0
    assert report.requests.pending == report.requests.total == 1
    text = dfsrt.run("resnet50", until="1 ms")._repr_html_()
    assert "nothing completed" in text
    assert "inf" not in text


def test_error_of_the_mean_and_margin_of_the_bound_are_told_apart():
    """By naive loops over rows, against the model itself with and without its bound."""
    bound, mean = (make_job("squeezenet", frames=3, confidence=c) for c in ("99%", None))
    run = execute(bound, "dvfs")
    log, table = run.log, bound.table
    points = table.npu.opps.set_points_uv
    errors, margins, misses = [], [], []
    for i in range(len(log.layer)):
        layer, level = log.layer[i], log.level[i]
        if log.end_ns[i] == log.start_ns[i] or log.power_w[i] == 0:
            continue
        candidates = [
            p for p in range(len(points)) if math.isfinite(table.predicted_w[layer, level, p])
        ]
        point = min(
            candidates, key=lambda p: abs(table.predicted_w[layer, level, p] - log.predicted_w[i])
        )
        plain = mean.table.predicted_w[layer, level, point]
        errors.append(abs(plain / log.power_w[i] - 1))
        margins.append(log.predicted_w[i] / plain - 1)
        misses.append(abs(log.predicted_w[i] / log.power_w[i] - 1))
    told = core.prediction(run.book)
    assert told.confidence == 0.99
    assert told.mean_error == pytest.approx(np.mean(errors), rel=1e-9)
    assert told.margin == pytest.approx(np.mean(margins), rel=1e-9)
    assert told.mape == pytest.approx(np.mean(misses), rel=1e-9)
    assert told.margin > 0
    assert told.mean_error < told.mape


def test_without_a_bound_there_is_no_margin(loads):
    told = loads["network"].report.prediction
    assert (told.confidence, told.mean_error, told.margin) == (None, None, None)


def test_old_places_of_a_traces_figures_are_kept(loads):
    told = json.loads(loads["trace"].to_json())
    for name in ("trace", "discipline", "drop", "loop", "preemptions", "workloads"):
        assert told[name] == told["queue"][name]
    assert loads["trace"].to_dict() == told
    assert "discipline" not in json.loads(loads["network"].to_json())


def test_a_batterys_energy_goes_all_somewhere_and_its_old_places_are_kept(loads):
    report, told = loads["scenario"].report, json.loads(loads["scenario"].to_json())
    flow, e = report.battery.energy_j, report.energy_by_domain_j
    parts = math.fsum([flow.internal_loss, flow.pmic_loss, *flow.components.values()])
    assert parts == pytest.approx(flow.chemical, rel=1e-9)
    npu_j = flow.components["npu"] + report.energy_breakdown_j["regulator_loss"]
    assert npu_j == pytest.approx(e.npu, rel=1e-9)
    outside = (flow.components["npu dram"], flow.components["npu uncore"])
    assert outside == pytest.approx((e.dram, e.uncore), rel=1e-9)
    assert report.battery.energy_per_frame_j == pytest.approx(flow.chemical / report.frames)
    for name in ("life_s", "end_cause", "temperature_c", "components", "ambient_c"):
        assert told[name] == told["battery"][name]
    assert (told["scenario"], told["frames_per_s"]) == (told["load"], told["fps"])


def test_rounded_latencies_say_so(monkeypatch):
    run = execute(make_job("alexnet", frames=1))
    assert not any("rounded" in note for note in notes.run_notes(run))
    run.book.requests.whole.latency.rounded = True
    assert any("rounded to 0.1 %" in note for note in notes.run_notes(run))


def test_many_cap_changes_that_never_come_are_one_line():
    changes = {f"{k} s": f"{k} W" for k in range(1, 10)}
    told = dfsrt.run("alexnet", frames=1, cap_changes=changes).report.notes
    (note,) = [each for each in told if "cap change" in each]
    assert note.startswith("9 cap changes come after the run's end")


def test_an_empty_outcome_is_no_spread():
    from dfsrt.report.requests import counts, deadlines, spread

    nothing = Outcomes()
    assert spread(nothing.latency) is None
    assert counts(nothing).total == deadlines(nothing).met == 0


def test_samples_of_which_none_finished_a_frame_have_no_energy_a_frame():
    report = sample("voice-glasses", 2, until="1 ms").report
    assert report.distributions["frames"].max == 0
    assert report.distributions["energy_per_frame_j"] is None
    assert json.loads(to_json(report))["distributions"]["energy_per_frame_j"] is None
