"""Idle time in reports: states add up, regret is what lies above the oracle, all views agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.device import load_device
from dfsrt.device.idle import IdleState
from dfsrt.report.api import Job
from dfsrt.report.columns import layer_columns
from dfsrt.report.compare_table import compare_grids
from dfsrt.report.page.envelope import Envelope
from dfsrt.report.page.idle import idle_section
from dfsrt.report.page.power import power_over_time
from dfsrt.report.run_names import run_names
from dfsrt.report.run_table import run_grids
from dfsrt.report.timeline import SLEEP, Timeline

OFF = IdleState(
    "off", power_w=0.0, entry_ns=100_000, exit_ns=400_000, entry_j=10e-6, exit_j=20e-6, uncore_w=0.0
)
WAIT_NS = 2_000_000


@pytest.fixture(scope="module")
def job():
    npu = replace(load_device("rk3588-npu"), idle=(OFF,))
    return Job("squeezenet", device=npu, period="20ms", frames=4)


@pytest.fixture(scope="module")
def timed(job):
    return job.changed(idle="timeout=2ms").run("dfs")


def rows_of(result):
    """The log's idle rows by phase: nanoseconds, and joules of the rail and of the uncore."""
    columns = layer_columns(result.log)
    idle = columns["layer"] < 0
    rail = sum(columns[f"{n}_j"] for n in ("leakage", "fixed", "regulator_loss"))
    return [
        (phase, int(end - start), float(joules))
        for phase, start, end, joules in zip(
            columns["phase"][idle],
            columns["start_ns"][idle],
            columns["end_ns"][idle],
            (rail + columns["uncore_j"])[idle],
            strict=True,
        )
    ]


def test_a_timeout_spends_its_wait_above_the_oracle(timed):
    rows, idle = rows_of(timed), timed.report.idle
    waited = [joules for phase, ns, joules in rows if phase == "clock-gate"]
    assert [ns for phase, ns, _ in rows if phase == "clock-gate"] == [WAIT_NS] * 4
    assert (idle.governor, idle.rail, idle.stretches) == ("timeout=2ms", "hold", 4)
    # The oracle is asleep all the time, for as little: nothing flows in the state. It is up again
    # for three requests; in the last stretch the run ends.
    uncore_w = timed.run.job.npu.silicon.uncore_w
    entry_j, exit_j = OFF.entry_j + uncore_w * OFF.entry_ns * 1e-9, OFF.exit_j
    exit_j += uncore_w * OFF.exit_ns * 1e-9
    assert idle.oracle_j == pytest.approx(4 * entry_j + 3 * exit_j, rel=1e-6)
    assert idle.regret_j == pytest.approx(sum(waited), rel=1e-6)
    assert idle.regret == pytest.approx(idle.regret_j / idle.oracle_j)


def test_states_are_told_in_json_as_by_hand(timed):
    document = timed.to_dict()["idle"]
    up, off = document["states"]
    assert list(document) == [
        "governor", "rail", "states", "stretches", "latency_s", "spent_j", "oracle_j", "regret_j",
        "regret",
    ]  # fmt: skip
    assert up.pop("energy_by_domain_j")["total"] > 0
    assert up == {
        "name": "clock-gate", "time_s": pytest.approx(4 * WAIT_NS * 1e-9),
        "share": pytest.approx(0.1), "entries": 0, "woken_early": 0, "latency_s": 0.0,
    }  # fmt: skip
    gap_ns = sum(ns for phase, ns, _ in rows_of(timed) if phase != "clock-gate")
    assert off["time_s"] == pytest.approx(gap_ns * 1e-9)
    # Four gaps; a request ends three of them, and waits for the way up.
    assert (off["entries"], off["woken_early"]) == (4, 0)
    assert off["latency_s"] == document["latency_s"] == pytest.approx(3 * OFF.exit_ns * 1e-9)
    assert off["energy_by_domain_j"]["npu"] == pytest.approx(4 * OFF.entry_j + 3 * OFF.exit_j)


