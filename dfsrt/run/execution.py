"""Execution: drives the machine from one control event to the next in simulated time."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence

import numpy as np
import simpy

from dfsrt.base.arrays import Ints
from dfsrt.base.compiled import compiled
from dfsrt.base.record import as_record
from dfsrt.device.boundary import start_layer
from dfsrt.governor.governor import Governor, plans, reads_power, sampling_ns, sees_cap
from dfsrt.governor.idle.rule import ASK, ORACLE
from dfsrt.governor.queue_view import QueueWorkload
from dfsrt.power.table import LayerTable
from dfsrt.run.account import close_last
from dfsrt.run.advance import advance
from dfsrt.run.alike import count_alike
from dfsrt.run.books import close_books
from dfsrt.run.bounds import Bounds, bounds_of
from dfsrt.run.cap import PowerCap
from dfsrt.run.corrector import Corrector
from dfsrt.run.detail import Consumer, Detail
from dfsrt.run.expected import Expected
from dfsrt.run.idle_tables import IdlePolicy, service_ns
from dfsrt.run.laps import Laps
from dfsrt.run.lines import push
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.log import RunLog
from dfsrt.run.machine import (
    EVERY_ROW,
    FEW_ROWS,
    NO_ROWS,
    Asked,
    Machine,
    Stop,
    ask_memory,
    is_full,
    run_layer,
    take_effect,
)
from dfsrt.run.memory_policy import MemoryClock, MemoryPolicy
from dfsrt.run.meter import book_run, no_meter
from dfsrt.run.planner import Planned, Planner
from dfsrt.run.queue import choose, next_event_ns
from dfsrt.run.queue_state import ARRIVED, BOUNDARY, LEFT, NOBODY
from dfsrt.run.recorder import Recorder
from dfsrt.run.sampler import Sampler
from dfsrt.run.sleep import pass_time
from dfsrt.run.sleeper import Sleeper
from dfsrt.run.speeds import Speeds
from dfsrt.run.stream import NEVER_NS
from dfsrt.run.surroundings import Surroundings
from dfsrt.run.tables import Tables
from dfsrt.run.ticking import TICKS, loop_of
from dfsrt.run.timeline import Moment, Order, Timeline

Steps = Generator[simpy.Event, None, None]

INNER = tuple(f.__module__ for f in (start_layer, run_layer, book_run, count_alike))
"""Modules whose functions run at every layer."""
HOT = (*INNER, *(f.__module__ for f in (advance, push, choose)))
"""And those whose functions run at every request: to copy them gains nothing in a world."""
THE_LOOP = "the loop, about 30 s of CPU"
A_LIFE = "the loop of a battery's life, about 30 s of CPU"
NEWS = {
    "once": 0,
    "arrivals": ARRIVED,
    "completions": LEFT,
    "arrivals+completions": ARRIVED | LEFT,
    "boundaries": ARRIVED | LEFT | BOUNDARY,
}
"""At what news a governor is asked again, by what it says that it ``plans`` at."""
RUNS = 10_000_000
"""Layer runs of one call at most, so that an interrupt is heard within a second."""


class Execution:
    """One NPU that serves a queue of requests under a governor and a cap; it runs once.

    ``table`` holds the layers of all networks, a section each, and ``requests`` is used up. The
    run starts settled at what the first plan asks of the first layer. It lasts to ``least_ns`` at
    least, even if nothing is left to do, and stops at the first layer boundary at or after
    ``until_ns``, or when as many ``requests`` have finished as are to be served. With a
    ``corrector``, which no other run may share, a meter's readings of each request correct the
    predictions for the next. ``on_done`` is called now and then with the number of requests that
    have left. ``workloads`` is what a governor that sees the queue is told of them. In
    ``surroundings`` it runs until the world ends, and their meter books instead of
    rows.
    """

    def __init__(
        self,
        table: LayerTable,
        governor: Governor,
        cap: PowerCap,
        requests: LiveRequests,
        detail: Detail,
        *,
        least_ns: int = 0,
        until_ns: int = NEVER_NS,
        period_ns: int | None = None,
        corrector: Corrector | None = None,
        on_done: Callable[[int], None] | None = None,
        surroundings: Surroundings | None = None,
        workloads: tuple[QueueWorkload, ...] = (),
        idle: IdlePolicy | None = None,
        memory: MemoryPolicy | None = None,
    ) -> None:
        self.table, self.governor, self.cap, self.requests = table, governor, cap, requests
        self._detail, self._on_done = detail, on_done
        self._least_ns, self._until_ns = min(least_ns, until_ns), until_ns
        self._learns = corrector is not None
        self._expected = Expected(table, cap.domain, corrector)
        self._recorder = Recorder(len(table.levels))
        self._sampler = Sampler(table, self._recorder) if reads_power(governor) else Sampler()
        binds = surroundings is not None
        self._idle = idle or IdlePolicy()
        policy = memory or MemoryPolicy()
        self._memory = MemoryClock(table.npu, policy)
        self._planner = Planner(
            table,
            governor,
            cap,
            period_ns,
            binds,
            workloads,
            self._idle,
            self._memory,
            policy.blind,
        )
        self._speeds: tuple[Speeds, ...] = ()
        self._is_compiled = False
        self._plain_left = detail.plain_runs if detail.compiled else NEVER_NS
        n_workloads = len(requests.queue.workloads)
        self._tables = Tables(table, detail.begins_compiled, self._idle, n_workloads)
        self._sleeper = Sleeper(self._idle.governor)
        self._env = Timeline(initial_time=0)
        self._cap_step = self._moves_before = 0
        self._consumers: Sequence[Consumer] | None = None
        self.surroundings = surroundings
        self._meter = no_meter(False) if surroundings is None else surroundings.meter
        self.machine, self._asked = Machine(), Asked(plans_at=NEWS[plans(governor)])
        self._loop = self._own_loop()
        if detail.begins_compiled:
            self._compile()
        self._laps: Laps | None = None
        self._start_settled()
        asks = sampling_ns(governor) or self._memory.period_ns
        stops = bool(asks or self._asked.plans_at or self._idle.kind == ASK)
        if detail.multiplies and self._rows() == FEW_ROWS and not stops:
            self._laps = Laps(requests.queue)

    def _own_loop(self) -> Callable[..., int]:
        return loop_of(self.surroundings is not None)

    def _around(self) -> tuple[object, ...]:
        """What the loop is given beside what all loops are."""
        return () if self.surroundings is None else (self.surroundings.world, TICKS)

    @property
    def sleeps(self) -> Ints | None:
        """Counts of idle states, as in ``Out``, ``(n,)``; None where nothing sleeps."""
        idle = self._tables.device.idle
        return np.array(self._tables.out.sleeps, dtype=np.int64) if idle.on else None

    def run(self) -> RunLog:
        """Run to the end and return the closed books, every row in them."""
        self._go()
        return self._close()

    def stream(self, consumers: Sequence[Consumer]) -> None:
        """Run to the end and give the closed books to ``consumers`` piece by piece."""
        self._consumers = consumers
        self._go()
        self._flush()

    def _go(self) -> None:
        if self.surroundings is None:  # a world has the schedule of caps among its events
            self._env.process(self._change_cap())
        period_ns = sampling_ns(self.governor)
        if period_ns:
            self._env.process(self._sample(period_ns))
        if self._memory.period_ns:
            self._env.process(self._poll_memory(self._memory.period_ns))
        self._env.run(until=self._env.process(self._execute()))

    # The books.

    def _close(self) -> RunLog:
        self._recorder.transitions += self._tables.take_transitions()
        aware, around = sees_cap(self.governor), self.surroundings
        until_ns = self._env.now_ns if around is None else around.closed_ns
        return close_books(self.table, self.cap, self._recorder, self._expected, until_ns, aware)

    def _flush(self) -> None:
        """Close the books over what is pending and hand them on."""
        self._sampler.take()
        log = self._close()
        for consumer in self._consumers or ():
            consumer.add(log)
        self._recorder.drop()
        self._expected.drop(len(self._recorder))

    def _flush_if_full(self) -> None:
        if self._consumers is not None and self._recorder.pending >= self._detail.chunk:
            self._flush()

    # Control: what makes the governor plan again.

    def _change_cap(self) -> Steps:
        for step in self.cap.steps[1:]:
            yield Moment(self._env, step.start_ns - self._env.now_ns, Order.CAP_CHANGE)
            self._cap_step += 1
            if sees_cap(self.governor):  # the others have nothing to plan again
                self._asked.stale = True

    def _sample(self, period_ns: int) -> Steps:
        while True:
            yield Moment(self._env, period_ns, Order.TELEMETRY)
            core = int(self.table.levels.core[self.machine.level])
            self._sampler.sample(self._env.now_ns, period_ns, core)
            self._asked.stale = True

    def _poll_memory(self, period_ns: int) -> Steps:
        """Ask the memory's governor again and again; where all stands still, until it may not."""
        m, periods = self.machine, 1
        while True:
            yield Moment(self._env, periods * period_ns, Order.TELEMETRY)
            core = int(self.table.levels.core[m.level])
            before, point = self._memory.target, self._memory.poll(self._moved_bytes(), core)
            self._tables.ask_for(self._wish, point)
            if point != m.memory_to and m.memory_ns == NEVER_NS:
                ask_memory(m, self._tables.device, point, self._env.now_ns)
            periods = 1
            if before == point and self._memory.quiet and m.last_begin_ns < 0 and m.wanted_ns < 0:
                next_ns = next_event_ns(self.requests.queue)
                periods = max((min(next_ns, NEVER_NS // 2) - self._env.now_ns) // period_ns, 1)

    def _moved_bytes(self) -> int:
        """Bytes moved until now; of a layer under way as much as has passed of its time."""
        m, ahead_ns = self.machine, int(self.machine.now_ns) - self._env.now_ns
        moved = int(m.moved_bytes)
        if ahead_ns <= 0 or m.last_begin_ns < 0:
            return moved
        layer_bytes = int(m.times) * int(self.table.load.dram_bytes[m.layer - 1])
        return moved - layer_bytes * ahead_ns // int(m.now_ns - m.last_begin_ns)

    def _start_settled(self) -> None:
        """Ask for the first plan from the slowest state, then stand where it wants to begin."""
        m, set_points = self.machine, self._tables.set_points_uv
        m.from_uv = m.to_uv = int(set_points[0])
        m.memory = m.memory_to = self._memory.target
        m.level = self.table.levels.at(m.memory).start
        m.memory = m.memory_to = self._make_plan().home
        first = m.plan + m.memory * len(self.table.duration_ns)
        m.level = self._wish.level[first]
        m.from_uv = m.to_uv = self._wish.rail_uv[first]
        m.set_point = self._wish.set_point[first]

    def _make_plan(self) -> Planned:
        m, queue = self.machine, self.requests.queue
        plan = self._planner.plan(
            m,
            queue,
            self._env.now_ns,
            self._expected.predicted_w,
            self._bounds(),
            self._sampler.last,
        )
        self._speeds, self._asked.memory = plan.speeds, m.memory
        self._wish = self._tables.wish(
            plan.level, plan.rail_uv, plan.memory, plan.speeds[m.memory] if plan.speeds else None
        )
        if self._memory.period_ns:
            self._tables.ask_for(self._wish, self._memory.target)
        m.rule, m.plan, m.review_ns = int(plan.rule), plan.start, NEVER_NS
        queue.state.news = ARRIVED if m.rule else 0  # a rule looks at new plans at once
        self._asked.stale = False
        if self._idle.kind == ORACLE:
            durations = self.table.duration_ns
            first = plan.start + m.memory * len(durations)
            level = plan.level[first : first + len(durations)]
            self._tables.tell_service(service_ns(self.requests.plots, durations, level))
        self._forget_laps()
        return plan

    def _meet_memory(self) -> None:
        """Let a rule go by the times at the point at which the memory is from now on."""
        m = self.machine
        if m.rule and m.memory_ns <= m.now_ns:
            take_effect(m)
        if m.rule and m.memory != self._asked.memory:
            self._asked.memory, m.review_ns = m.memory, m.now_ns
            self._wish = self._tables.at_memory(self._wish, self._speeds[m.memory])

    def _bounds(self) -> Bounds:
        if self.surroundings is not None:
            return bounds_of(self.surroundings.world)
        return Bounds(self.cap.steps[self._cap_step].limit_w)

    # Execution.

    def _execute(self) -> Steps:
        asked = self._asked
        asked.until_ns, asked.rows = self._until_ns, self._rows()
        asked.rows_from, asked.each_request = self._detail.rows_from, self._learns
        stop = Stop.FULL
        while stop not in (Stop.DONE, Stop.UNTIL, Stop.END):
            stop, done = self._stretch()
            yield from self._catch_up()
            self._asked.stale |= stop in (Stop.LIMITS, Stop.PLAN)
            if stop is Stop.SLEEP:
                self._sleeper.choose(self.machine, self._tables.device, self.requests.queue)
            if self._learns and done:
                self._learn()
            self._say_progress()
            self._flush_if_full()
            if self._plain_left <= 0 and not self._is_compiled:
                self._move_over()
        here, around = self.requests.take_those_here, self.surroundings
        if around is None:
            yield from self._rest_till_the_end()
            self._recorder.add_requests(here())
        else:
            self._fold_counts()
            self._recorder.add_requests(around.take_rest(here()))
        if self._tables.device.idle.on:
            close_last(self.machine, self._tables.device, self._tables.out)

    def _rows(self) -> int:
        """Which layer runs become rows; in a world none: the meter books them."""
        if self.surroundings is not None:
            return NO_ROWS
        reads_rows = self._learns or self._sampler.reads_power or self.cap.window_ns > 0
        return EVERY_ROW if self._detail.every_row or reads_rows else FEW_ROWS

    def _compile(self) -> None:
        """Let machine code go on from here: the loop, and the records that it works on."""
        self._is_compiled = True
        inlined, what = (HOT, THE_LOOP) if self.surroundings is None else (INNER, A_LIFE)
        self._loop = compiled(self._loop, inlined=inlined, allocates=False, what=what)
        self.machine, self._asked = as_record(self.machine), as_record(self._asked)
        if self.surroundings is None:
            self._meter = no_meter(compiled=True)

    def _move_over(self) -> None:
        """Go on in machine code where plain Python has got to."""
        self._compile()
        self.requests.compile()
        self._wish = self._tables.compile(self._wish)
        self._forget_laps()

    def _stretch(self) -> tuple[Stop, bool]:
        """Run up to the next control event; return why it stopped, and whether any was served."""
        asked, before = self._asked, int(self.requests.queue.state.done)
        self._meet_memory()
        if asked.stale and self.requests.queue.state.current != NOBODY:
            self._make_plan()
        peek = self._env.peek()
        asked.horizon_ns = NEVER_NS if math.isinf(peek) else int(peek)
        asked.idle_ns = asked.horizon_ns if self._memory.period_ns else NEVER_NS
        asked.cap_step = self._cap_step
        asked.lap_at = NEVER_NS if self._laps is None else self._laps.next
        asked.runs, runs = RUNS if self._is_compiled else self._plain_left, int(self.machine.runs)
        stop = self._advance()
        self._plain_left -= int(self.machine.runs) - runs
        self._take_out()
        if stop is Stop.LAP:
            self._begin_lap()
        if self.surroundings is None and (
            stop in (Stop.DONE, Stop.UNTIL) or self.machine.now_ns >= self._next_cap_ns
        ):
            self._fold_counts()  # before time passes over a cap change: idle time may reach far
        return stop, int(self.requests.queue.state.done) > before

    def _advance(self) -> Stop:
        tables, queue = self._tables, self.requests.queue
        stop = self._loop(
            self.machine, tables.device, self._wish, self._asked, queue, tables.out, self._meter,
            *self._around(),
        )  # fmt: skip
        return Stop(stop)

    @property
    def _next_cap_ns(self) -> float:
        """When the cap changes next."""
        steps, after = self.cap.steps, self._cap_step + 1
        return steps[after].start_ns if after < len(steps) else math.inf

    def _catch_up(self) -> Steps:
        """Let simulated time pass up to where the machine has got."""
        m, now = self.machine, self._env.now_ns
        ahead_ns, begin = int(m.now_ns) - now, int(m.last_begin_ns)
        self._sampler.busy_ns = int(m.busy_ns)
        if begin >= 0 and ahead_ns > 0:  # a layer is under way until then
            self._sampler.busy_ns -= int(m.now_ns) - begin
            self._sampler.busy_since_ns = begin
        # Even where no time has passed: what else happens in this nanosecond comes first.
        yield Moment(self._env, ahead_ns, Order.LAYER_BOUNDARY)
        self._sampler.busy_ns = int(m.busy_ns)
        self._sampler.busy_since_ns = None

    def _rest_till_the_end(self) -> Steps:
        """Stand idle until the run has lasted as long as it must, unless enough were served."""
        self._asked.cap_step = self._cap_step
        state = self.requests.queue.state
        while state.done < state.stop_done and self.machine.now_ns < self._least_ns:
            polls = self._memory.period_ns is not None
            self._asked.idle_ns = int(self._env.peek()) if polls else NEVER_NS
            self._stand_idle(min(self._least_ns, self._asked.idle_ns))
            if polls:
                yield from self._catch_up()
        self._take_out()
        self._fold_counts()
        yield from self._catch_up()

    def _stand_idle(self, until_ns: int) -> None:
        """Let idle time pass until then."""
        m, device, queue = self.machine, self._tables.device, self.requests.queue
        while m.now_ns < until_ns:
            passed = pass_time(
                m, device, self._asked, queue, self._tables.out, self._meter, until_ns
            )
            if not passed:
                self._sleeper.choose(m, device, queue)
            if is_full(m, self._tables.out):
                self._take_out()

    def _take_out(self) -> None:
        """Move what the loop wrote to the recorder."""
        m, out = self.machine, self._tables.out
        self._recorder.add_rows(out.rows[: int(m.n_rows)])
        self._recorder.add_moves(out.moves[: int(m.n_moves)])
        self._recorder.moved += int(m.moves) - self._moves_before
        self._moves_before = int(m.moves)
        m.n_rows = m.n_moves = 0
        if is_full(m, out):  # of runs on a moving rail, which are counted until then
            self._forget_laps()
            if not self._tables.make_room():
                self._fold_counts()
        ended, around = self.requests.take_ended(), self.surroundings
        if self._laps is not None:
            self._laps.left(ended)
        self._recorder.add_requests(ended if around is None else around.take_left(ended))
        self.requests.make_room()

    def _begin_lap(self) -> None:
        """Multiply laps up to the next control event, if this one begins as one did before."""
        m, asked, laps = self.machine, self._asked, self._laps
        if laps is None:
            return
        until_ns = int(min(asked.until_ns, asked.horizon_ns))
        memory = self._tables.device.idle.rule.memory
        queue, out = self.requests.queue, self._tables.out
        again = laps.begin(m, queue, out, until_ns, asked.rows_from, memory)
        if again is not None:
            self._recorder.repeated.append(again)

    def _forget_laps(self) -> None:
        if self._laps is not None:
            self._laps.forget(self.requests.queue)

    def _learn(self) -> None:
        if self._expected.learn(self._recorder) and sees_cap(self.governor):
            self._asked.stale = True  # the next request is planned on what this one has taught

    def _say_progress(self) -> None:
        if self._on_done is not None:
            state = self.requests.queue.state
            self._on_done(int(state.done + state.dropped))

    def _fold_counts(self) -> None:
        """Turn counts into rows that stand for many runs; all were under the present cap."""
        start_ns = self.cap.steps[self._cap_step].start_ns
        rows, times = self._tables.take_counts(start_ns, self._cap_step)
        self._recorder.add_rows(rows, times)
        self.machine.n_alike = 0
        self._forget_laps()
