"""Governors that see the queue: when they are asked, what they are shown, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

import dfsrt
from dfsrt.governor import Plan, WorkStep, make_governor
from dfsrt.governor.plan import uniform
from dfsrt.run import execute, make_job
from dfsrt.run.book import Book
from dfsrt.run.cap import constant_cap
from dfsrt.run.detail import Detail
from dfsrt.run.execution import Execution
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.program import Plot, Step, plain
from dfsrt.run.rules import Discipline, Rules
from dfsrt.run.scenario_load import load_scenario
from dfsrt.run.snapshot import queue_workloads
from tests.helpers.serve import load_of
from tests.helpers.task_sets import PILLAI_SHIN, ideal_table, run_task_set

MS = 1_000_000
CAP = constant_cap(np.inf)


@dataclass
class Diary:
    """Keeps all views; runs at full speed while more than one is here, else at the slowest."""

    plans: str = "arrivals"
    views: list = field(default_factory=list)

    def plan(self, view):
        self.views.append(view)
        return uniform(view, view.top if len(view.queue.requests) > 1 else 0)

    @property
    def times_ms(self):
        return [view.now_ns / MS for view in self.views]


def serve(governor, load, plots, *, rules=None, pieces=1, layers=4, compiled=False):
    names = [f"w{k}" for k in range(len(plots))]
    requests = LiveRequests(load, plots, rules or Rules(), compiled=compiled)
    return Execution(
        ideal_table(layers, pieces), governor, CAP, requests, Detail(compiled=compiled),
        workloads=queue_workloads(load, plots, names),
    ).run()  # fmt: skip


TWO = [plain(0, 3), plain(3, 4)]
"""A workload of three units of work, and one of one; the slowest clock takes 2 ms a unit."""


@pytest.mark.parametrize(
    ("plans", "times_ms"),
    [
        ("arrivals", [0, 0, 2, 21]),
        ("completions", [0, 6, 21]),  # the one that leaves at 8 finds nobody who could start
        ("arrivals+completions", [0, 0, 2, 4, 21]),
        ("boundaries", [0, 0, 2, 3, 4, 21]),
    ],
)
def test_a_governor_is_asked_where_it_says_and_a_layer_could_start(plans, times_ms):
    governor = Diary(plans)
    serve(governor, load_of([0, 1 * MS, 21 * MS], [0, 1, 1]), TWO)
    assert governor.times_ms == times_ms


def test_the_queue_shows_who_waits_and_what_is_left():
    governor = Diary("boundaries")
    load = load_of([0, 1 * MS], [0, 1], [20 * MS, 4 * MS], [0, 3])
    serve(governor, load, TWO, rules=Rules(Discipline.EDF))
    view = governor.views[2]
    assert view.now_ns == view.queue.now_ns == 2 * MS
    urgent, other = view.queue.requests
    assert (urgent.workload, urgent.arrival_ns, urgent.deadline_ns) == (1, MS, 5 * MS)
    assert (urgent.priority, urgent.left) == (3, (WorkStep(3, 4),))
    assert (other.started, other.deadline_ns, other.left) == (True, 20 * MS, (WorkStep(1, 3),))
    assert view.time_ns(other.left).tolist() == [4 * MS, 2_666_666, 2 * MS]
    assert view.of_steps(urgent.left).n_layers == 1
    assert [w.name for w in view.queue.workloads] == ["w0", "w1"]


def test_workloads_are_told_their_least_gap_and_their_least_deadline():
    governor = Diary("arrivals")
    arrivals = [0, 3 * MS, 5 * MS, 9 * MS]
    load = load_of(arrivals, [0, 1, 0, 0], [9 * MS, -1, 8 * MS, -1])
    serve(governor, load, TWO)
    one, two = governor.views[0].queue.workloads
    assert (one.period_ns, one.deadline_ns) == (4 * MS, 8 * MS)
    assert (two.period_ns, two.deadline_ns) == (None, None)


def test_what_a_pipeline_has_left_holds_its_steps_on_the_host():
    steps = (Step(0, 2), Step(host_ns=5 * MS), Step(2, 3))
    governor = Diary("boundaries")
    serve(governor, load_of([0, 1 * MS]), [Plot(steps, steps, steps, in_order=True)], layers=3)
    first, second = governor.views[2].queue.requests
    assert first.left == (WorkStep(1, 2), WorkStep(host_ns=5 * MS), WorkStep(2, 3))
    assert second.left == (WorkStep(0, 2), WorkStep(host_ns=5 * MS), WorkStep(2, 3))


@pytest.mark.parametrize("plans", ["arrivals", "arrivals+completions", "boundaries"])
def test_being_asked_at_events_is_the_same_in_machine_code(plans):
    load = load_of([0, 1 * MS, 2 * MS, 30 * MS], [0, 1, 0, 1])
    one, two = (serve(Diary(plans), load, TWO, pieces=2, compiled=c) for c in (False, True))
    for name in ("layer", "start_ns", "level", "rail_uv", "energy_j"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


class Once:
    """Sees nothing of the queue, and is asked once."""

    seen: ClassVar[list] = []

    def plan(self, view):
        self.seen.append(view.queue)
        return Plan(np.zeros(view.n_layers, dtype=int), np.full(view.n_layers, view.rails_uv[0]))


def test_a_governor_that_plans_once_is_asked_once_and_shown_no_queue():
    Once.seen.clear()
    serve(Once(), load_of([0, MS, 2 * MS]), [plain(0, 4)])
    assert Once.seen == [None]


def test_when_a_governor_plans_is_one_of_few_words():
    with pytest.raises(dfsrt.InputError, match="Diary plans 'always'; its attribute 'plans' is"):
        serve(Diary("always"), load_of([0]), [plain(0, 4)])


# ``pace``: one unit takes 2, 1.33 or 1 ms, at 9, 16 or 25 J.


def paced(load, plots, **options):
    return serve(make_governor("pace"), load, plots, **options)


def levels(log):
    return log.level[log.layer >= 0].tolist()


def test_pace_runs_as_slowly_as_the_deadline_allows():
    for deadline, level in ((6 * MS, 0), (5 * MS, 1), (3 * MS, 2), (1 * MS, 2)):
        log = paced(load_of([0], deadline=[deadline]), [plain(0, 3)], layers=3)
        assert levels(log) == [level] * 3, deadline


def test_pace_leaves_those_behind_the_time_they_need_at_full_speed():
    load = load_of([0, 0], [0, 1], [20 * MS, 5 * MS])
    assert levels(paced(load, TWO)) == [1, 1, 1, 2]  # 3 units in 5 - 1 ms, then 1 in 1 ms


def test_pace_goes_faster_when_somebody_comes_and_slower_when_they_have_left():
    load = load_of([0, 2 * MS, 30 * MS], [0, 1, 1], [20 * MS, 3 * MS, 9 * MS])
    assert levels(paced(load, TWO)) == [0, 2, 2, 2, 0]


def test_pace_without_deadlines_takes_the_period_and_back_to_back_the_least_energy():
    assert levels(paced(load_of([0, 5 * MS, 10 * MS]), [plain(0, 3)], layers=3)) == [1] * 9
    alone = load_of([0], closed=True, copies=3)
    log = paced(alone, [plain(0, 3)], rules=Rules(closed=True), layers=3)
    assert levels(log) == [0] * 9


def test_pace_never_takes_more_energy_than_full_speed_and_is_in_time():
    log, fast = (run_task_set(PILLAI_SHIN, g, pieces=4) for g in ("pace", "performance"))
    assert log.energy_j.sum() < fast.energy_j.sum()
    late = log.requests.finish_ns - log.requests.arrival_ns > log.requests.deadline_ns
    assert not late.any()


@pytest.mark.parametrize("governor", ["edf-cc", "edf-la", "rm-cc", "pace"])
def test_laps_that_repeat_are_multiplied_as_if_walked(governor):
    arrivals = [0, 1 * MS, 5 * MS, 8 * MS]
    load = load_of(
        arrivals, [0, 1, 1, 0], [7 * MS, 3 * MS, 4 * MS, 6 * MS], copies=60, span_ns=16 * MS + 1
    )
    chosen = make_governor(governor)
    rules = Rules(Discipline[(chosen.discipline or "fifo").upper()])
    books = []
    for multiplies in (False, True):
        requests = LiveRequests(load, TWO, rules)
        repeated = []
        run = Execution(
            ideal_table(4, 2), chosen, CAP, requests,
            Detail(every_row=False, multiplies=multiplies),
            least_ns=load.duration_ns, workloads=queue_workloads(load, TWO, ["one", "two"]),
        )  # fmt: skip
        book = Book(run.table, CAP, 2)
        keeper = type("Keeper", (), {"add": lambda self, log, to=repeated: to.extend(log.repeated)})
        run.stream([book, keeper()])
        book.close(requests.queue.state, requests.host_calls, int(run.machine.level))
        books.append((book, len(repeated)))
    (walked, none), (counted, some) = books
    assert (none, some) == (0, 1)
    assert np.array_equal(walked.runs, counted.runs)
    assert np.array_equal(walked.energy_j, counted.energy_j)
    assert walked.requests.whole.met == counted.requests.whole.met
    assert walked.span_ns == counted.span_ns


class Counting(Diary):
    """Wants the fastest at every other plan, whatever it is shown."""

    def plan(self, view):
        self.views.append(view)
        return uniform(view, view.top * (len(self.views) % 2))


def test_in_a_world_a_plan_that_the_queue_decides_is_made_anew_each_time():
    scenario = load_scenario("voice-glasses")
    governor = Counting("arrivals")
    book = execute(make_job(scenario, until="3 s", power_model="datasheet"), governor).book
    assert len(governor.views) == book.requests.whole.total + 1
    assert all(view.queue.requests for view in governor.views[1:])


@pytest.mark.parametrize("governor", ["edf-cc", "pace:time=50ms:points=4"])
def test_a_life_under_a_rule_is_the_same_in_machine_code(governor):
    books = [
        execute(
            make_job("voice-glasses", until="20 s", step=step, power_model="datasheet"), governor
        ).book
        for step in ("layer", "kernel")
    ]
    for name in ("runs", "energy_j", "idle_level_ns"):
        assert np.array_equal(*(getattr(book, name) for book in books)), name
