"""The runtime: executes a plan layer by layer in simulated time, by the device's rules."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Protocol

import simpy

from dfsrt.device.boundary import NO_COMMAND, start_layer
from dfsrt.governor.governor import Governor, reads_power, sampling_ns, sees_cap
from dfsrt.governor.view import View
from dfsrt.power.table import LayerTable
from dfsrt.run.arrivals import Arrivals
from dfsrt.run.books import close_books
from dfsrt.run.cap import PowerCap
from dfsrt.run.clamp import clamp
from dfsrt.run.corrector import Corrector
from dfsrt.run.expected import Expected
from dfsrt.run.log import RunLog
from dfsrt.run.order import Moment, Order, Timeline
from dfsrt.run.outlook import first_view
from dfsrt.run.rail_state import RailState
from dfsrt.run.recorder import IDLE, STANDS, Recorder
from dfsrt.run.sampler import Sampler

Steps = Generator[simpy.Event, None, None]

CHUNK = 200_000
"""Rows and requests, together, over which the books are closed at once: about 60 MB."""


class Consumer(Protocol):
    """Anything that takes a run's log piece by piece, in order."""

    def add(self, log: RunLog) -> None:
        """Take the next piece."""
        ...


class Runtime:
    """One NPU that runs ``frames`` inferences of one network under a governor and a cap.

    Frames come by ``arrivals``, by default back to back, and wait for the one before. The run
    starts settled at what the first plan asks of the first layer. ``on_frame`` is called now
    and then with the number of frames done so far. With a ``corrector``, which no other run may
    share, a meter's readings of each frame correct the predictions for the next, and a governor
    that sees the cap plans again. A runtime runs once.
    """

    every_row = True
    """Whether each layer execution is a row of its own; only ``KernelRuntime`` can do otherwise."""

    def __init__(
        self,
        table: LayerTable,
        governor: Governor,
        cap: PowerCap,
        frames: int = 1,
        arrivals: Arrivals | None = None,
        on_frame: Callable[[int], None] | None = None,
        corrector: Corrector | None = None,
    ) -> None:
        self.table = table
        self.governor = governor
        self.cap = cap
        self.frames = frames
        self.arrivals = arrivals or Arrivals()
        self._on_frame = on_frame
        self._expected = Expected(table, cap.domain, corrector)
        self._learns = corrector is not None
        self._duration: list[list[int]] = table.duration_ns.tolist()
        self._stall: list[int] = table.stall_ns.ravel().tolist()
        self._needs = table.npu.opps.rails_uv
        self._recorder = Recorder(len(self._needs))
        self._env = Timeline(initial_time=0)
        self._cap_step = 0
        self._moves = 0
        self._sampler = Sampler(table, self._recorder) if reads_power(governor) else Sampler()
        self._consumers: tuple[Consumer, ...] = ()
        self._chunk: int | None = None
        self._start_settled()

    @property
    def _set_points(self) -> tuple[int, ...]:
        return self.table.npu.opps.set_points_uv

    def run(self) -> RunLog:
        """Run all frames and return the closed books, every row in them."""
        self._go()
        return self._close()

    def stream(self, *consumers: Consumer, chunk: int = CHUNK) -> None:
        """Run all frames and give the closed books to ``consumers`` piece by piece."""
        self._consumers, self._chunk = consumers, chunk
        self._go()
        self._flush()

    def _go(self) -> None:
        self._env.process(self._change_cap())
        period_ns = sampling_ns(self.governor)
        if period_ns:
            self._env.process(self._sample(period_ns))
        self._env.run(until=self._env.process(self._execute()))

    def _close(self) -> RunLog:
        aware = sees_cap(self.governor)
        until_ns = self._env.now_ns
        return close_books(self.table, self.cap, self._recorder, self._expected, until_ns, aware)

    def _flush(self) -> None:
        """Close the books over what is pending and hand them on."""
        self._sampler.take()
        log = self._close()
        for consumer in self._consumers:
            consumer.add(log)
        self._recorder.drop()
        self._expected.drop()

    def _flush_if_full(self) -> None:
        if self._chunk is not None and self._recorder.pending >= self._chunk:
            self._flush()

    # Control: what makes the governor plan again.

    def _change_cap(self) -> Steps:
        for step in self.cap.steps[1:]:
            yield Moment(self._env, step.start_ns - self._env.now_ns, Order.CAP_CHANGE)
            self._cap_step += 1
            if sees_cap(self.governor):  # the others have nothing to plan again
                self._stale = True

    def _sample(self, period_ns: int) -> Steps:
        while True:
            yield Moment(self._env, period_ns, Order.TELEMETRY)
            self._sampler.sample(self._env.now_ns, period_ns, self._level)
            self._stale = True

    def _start_settled(self) -> None:
        """Ask for the first plan from the slowest state, then stand where it wants to begin."""
        self._level = 0
        self._rail = RailState(self.table.npu.rail, self._set_points[0])
        self._make_plan()
        self._level = self._wish_level[0]
        self._rail = RailState(self.table.npu.rail, self._wish_uv[0])

    def _make_plan(self) -> None:
        view, opps = self._view(), self.table.npu.opps
        self._wish_level: list[int] = []
        self._wish_uv: list[int] = []
        for first, stop in self.table.sections:
            plan = clamp(self.governor.plan(view.of_layers(first, stop)), opps, stop - first)
            self._wish_level += plan.level.tolist()
            self._wish_uv += plan.rail_uv.tolist()
        self._stale = False

    def _view(self) -> View:
        return replace(
            first_view(self.table, self.cap, self.arrivals.period_ns),
            predicted_w=self._expected.predicted_w,
            cap_w=self.cap.steps[self._cap_step].limit_w,
            level=self._level,
            rail_uv=self._rail.guaranteed_uv(self._env.now_ns),
            telemetry=self._sampler.last,
        )

    # Execution.

    def _execute(self) -> Steps:
        layers = range(len(self._duration))
        for frame in range(self.frames):
            arrival = self.arrivals.at_ns(frame, self._env.now_ns)
            yield from self._idle(frame, arrival)
            admit = self._env.now_ns
            for layer in layers:
                if self._stale:
                    self._make_plan()
                begin = self._env.now_ns
                self._sampler.busy_since_ns = begin
                yield self._start_layer(frame, layer)
                self._sampler.end_busy(self._env.now_ns - begin)
            self._recorder.add_request(arrival, admit, self._env.now_ns)
            self._after_frame(frame + 1)
        yield from self._idle(self.frames - 1, self.arrivals.end_ns(self.frames))

    def _after_frame(self, done: int) -> None:
        if self._expected.learn(self._recorder) and sees_cap(self.governor):
            self._stale = True  # the next frame is planned on what this one has taught
        if self._on_frame is not None:
            self._on_frame(done)
        self._flush_if_full()

    def _idle(self, frame: int, until_ns: int) -> Steps:
        """Stand idle, clock stopped, until ``until_ns``; no time at all if that is past."""
        now = self._env.now_ns
        if until_ns > now:
            self._record(frame, IDLE, now, until_ns, 0)
            yield Moment(self._env, until_ns - now, Order.LAYER_BOUNDARY)

    def _start_layer(self, frame: int, layer: int) -> Moment:
        """Do what a layer boundary allows (rules 1 to 3), start the layer, return its end."""
        now, rail, move, before = self._env.now_ns, self._rail, self._rail.move, self._level
        self._level, stall, command_ns = start_layer(
            now,
            before,
            move.from_uv,
            move.to_uv,
            move.settled_ns,
            self._wish_level[layer],
            self._wish_uv[layer],
            self._stall,
            self._needs,
            rail.times,
        )
        if command_ns != NO_COMMAND:
            self._recorder.add_move(rail.command(command_ns, self._wish_uv[layer]))
            self._moves += 1
        self._recorder.transitions[before, self._level] += 1
        end = now + stall + self._duration[layer][self._level]
        self._record(frame, layer, now + stall, end, stall)
        return Moment(self._env, end - now, Order.LAYER_BOUNDARY)

    def _record(self, frame: int, layer: int, start: int, end: int, stall: int) -> None:
        """Write the row; all of it is known, since nothing moves but at layer boundaries."""
        rail = self._rail
        move = self._moves - 1 if rail.move.settled_ns > start - stall else STANDS
        held_uv = rail.guaranteed_uv(start)
        row = (frame, layer, start, end, stall, self._level, held_uv, self._cap_step, move)
        self._recorder.add(row)