def test_a_wake_before_it_has_paid_is_counted(job):
    gap_s = job.changed(idle="none").run("dfs").report.idle.states[0].time_s / 4
    late = f"{round(gap_s * 1e9) - OFF.entry_ns // 2} ns"
    state = job.changed(idle=f"timeout={late}", frames=2).run("dfs").report.idle.states[1]
    # The request comes half way down; the way down is gone to its end, then up again.
    assert (state.entries, state.woken_early) == (1, 1)
    assert state.latency_s == pytest.approx((OFF.entry_ns / 2 + OFF.exit_ns) * 1e-9, rel=0.01)


@settings(max_examples=15, deadline=None)
@given(
    idle=st.sampled_from(["none", "timeout=3ms", "break-even", "ladder", "menu", "teo", "oracle"]),
    rail=st.sampled_from(["hold", "lowest"]),
    period_us=st.integers(3_000, 60_000),
    governor=st.sampled_from(["dfs", "performance"]),
)
def test_states_add_up_to_idle_time_and_regret_is_never_negative(
    job, idle, rail, period_us, governor
):
    asked = {"idle": idle, "idle_rail": rail, "period": f"{period_us}us"}
    report = job.changed(**asked).run(governor).report
    told = report.idle
    assert told.regret_j >= 0
    assert told.oracle_j <= told.spent_j
    assert sum(s.share for s in told.states) == pytest.approx(1 - report.busy_share, abs=1e-9)
    assert sum(s.time_s for s in told.states) == pytest.approx(
        report.time_s * (1 - report.busy_share), abs=1e-9
    )
    assert sum(s.energy_by_domain_j.npu for s in told.states) == pytest.approx(
        report.idle_j, rel=1e-9, abs=1e-15
    )
    assert told.latency_s == pytest.approx(sum(s.latency_s for s in told.states))
    assert all(s.woken_early <= s.entries for s in told.states)


def test_each_request_tells_how_long_it_waited_for_a_wake(job):
    slept = job.changed(idle="timeout=2ms", detail="request").run("dfs")
    wake_ns = slept.request_columns()["wake_ns"]
    assert wake_ns.tolist() == [0, *[OFF.exit_ns] * 3]
    assert wake_ns.sum() * 1e-9 == pytest.approx(slept.report.idle.latency_s)


def test_a_battery_life_tells_states_too():
    report = Job("voice-glasses", until="4s", idle="break-even").run().report
    told = report.idle
    assert sum(s.time_s for s in told.states) == pytest.approx(
        report.time_s * (1 - report.busy_share), abs=1e-6
    )
    assert sum(s.energy_by_domain_j.npu for s in told.states) == pytest.approx(report.idle_j)
    assert told.states[-1].entries > 0


def test_rows_and_timeline_name_the_same_phases(timed):
    pieces = []

    class Kept:
        def write(self, piece):
            pieces.append(piece)

    Timeline(timed.log.table, [Kept()]).add(timed.log)
    (piece,) = pieces
    slices = piece.slices
    slept = [piece.texts[track] == SLEEP for track in slices.track]
    drawn = [
        (piece.texts[slices.name[k]], int(slices.duration_ns[k])) for k in np.flatnonzero(slept)
    ]
    assert drawn == [(phase, ns) for phase, ns, _ in rows_of(timed) if phase != "clock-gate"]
    assert [name for name, _ in drawn[:3]] == ["enter off", "off", "leave off"]
    columns = layer_columns(timed.log)
    assert set(columns["rail_uv"][columns["phase"] == "off"]) == {0}
    assert set(columns["phase"][columns["layer"] >= 0]) == {""}


def test_a_page_shows_states_and_shades_the_time_asleep(timed):
    section = idle_section([("dfs", timed.report)])
    assert [bar["name"] for bar in section.figures[0].data] == ["clock-gate", "off"]
    assert "the oracle's" in section.figures[1].says
    envelope = Envelope()
    envelope.add(timed.log)
    asleep_s = float((envelope.asleep[:-1] * np.diff(envelope.time_s)).sum())
    assert asleep_s == pytest.approx(timed.report.idle.states[1].time_s, rel=1e-6)
    assert power_over_time(envelope).data[-1]["name"] == "asleep"


