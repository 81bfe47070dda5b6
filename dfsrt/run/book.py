"""The book: one ledger of a run's time and energy, by layer and level and by component."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.power.components import COMPONENTS, IN_DOMAIN
from dfsrt.power.table import LayerTable
from dfsrt.run.cap import PowerCap
from dfsrt.run.corrector import Correction
from dfsrt.run.excess import Excess, RunningAverage, layer_excess, layers_over
from dfsrt.run.log import HeldBy, RunLog
from dfsrt.run.meter import Meter
from dfsrt.run.outcomes import RequestBook
from dfsrt.run.queue_state import QueueState
from dfsrt.run.sleep_book import empty_sleep_book, read_meter
from dfsrt.world.world import World


class Book:
    """Sums over a run, given piece by piece in order; in constant memory.

    ``runs`` and ``time_ns``, stalls included, are ``(n_layers, n_levels)``, ``energy_j``
    ``(n_layers, n_components)``; ``idle_level_ns`` ``(n_levels,)`` and ``idle_j``
    ``(n_components,)`` are of the time in which nothing ran, by the clock that was set.
    ``held_ns`` is ``(n_reasons,)``, ``transitions`` ``(n_levels, n_levels)``. ``host_calls``
    ``(n_steps,)`` counts steps on the host. ``last_level`` is the level at the end,
    ``memory_changes`` how often the memory's clock changed, ``memory_unseen`` times while nothing
    ran. ``lanes`` of cores work side by side: time is that of all together.

    Limits: where a meter books as the world changes (``metered``), what held a clock is judged by
    the first cap, and predictions by the power at the device's own temperature.
    """

    def __init__(
        self, table: LayerTable, cap: PowerCap, workloads: int = 1, metered: bool = False
    ) -> None:
        layers, levels = table.duration_ns.shape
        self.table, self.cap, self._metered = table, cap, metered
        self.runs: Ints = np.zeros((layers, levels), dtype=np.int64)
        self.time_ns: Ints = np.zeros((layers, levels), dtype=np.int64)
        self.energy_j: Floats = np.zeros((layers, len(COMPONENTS)))
        self.idle_level_ns: Ints = np.zeros(levels, dtype=np.int64)
        self.idle_j: Floats = np.zeros(len(COMPONENTS))
        self.held_ns: Ints = np.zeros(len(HeldBy), dtype=np.int64)
        self.transitions: Ints = np.zeros((levels, levels), dtype=np.int64)
        self.host_calls: Ints = np.zeros(0, dtype=np.int64)
        self.requests = RequestBook(workloads)
        self.span_ns = self.stall_ns = self.moves = self.preemptions = 0
        self.layers_over = self.unreachable = 0
        self.power_max_w = 0.0
        self.layer_excess = Excess(0.0, 0.0)
        self._average = RunningAverage(cap) if cap.window_ns else None
        self._drew = self._under = 0
        self._error = self._mean_error = self._margin = 0.0
        self._planned_w, self._mean_w = _bound_and_mean(table, cap)
        self.correction: Correction | None = None
        self.last_level = 0
        self.memory_changes = self.memory_unseen = 0
        self.lanes = 1
        self.sleep = empty_sleep_book(table.npu.idle)

    @property
    def frames(self) -> int:
        """Requests that have finished."""
        return self.requests.whole.completed

    @property
    def layer_runs(self) -> int:
        """Layer executions."""
        return int(self.runs.sum())

    @property
    def component_j(self) -> Floats:
        """Energy by component, idle time included, ``(n_components,)``."""
        return np.asarray(self.energy_j.sum(axis=0) + self.idle_j)

    @property
    def inside(self) -> int:
        """How many of the components the cap's domain holds."""
        return IN_DOMAIN[self.cap.domain]

    @property
    def busy_ns(self) -> int:
        """Time in layers, stalls included."""
        return int(self.time_ns.sum())

    @property
    def idle_ns(self) -> int:
        """Time in which nothing ran."""
        return int(self.idle_level_ns.sum())

    @property
    def lane_ns(self) -> int:
        """The run's time, once for each lane."""
        return self.span_ns * self.lanes

    @property
    def window_excess(self) -> Excess:
        """Excess of the running average; with window 0, of each layer's own."""
        return self.layer_excess if self._average is None else self._average.excess

    @property
    def prediction_error(self) -> tuple[float, float] | None:
        """Mean absolute relative error of what was planned with, and the share too low.

        None where nothing drew power, or nobody compared.
        """
        return (self._error / self._drew, self._under / self._drew) if self._drew else None

    @property
    def bound_error(self) -> tuple[float, float] | None:
        """Mean absolute relative error of the model's mean, and the bound over it, less 1.

        None where what was planned with is no bound, or nobody compared.
        """
        if not self._drew or self._mean_w is None:
            return None
        return self._mean_error / self._drew, self._margin / self._drew

    def of_layers(self, first: int, stop: int) -> tuple[int, Ints, Floats]:
        """Return calls, time by level ``(n_levels,)`` and energy by component of a section.

        Energy is ``(n_components,)``; a call is a run of the section's first layer.
        """
        layers = slice(first, stop)
        calls = int(self.runs[first].sum())
        return calls, self.time_ns[layers].sum(axis=0), self.energy_j[layers].sum(axis=0)

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        self.span_ns, self.correction = log.until_ns, log.correction
        for piece in log.left:
            self.requests.add(piece, log.until_ns)
        for again in log.repeated:
            self.requests.add(again.requests, log.until_ns, again.times)
        self.transitions += log.transitions
        self.moves += log.moved
        self._add_runs(log)
        self.sleep.add(log)
        self._add_prediction(log)
        if not self._metered:
            self._add_ledger(log)
            self._add_power(log)

    def close(
        self,
        state: QueueState,
        host_calls: Ints,
        last_level: int,
        sleeps: Ints | None = None,
        memory_changes: tuple[int, int] = (0, 0),
    ) -> None:
        """Take in what the queue counted, ``host_calls`` ``(n_steps,)``, and the last clock.

        ``sleeps`` ``(3 * n_states + 3,)`` is what the loop counted of idle states, if any,
        ``memory_changes`` how often the memory's clock changed, and how often while nothing ran.
        """
        if sleeps is not None:
            self.sleep.sleeps[:] = sleeps
        self.preemptions, self.host_calls = int(state.preemptions), host_calls
        self.last_level = last_level
        self.memory_changes, self.memory_unseen = memory_changes

    def _add_runs(self, log: RunLog) -> None:
        ran = log.ran
        spans = (log.end_ns - log.begin_ns) * log.times
        np.add.at(self.runs, (log.layer[ran], log.level[ran]), log.executions[ran])
        np.add.at(self.held_ns, log.held_by[ran], spans[ran])
        np.add.at(self.idle_level_ns, log.level[~ran], spans[~ran])

    def _add_ledger(self, log: RunLog) -> None:
        ran = log.ran
        layer, level, times = log.layer[ran], log.level[ran], log.times[ran]
        spans = (log.end_ns - log.begin_ns) * log.times
        self.stall_ns += int((log.stall_ns * log.times).sum())
        np.add.at(self.time_ns, (layer, level), spans[ran])
        np.add.at(self.energy_j, layer, log.energy_j[ran] * times[:, None])
        self.idle_j += (log.energy_j[~ran] * log.times[~ran, None]).sum(axis=0)

    def _add_power(self, log: RunLog) -> None:
        self.layers_over += layers_over(log)
        self.unreachable += int(log.executions[log.cap_unreachable].sum())
        self.layer_excess = self.layer_excess.joined(layer_excess(log))
        if self._average is not None:
            self._average.add(log)
        if log.ran.any():
            self.power_max_w = max(self.power_max_w, float(np.max(log.power_w[log.ran])))

    def _add_prediction(self, log: RunLog) -> None:
        drew = log.ran & (log.end_ns > log.start_ns) & (log.power_w > 0)
        true, predicted = log.power_w[drew], log.predicted_w[drew]
        times = log.executions[drew]
        self._drew += int(times.sum())
        self._error += float((np.abs(predicted / true - 1) * times).sum())
        self._under += int(times[predicted < true].sum())
        if self._mean_w is not None:
            # The rail guaranteed the set point at which the bound is what was planned with.
            layer, level = log.layer[drew], log.level[drew]
            off = np.abs(self._planned_w[layer, level] - predicted[:, None])
            mean = self._mean_w[layer, level, np.argmin(off, axis=1)]
            self._mean_error += float((np.abs(mean / true - 1) * times).sum())
            self._margin += float(((predicted / mean - 1) * times).sum())

    def read(self, meter: Meter, world: World, moves: int) -> None:
        """Take in what a meter has booked where the world changed, instead of rows.

        The battery gave the NPU less where it ended within a tick: all layers and idle time then
        bear that alike.
        """
        layers, levels = self.time_ns.shape
        joules, busy_ns = meter.joules(), meter.now.busy_ns
        booked_j = joules.sum(axis=0)
        share = np.divide(world.npu_j, booked_j, out=np.ones(len(COMPONENTS)), where=booked_j > 0)
        busy_share = world.state.npu_busy_ns / busy_ns if busy_ns > 0 else 1.0
        span_ns = int(world.state.now_ns)
        self.span_ns, self.moves = span_ns, moves
        time_ns = np.asarray(meter.layer_ns).reshape(layers, levels) * busy_share
        self.time_ns += np.rint(time_ns).astype(np.int64)
        self.energy_j += joules[:-1] * share
        self.idle_j += joules[-1] * share
        idle = max(span_ns - self.busy_ns, 0) / max(self.idle_ns, 1)
        self.idle_level_ns = np.rint(self.idle_level_ns * idle).astype(np.int64)
        read_meter(self.sleep, meter, share, idle)
        self.stall_ns = int((self.transitions * self.table.stall_ns).sum())
        self.power_max_w = float(meter.now.max_w)
        self.layers_over = int(meter.now.over_runs)
        self.layer_excess = Excess(float(meter.now.over_s), float(meter.now.over_w))


def _bound_and_mean(table: LayerTable, cap: PowerCap) -> tuple[Floats, Floats | None]:
    """The bound that is planned with, and what the model expects on average, in the domain."""
    mean_w = None if table.mean_w is None else table.predicted_in(cap.domain, table.mean_w)
    return table.predicted_in(cap.domain), mean_w


def book_of(log: RunLog, workloads: int = 1) -> Book:
    """Return the book of a whole log."""
    book = Book(log.table, log.cap, workloads)
    book.add(log)
    return book
