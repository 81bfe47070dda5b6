"""The timeline of a run: its log as slices and counters, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from dfsrt.errors import DfsrtError
from dfsrt.governor.view import Floats, Ints
from dfsrt.recording.recording import Counters, Recording, Slices
from dfsrt.runtime.log import RunLog
from dfsrt.runtime.table import LayerTable

NPU, DVFS, REQUESTS = "NPU", "DVFS", "TPU Requests"
"""Tracks. The last two are called as Perfetto's estimator for Tensor's TPU wants them."""
COUNTERS = (
    ("frequency", "Hz"),
    ("voltage", "V"),
    ("power", "W"),
    ("predicted power", "W"),
    ("cap", "W"),
)
MOST_LANES = 64


class Sink(Protocol):
    """Anything that takes a recording piece by piece."""

    def write(self, piece: Recording) -> None:
        """Take the next piece."""
        ...


class Timeline:
    """A consumer that turns a log into slices and counters and hands them to ``sinks``.

    Layers and clock changes are slices on ``NPU``, stretches at one clock on ``DVFS``. Power is
    that of the capped domain; counters are written where they change. Rows that stand for many
    runs have no time of their own and are refused.
    """

    def __init__(self, table: LayerTable, sinks: Iterable[Sink]) -> None:
        self._sinks = tuple(sinks)
        self._mhz = [f"{round(f / 1e6)} MHz Cluster 0" for f in table.npu.opps.freqs_hz]
        names, kinds = list(table.load.names), list(table.load.kinds)
        units = [text for pair in COUNTERS for text in pair]
        fixed = [NPU, DVFS, "clock", "clock change", *self._mhz, *units, *kinds, *names]
        self._texts = tuple(dict.fromkeys(fixed))
        place = {text: i for i, text in enumerate(self._texts)}
        self._place = place
        self._layer = np.array([place[name] for name in names])
        self._kind = np.array([place[kind] for kind in kinds])
        self._level = np.array([place[text] for text in self._mhz])
        self._last: dict[str, float] = {}

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        if (log.times > 1).any():
            raise DfsrtError("a timeline needs every row; run with every_row")
        piece = Recording(self._texts, self._slices(log), self._counters(log))
        for sink in self._sinks:
            sink.write(piece)

    def _slices(self, log: RunLog) -> Slices:
        ran = np.flatnonzero(log.ran)
        stalled = ran[log.stall_ns[ran] > 0]
        at = self._place
        layers = (NPU, self._kind[log.layer[ran]], self._layer[log.layer[ran]],
                  log.start_ns[ran], (log.end_ns - log.start_ns)[ran])  # fmt: skip
        stalls = (NPU, np.full(len(stalled), at["clock change"]),
                  self._level[log.level[stalled]], log.begin_ns[stalled],
                  log.stall_ns[stalled])  # fmt: skip
        first, start, lasts = _stretches(log, ran)
        clocks = (DVFS, np.full(len(first), at["clock"]), self._level[log.level[first]],
                  start, lasts)  # fmt: skip
        return _joined((at[track], *columns) for track, *columns in (layers, stalls, clocks))

    def _counters(self, log: RunLog) -> Counters:
        begin, running = log.begin_ns, log.end_ns > log.start_ns
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
            "predicted power": (log.start_ns[log.ran], log.predicted_w[log.ran]),
            "cap": (begin, log.cap_w),
        }
        found = [self._changes(name, unit, *points[name]) for name, unit in COUNTERS]
        return Counters(*(np.concatenate(columns) for columns in zip(*found, strict=True)))

    def _voltage(self, log: RunLog) -> tuple[Ints, Floats]:
        """The rail at each row's start, and where its ramps begin and end."""
        times = [t for m in log.moves for t in (m.ramp_start_ns, m.ramp_end_ns)]
        volts = [uv * 1e-6 for m in log.moves for uv in (m.from_uv, m.to_uv)]
        time_ns = np.concatenate([log.start_ns, np.array(times, dtype=np.int64)])
        return time_ns, np.concatenate([log.rail_uv * 1e-6, np.array(volts, dtype=np.float64)])

    def _changes(
        self, name: str, unit: str, time_ns: Ints, value: Floats
    ) -> tuple[Ints, Ints, Ints, Floats]:
        """Keep samples that differ from the one before, over pieces too."""
        order = np.argsort(time_ns, kind="stable")
        time_ns, value = time_ns[order], value[order]
        keep = np.isfinite(value)
        time_ns, value = time_ns[keep], value[keep]
        before = np.concatenate([[self._last.get(name, np.nan)], value[:-1]])
        new = value != before
        if len(value):
            self._last[name] = float(value[-1])
        count = int(new.sum())
        track, kind = self._place[name], self._place[unit]
        return np.full(count, track), np.full(count, kind), time_ns[new], value[new]


def _stretches(log: RunLog, ran: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the first row, start and length of each stretch at one clock without a pause."""
    if len(ran) == 0:
        return ran, ran, ran
    goes_on = (log.level[ran[1:]] == log.level[ran[:-1]]) & (
        log.begin_ns[ran[1:]] == log.end_ns[ran[:-1]]
    )
    first = ran[np.concatenate([[True], ~goes_on])]
    last = ran[np.concatenate([~goes_on, [True]])]
    return first, log.begin_ns[first], log.end_ns[last] - log.begin_ns[first]


def _joined(groups: Iterable[tuple[object, ...]]) -> Slices:
    """Return the groups' slices in order of start: a viewer pairs begins and ends by their order.

    Where starts are equal a group comes before the groups after it.
    """
    columns = []
    for track, category, name, start_ns, duration_ns in groups:
        length = len(start_ns)  # type: ignore[arg-type]
        columns.append((np.full(length, track), category, name, start_ns, duration_ns))
    joined = [np.concatenate(c).astype(np.int64) for c in zip(*columns, strict=True)]
    order = np.argsort(joined[3], kind="stable")
    return Slices(*(column[order] for column in joined))


def request_slices(names: list[str], admit_ns: Ints, finish_ns: Ints) -> Recording:
    """Return requests as slices on ``TPU Requests``; those that overlap are on lanes of their own.

    ``names`` has one for each. Beyond ``MOST_LANES`` at once the rest share the last lane.
    """
    order = np.argsort(admit_ns, kind="stable")
    free: list[int] = []
    lane = np.zeros(len(order), dtype=np.int64)
    for i in order.tolist():
        start = int(admit_ns[i])
        at = next((k for k, end in enumerate(free) if end <= start), len(free))
        if at == len(free):
            if at == MOST_LANES:
                lane[i] = -1
                continue
            free.append(0)
        lane[i], free[at] = at, int(finish_ns[i])
    lanes = [REQUESTS if k == 0 else f"{REQUESTS} #{k + 1}" for k in range(len(free))]
    texts = tuple(dict.fromkeys(["request", *lanes, *names]))
    place = {text: i for i, text in enumerate(texts)}
    kept = order[lane[order] >= 0]
    slices = Slices(
        np.array([place[lanes[k]] for k in lane[kept].tolist()], dtype=np.int64),
        np.full(len(kept), place["request"]),
        np.array([place[names[i]] for i in kept.tolist()], dtype=np.int64),
        admit_ns[kept],
        (finish_ns - admit_ns)[kept],
    )
    none = np.empty(0, dtype=np.int64)
    return Recording(texts, slices, Counters(none, none, none, np.empty(0)))