def test_tables_tell_of_idle_time_only_where_somebody_said_what_to_do_with_it(job, timed):
    heads = [grid.heads[0] for grid in run_grids(timed.report)]
    assert heads == ["<figure", "<idle state"]
    assert "idle timeout=2ms" in run_grids(timed.report)[0].lines[0]
    plain = job.run("dfs").report
    assert plain.idle is None
    assert [grid.heads[0] for grid in run_grids(plain)] == ["<figure"]


def test_idle_governors_are_compared_under_the_jobs_own_governor_or_under_each(job):
    own = job.compare(idles="none,teo").report
    assert run_names(own.runs) == ["dfs, idle none", "dfs, idle teo"]
    (grid,) = compare_grids(own)
    assert {"<idle", "asleep", "woken early", "added waits", "idle / oracle"} <= set(grid.heads)
    assert any("above bound: a row that never sleeps" in line for line in grid.lines)
    both = job.compare(["dfs", "powersave"], idles=["none", "oracle"]).report
    asked = [(run.governor, run.idle.governor) for run in both.runs]
    assert asked == [(g, i) for g in ("dfs", "powersave") for i in ("none", "oracle")]
    assert both.runs[1].idle.regret_j == 0
    assert both.runs[0].energy_j > both.runs[1].energy_j
    # Each is held against what is the least with its own way to spend idle time.
    assert all(run.regret.energy >= 0 and run.bound.npu_above >= 0 for run in both.runs)
    alike = job.changed(idle="teo").compare("dfs,powersave").report
    assert "<idle" not in compare_grids(alike)[0].heads
    assert not any("never sleeps" in line for line in compare_grids(alike)[0].lines)
    assert ", idle teo," in compare_grids(alike)[0].lines[0]
    assert run_names(alike.runs) == ["dfs", "powersave"]


def test_what_sleep_could_save_is_noted_once_and_comes_true(job):
    def frame_j(report):
        return report.energy_by_domain_j.total / report.frames

    plain = job.changed(frames=50).run("dfs").report
    (note,) = [note for note in plain.notes if "--idle teo" in note]
    slept = job.changed(frames=50, idle="teo").run("dfs").report
    saved_mj = (frame_j(plain) - frame_j(slept)) * 1e3
    assert float(note.split("some ")[1].split(" mJ")[0]) == pytest.approx(saved_mj, rel=0.05)
    assert not any("--idle" in note for note in slept.notes)


def test_a_load_without_gaps_says_that_nobody_had_anything_to_do(job):
    report = job.changed(period=None, idle="teo").run("dfs").report
    assert any("never idle, so teo had nothing to do" in note for note in report.notes)
    assert report.idle.stretches == 0
    assert report.idle.regret is None


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"idle": "teo", "device": "ideal"}, "'ideal' has no idle states"),
        ({"idle": "slumber"}, "unknown idle governor 'slumber'"),
        ({"idle_rail": "high"}, "idle rail 'high' is unknown; use one of hold, lowest"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(asked, why):
    with pytest.raises(InputError, match=why):
        Job("squeezenet", **asked)


def test_a_rail_may_go_down_on_a_device_without_states(job):
    npu = replace(job.npu, idle=())
    report = (
        Job("squeezenet", device=npu, idle="none", idle_rail="lowest", period="1s").run().report
    )
    assert [state.name for state in report.idle.states] == ["clock-gate"]


def test_governors_that_plan_for_an_order_are_told_apart_from_those_that_do_not():
    compared = Job("voice-assistant", until="1s").compare("edf-cc,dfs").report
    (line,) = [line for line in compare_grids(compared)[0].lines if "served" in line]
    assert line == "note: requests are served by edf under edf-cc; by fifo under dfs"


def test_a_way_into_a_state_that_takes_more_than_the_cap_is_said(job):
    entry_w = OFF.entry_j / (OFF.entry_ns * 1e-9)
    said = [
        [note for note in done.report.notes if "entering off takes 100 mW for 100 µs" in note]
        for cap_w in (0.9 * entry_w, 1.1 * entry_w)
        for done in [job.changed(idle="timeout=2ms", cap=f"{cap_w}W").run("dfs")]
    ]
    assert [len(notes) for notes in said] == [1, 0]
