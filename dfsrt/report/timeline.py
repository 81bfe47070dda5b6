"""The timeline of a run: its log as slices and counters, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import DfsrtError
from dfsrt.power.table import LayerTable
from dfsrt.recording.lanes import free_lanes
from dfsrt.recording.recording import Counters, Recording, Slices
from dfsrt.report.phases import phase_names, sleeping_uv
from dfsrt.report.together import Together
from dfsrt.run.log import RunLog
from dfsrt.run.recorder import MOVE_COLUMNS

NPU, DVFS, REQUESTS = "NPU", "DVFS", "TPU Requests"
"""Tracks. The last two are called as Perfetto's estimator for Tensor's TPU wants them."""
SLEEP, STATE = "NPU idle states", "idle state"
"""The track of idle states deeper than a stopped clock, and the kind of its slices."""
COUNTERS = (
    ("frequency", "Hz"),
    ("voltage", "V"),
    ("power", "W"),
    ("predicted power", "W"),
    ("cap", "W"),
)
MEMORY = ("memory frequency", "Hz")
"""And where the memory has clocks of its own."""


class Sink(Protocol):
    """Anything that takes a recording piece by piece."""

    def write(self, piece: Recording) -> None:
        """Take the next piece."""
        ...


Group = tuple[Ints, Ints, Ints, Ints, Ints]
"""Slices of a kind: track, category, name, start and length, ``(n,)`` each."""


@dataclass(frozen=True, slots=True)
class _Moments:
    """A consumer of what cores do together."""

    add: Callable[[RunLog], None]


class Timeline:
    """A consumer that turns a log into slices and counters and hands them to ``sinks``.

    Layers and clock changes are slices on ``NPU``, stretches at one clock on ``DVFS``, idle states
    with the ways into them and out on a track of their own. Power is
    that of the capped domain, and nothing is predicted (0 W) while idle; counters are written where
    they change, and at the run's end: a counter holds from sample to sample, so that the area under
    power is all the energy. Rows that stand for many runs have no time of their own: they are
    refused. Where ``cores`` work in parallel each mask has a track, like ``NPU core 0``, and
    counters are of all of them together.
    """

    def __init__(self, table: LayerTable, sinks: Iterable[Sink], cores: Sequence[str] = ()) -> None:
        self._sinks = tuple(sinks)
        tracks = [f"{NPU} core {mask}" for mask in cores] or [NPU]
        self._together = Together(_Moments(self._add_moments), len(cores)) if cores else None
        self._mhz = [f"{round(f / 1e6)} MHz Cluster 0" for f in table.levels.freqs_hz.tolist()]
        names, kinds = list(table.load.names), list(table.load.kinds)
        self._units = (*COUNTERS, *[MEMORY] * (table.levels.n_memory > 1))
        units = [text for pair in self._units for text in pair]
        phases = phase_names(table.npu.idle)
        fixed = [
            *tracks,
            DVFS,
            SLEEP,
            STATE,
            *phases,
            "clock",
            "clock change",
            *self._mhz,
            *units,
            *kinds,
            *names,
        ]
        self._texts = tuple(dict.fromkeys(fixed))
        place = {text: i for i, text in enumerate(self._texts)}
        self._place = place
        self._track = np.array([place[track] for track in tracks])
        self._layer = np.array([place[name] for name in names])
        self._kind = np.array([place[kind] for kind in kinds])
        self._level = np.array([place[text] for text in self._mhz])
        self._phase = np.array([place[name] for name in phases])
        self._last: dict[str, tuple[int, float]] = {}
        self._until_ns = -1

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log.

        Raises:
            DfsrtError: a row stands for many runs.
        """
        if (log.times > 1).any():
            raise DfsrtError("a timeline needs every row; run with every_row")
        if self._together is None:
            groups = (*self._of_layers(log), *self._of_clocks(log))
            self._write(_joined(groups), self._counters(log))
        else:
            self._write(_joined(self._of_layers(log)), no_counters())
            self._together.add(log)

    def _add_moments(self, log: RunLog) -> None:
        """Take what all cores did together."""
        self._write(_joined(self._of_clocks(log)), self._counters(log))

    def _write(self, slices: Slices, counters: Counters) -> None:
        for sink in self._sinks:
            sink.write(Recording(self._texts, slices, counters))

    def finish(self, until_ns: int) -> None:
        """Write where each counter stands at the run's end."""
        ends = {name: value for name, (time_ns, value) in self._last.items() if time_ns < until_ns}
        units = dict(self._units)
        counters = Counters(
            np.array([self._place[name] for name in ends], dtype=np.int64),
            np.array([self._place[units[name]] for name in ends], dtype=np.int64),
            np.full(len(ends), until_ns),
            np.array(list(ends.values())),
        )
        self._write(no_slices(), counters)

    def _of_layers(self, log: RunLog) -> tuple[Group, ...]:
        """Layers and changes of clock, each on the track of its core."""
        ran = np.flatnonzero(log.ran)
        stalled = ran[log.stall_ns[ran] > 0]
        track, change = self._track[log.lane], self._place["clock change"]
        layers = (track[ran], self._kind[log.layer[ran]], self._layer[log.layer[ran]],
                  log.start_ns[ran], (log.end_ns - log.start_ns)[ran])  # fmt: skip
        stalls = (track[stalled], np.full(len(stalled), change),
                  self._level[log.level[stalled]], log.begin_ns[stalled],
                  log.stall_ns[stalled])  # fmt: skip
        return layers, stalls

    def _of_clocks(self, log: RunLog) -> tuple[Group, ...]:
        """Stretches at one clock, and in one idle state."""
        at, ran = self._place, np.flatnonzero(log.ran)
        first, start, lasts = _stretches(log, ran, log.level)
        clocks = (np.full(len(first), at[DVFS]), np.full(len(first), at["clock"]),
                  self._level[log.level[first]], start, lasts)  # fmt: skip
        asleep = np.flatnonzero(~log.ran & (log.phase > 0))
        first, start, lasts = _stretches(log, asleep, log.phase)
        sleeps = (np.full(len(first), at[SLEEP]), np.full(len(first), at[STATE]),
                  self._phase[log.phase[first]], start, lasts)  # fmt: skip
        return clocks, sleeps

    def _counters(self, log: RunLog) -> Counters:
        begin, running, levels = log.begin_ns, log.end_ns > log.start_ns, log.table.levels
        spent = (log.end_ns - log.start_ns) * 1e-9
        still = log.domain_energy_j() - log.power_w * spent
        stall_s = log.stall_ns * 1e-9
        standing = np.divide(still, stall_s, out=np.zeros_like(still), where=stall_s > 0)
        halts = log.stall_ns > 0
        points = {
            "frequency": (begin, log.freq_hz.astype(np.float64)),
            "voltage": self._voltage(log),
            "power": (
                np.concatenate([begin[halts], log.start_ns[running]]),
                np.concatenate([standing[halts], log.power_w[running]]),
            ),
            "predicted power": (log.start_ns, np.where(log.ran, log.predicted_w, 0.0)),
            "cap": self._cap(log),
            MEMORY[0]: (begin, levels.memory_hz[levels.memory[log.level]].astype(np.float64)),
        }
        counters = [self._changes(name, unit, *points[name]) for name, unit in self._units]
        return Counters(*(np.concatenate(columns) for columns in zip(*counters, strict=True)))

    def _voltage(self, log: RunLog) -> tuple[Ints, Floats]:
        """The rail at each row's start, and where its ramps begin and end."""
        rail_v = sleeping_uv(log) * 1e-6
        place = {name: k for k, name in enumerate(MOVE_COLUMNS)}
        times = log.moves[:, [place["ramp_start_ns"], place["ramp_end_ns"]]].ravel()
        volts = log.moves[:, [place["from_uv"], place["to_uv"]]].ravel() * 1e-6
        return np.concatenate([log.start_ns, times]), np.concatenate([rail_v, volts])

    def _cap(self, log: RunLog) -> tuple[Ints, Floats]:
        """The limits that began in this piece, each at its own time; 0 W where there is none."""
        steps = [s for s in log.cap.steps if self._until_ns < s.start_ns <= log.until_ns]
        self._until_ns = log.until_ns
        watts = [s.limit_w if np.isfinite(s.limit_w) else 0.0 for s in steps]
        return np.array([s.start_ns for s in steps], dtype=np.int64), np.array(watts)

    def _changes(
        self, name: str, unit: str, time_ns: Ints, value: Floats
    ) -> tuple[Ints, Ints, Ints, Floats]:
        """Keep samples that differ from the one before, over pieces too."""
        order = np.argsort(time_ns, kind="stable")
        time_ns, value = time_ns[order], value[order]
        before = np.concatenate([[self._last.get(name, (0, np.nan))[1]], value[:-1]])
        new = value != before
        if len(value):
            self._last[name] = int(time_ns[-1]), float(value[-1])
        count = int(new.sum())
        track, kind = self._place[name], self._place[unit]
        return np.full(count, track), np.full(count, kind), time_ns[new], value[new]


