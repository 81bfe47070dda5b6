"""Schedules by the time of day, of components and of the NPU itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.run.job import make_job
from dfsrt.run.run import execute
from dfsrt.run.scenario_load import load_scenario
from dfsrt.world.npu_schedule import NpuSchedule, read_npu
from dfsrt.world.schedule_table import DAY_NS, read_schedule
from dfsrt.world.schema import NpuTable, StateAt
from tests.helpers.scenarios import changed

HOUR_NS, S = 3600 * 10**9, 10**9


def at(*pairs):
    return [StateAt(at=when, state=state) for when, state in pairs]


def test_a_day_begins_with_what_the_evening_before_has_left():
    """From 18:00 on: awake since 07:00, asleep from 22:00, four hours on, to 07:00, 13 on."""
    day = read_schedule(at(("07:00", "on"), ("22:00", "off")), None, 18 * HOUR_NS, "c")
    assert day.changes == ((0, "on"), (4 * HOUR_NS, "off"), (13 * HOUR_NS, "on"))
    assert day.repeat_ns == DAY_NS


@given(
    st.lists(st.integers(0, 1439), min_size=1, max_size=6, unique=True),
    st.integers(0, 1439),
    st.integers(0, 3 * 1439),
)
def test_at_any_minute_the_last_change_before_it_holds(minutes, starts, minute):
    change = at(*((f"{m // 60}:{m % 60:02}", str(m)) for m in minutes))
    day = read_schedule(change, None, starts * 60 * S, "c")
    since_ns = minute * 60 * S % DAY_NS
    holds = [state for at_ns, state in day.changes if at_ns <= since_ns][-1]
    clock = (starts + minute) % 1440
    assert int(holds) == max([m for m in minutes if m <= clock], default=max(minutes))


@pytest.mark.parametrize(
    ("change", "repeat", "starts_ns", "said"),
    [
        ((("07:00", "a"), ("3 h", "b")), None, 0, "is a time of day and a time since the start"),
        ((("07:00", "a"),), "24 h", 0, "come every day; leave repeat out"),
        ((("07:00", "a"),), None, None, "add starts = '07:00'"),
        ((("24:00", "a"),), None, 0, "'24:00' is no time of day; give 00:00 to 23:59"),
        ((("7:00", "a"), ("07:00", "b")), None, 0, "two changes at one time of day"),
        ((("2 h", "a"), ("1 h", "b")), None, None, "do not ascend; list them in order"),
        ((("2 h", "a"),), "1 h", None, "a change at or after repeat '1 h'"),
    ],
)
def test_times_that_cannot_be_are_one_line(change, repeat, starts_ns, said):
    with pytest.raises(InputError, match="component 'x'") as failure:
        read_schedule(at(*change), repeat, starts_ns, "component 'x'")
    assert said in str(failure.value)


def test_the_npus_states_are_those_of_its_device():
    table = NpuTable(change=at(("22:00", "off"), ("07:00", "governed"), ("23:00", "deepest")))
    npu = read_npu(table, 21 * HOUR_NS)
    orders = ((0, -1), (HOUR_NS, 1), (2 * HOUR_NS, 2), (10 * HOUR_NS, -1))
    assert npu.orders(("nap", "off", "gone")) == orders
    with pytest.raises(InputError, match=r"unknown state 'off'.*nap"):
        npu.orders(("nap",))
    with pytest.raises(InputError, match="without idle states"):
        npu.orders(())
    assert NpuSchedule().orders(()) == NpuSchedule(changes=((5, "governed"),)).orders(()) == ()


@pytest.mark.parametrize("step", ["layer", "kernel"])
def test_an_npu_sleeps_by_its_schedule_and_wakes_for_whoever_comes(step):
    """A request every second for a minute; from 20 s to 50 s the NPU is off between them.

    The request at 20 s has run before; those at 21 to 49 s wake it, as does the one at 50 s, which
    finds it where the schedule has left it.
    """
    schedule = NpuSchedule(changes=((20 * S, "deepest"), (50 * S, "governed")))
    scenario = changed(load_scenario("edge-camera"), period="1 s", npu=schedule)
    job = make_job(scenario, step=step, idle="none", until="60 s")
    run = execute(job)
    sleep, off = run.book.sleep, job.npu.idle[-1]
    assert sleep is not None
    assert sleep.entries.tolist() == [0, 30]
    assert sleep.waited_ns[-1] == 30 * off.exit_ns
    served_ns = run.book.busy_ns / 60
    slept_ns = 30 * (S - served_ns - off.exit_ns - off.entry_ns)
    # The first one is entered when the request of 20 s has left, and none waited for its exit.
    stays = sleep.time_ns[sleep.of_phases(1)]
    assert stays.sum() == pytest.approx(slept_ns + 30 * (off.exit_ns + off.entry_ns), rel=1e-3)
