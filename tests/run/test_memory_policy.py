"""Who sets the memory's clock is said in a specification, and shown in its report."""

from __future__ import annotations

import json

import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.base.units import format_si
from dfsrt.report.memory_clock import memory_rows
from dfsrt.report.run_table import run_grids
from tests.helpers.tiny_memory import Told

FIELDS = {"device": "rk3588-npu", "power_model": "datasheet", "step": "layer"}


def run(**fields):
    return dfsrt.run("squeezenet", **{**FIELDS, "frames": 2, **fields})


def test_a_fixed_clock_is_slower_and_is_told():
    fast, slow = run().report, run(memory="528MHz").report
    assert fast.memory_clock.governor is None
    assert [e.freq_hz for e in fast.memory_clock.residency] == [fast.memory_clock.freqs_hz[-1]]
    assert memory_rows(fast.memory_clock) == []
    assert [row[0] for row in memory_rows(slow.memory_clock)] == ["memory changes", "memory clocks"]
    assert slow.memory_clock.governor == "528MHz"
    assert [(e.freq_hz, e.share) for e in slow.memory_clock.residency] == [(528_000_000, 1.0)]
    assert slow.time_s > 1.2 * fast.time_s
    assert slow.energy_by_domain_j.dram < fast.energy_by_domain_j.dram


def test_a_stall_of_the_memory_is_told_of_it_alone():
    report = run(memory="passive", governor="dfs", cap="1 W", cap_domain="npu+dram").report
    rows = {row[0]: row for row in run_grids(report)[0].rows}
    own_s = report.transitions.stall_s - report.memory_clock.stall_s
    assert report.memory_clock.stall_s > 0
    assert own_s == pytest.approx(report.transitions.frequency * 1e-6, rel=0.5)
    assert rows["clock changes"][2].startswith(format_si(own_s, "s"))


def test_a_device_with_one_memory_clock_has_none_to_tell():
    assert run(device="ethos-u55-256").report.memory_clock is None


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"memory": "529MHz"}, ("529MHz is none of", "528MHz, 1068MHz, 1560MHz, 2750MHz")),
        (
            {"memory": "bwmon", "device": "ethos-u55-256"},
            ("'bwmon' has nothing to choose", "ethos-u55-256"),
        ),
        ({"blind": True, "device": "ethos-u55-256"}, ("'blind' is of a memory", "ethos-u55-256")),
        ({"blind": True, "parallel": 2}, ("'blind' does not go together with 'parallel'",)),
        ({"memory": "dmc_ondemand:up=10,down=2"}, ("up: value '10,down=2' is no number",)),
        ({"memory": "fastest"}, ("unknown memory governor 'fastest'",)),
        ({"memory": type("Odd", (), {"choose": lambda s, v: "top"})()}, ("chose 'top'",)),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(fields, parts):
    with pytest.raises(InputError) as error:
        run(**fields)
    assert all(part in str(error.value) for part in parts), str(error.value)


def test_changes_and_residency_add_up():
    report = run(memory=Told(1_000_000, [3, 0, 0, 3]), frames=4).report
    clock = report.memory_clock
    assert sum(e.share for e in clock.residency) == pytest.approx(1.0)
    assert clock.changes == 2
    assert clock.stall_s == pytest.approx((clock.changes - clock.unseen) * 60e-6)
    assert report.transitions.stall_s >= clock.stall_s


def test_a_timeline_has_the_memorys_clock_where_it_changes(tmp_path):
    path = tmp_path / "run.json"
    run(memory=Told(1_000_000, [3, 0]), frames=4, chrome=path)
    events = json.loads(path.read_text("utf-8"))["traceEvents"]
    told = [e["args"] for e in events if e.get("name") == "memory frequency" and e["ph"] == "C"]
    assert [next(iter(values.values())) for values in told] == [2.75e9, 528e6, 528e6]


def test_comparing_shows_what_knowing_the_memory_clock_is_worth():
    """A blind planner takes a slow clock for enough, and is late each time."""
    times = {"period": "8ms", "deadline": "4ms", "cap": "none", "frames": 5}
    job = dfsrt.Job("squeezenet", **FIELDS, **times, memory="528MHz")
    runs = job.compare(["edf-cc", "performance"]).report.runs
    told = [(r.governor, r.memory_clock.blind, r.deadlines.missed) for r in runs]
    assert told == [("edf-cc", False, 0), ("edf-cc", True, 5), ("performance", False, 0)]


def test_speeds_are_those_of_the_memory_point_that_is_set():
    """The memory falls to its lowest while frames come: the same rule then runs them faster.

    ``pace`` takes the least energy that is in time: where layers wait longer that may be slower.
    """
    told = Told(10_000_000, [3, 3, 0])
    fields = {**FIELDS, "period": "8ms", "deadline": "4ms", "cap": "none", "frames": 10}
    for governor in ("pace", "edf-static", "edf-cc", "edf-la", "rm-cc", "rm-static"):
        done = dfsrt.run("squeezenet", governor=governor, memory=told, **fields)
        assert done.report.deadlines.missed == 0, governor
        log, levels = done.log, done.run.job.table.levels
        core = [
            levels.freqs_hz[log.level[(log.layer >= 0) & (levels.memory[log.level] == k)]].mean()
            for k in (0, 3)
        ]
        assert governor == "pace" or core[0] > core[1], governor