def _stretches(log: RunLog, rows: Ints, by: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the first row, start and length of each stretch without a pause of ``rows`` alike.

    ``by`` ``(n_rows,)`` of the log is what they have in common.
    """
    if len(rows) == 0:
        return rows, rows, rows
    goes_on = (by[rows[1:]] == by[rows[:-1]]) & (log.begin_ns[rows[1:]] == log.end_ns[rows[:-1]])
    first = rows[np.concatenate([[True], ~goes_on])]
    last = rows[np.concatenate([~goes_on, [True]])]
    return first, log.begin_ns[first], log.end_ns[last] - log.begin_ns[first]


def _joined(groups: Iterable[Group]) -> Slices:
    """Return the groups' slices in order of start: a viewer pairs begins and ends by their order.

    Where starts are equal a group comes before the groups after it.
    """
    joined = [np.concatenate(c).astype(np.int64) for c in zip(*groups, strict=True)]
    order = np.argsort(joined[3], kind="stable")
    return Slices(*(column[order] for column in joined))


def request_slices(names: list[str], admit_ns: Ints, finish_ns: Ints) -> Recording:
    """Return requests as slices on ``TPU Requests``; those that overlap are on lanes of their own.

    ``names`` has one for each, times are ``(n_requests,)``. Lane 2 is track ``TPU Requests #2``.
    """
    order = np.argsort(admit_ns, kind="stable")
    lane = free_lanes(admit_ns[order].tolist(), finish_ns[order].tolist())
    lanes = [REQUESTS, *(f"{REQUESTS} #{k + 2}" for k in range(max(lane, default=0)))]
    texts = tuple(dict.fromkeys(["request", *lanes, *names]))
    place = {text: i for i, text in enumerate(texts)}
    track, name = [place[text] for text in lanes], [place[text] for text in names]
    slices = Slices(
        np.array(track, dtype=np.int64)[lane],
        np.full(len(order), place["request"]),
        np.array(name, dtype=np.int64)[order],
        admit_ns[order],
        (finish_ns - admit_ns)[order],
    )
    return Recording(texts, slices, no_counters())


def no_counters() -> Counters:
    """Return no sample at all."""
    none = np.empty(0, dtype=np.int64)
    return Counters(none, none, none, np.empty(0))


def no_slices() -> Slices:
    """Return no slice at all."""
    return Slices(*(np.empty(0, dtype=np.int64) for _ in range(5)))
