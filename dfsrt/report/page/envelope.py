"""Power over a run of any length: a few thousand bins, and the first stretch layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.report.phases import phase_names
from dfsrt.run.log import RunLog

BINS = 2048
DETAIL_ROWS = 3000
FIRST_WIDTH_NS = 1_000


@dataclass(frozen=True, slots=True)
class Detail:
    """Single layers: ``time_s`` at their start, with power until the next one."""

    time_s: Floats
    power_w: Floats
    predicted_w: Floats
    names: list[str]


class Envelope:
    """A consumer that keeps energy and peak of power in bins that widen as the run goes on.

    A row's energy goes to the bins that it spans, evenly. Needs every row: rows that stand for
    many runs have no time of their own.
    """

    def __init__(self) -> None:
        self._width_ns = FIRST_WIDTH_NS
        self._energy = np.zeros(BINS)
        self._peak = np.zeros(BINS)
        self._cap = np.full(BINS, np.nan)
        self._asleep_ns = np.zeros(BINS)
        self._until_ns = 0
        self._detail: list[Detail] = []
        self._rows = 0

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        if len(log.times) == 0:
            return
        self._until_ns = max(self._until_ns, int(log.end_ns.max()))
        while self._until_ns > BINS * self._width_ns:
            self._fold()
        begin, end = log.begin_ns, log.end_ns
        lasts = np.maximum(end - begin, 1)
        self._energy += self._spread(begin, lasts, log.domain_energy_j())
        asleep = ~log.ran & (log.phase > 0)
        if asleep.any():
            self._asleep_ns += self._spread(begin, lasts, np.where(asleep, end - begin, 0.0))
        power = np.where(log.ran, log.power_w, 0.0)
        place = np.minimum(log.start_ns // self._width_ns, BINS - 1)
        last = np.minimum((np.maximum(end, begin + 1) - 1) // self._width_ns, BINS - 1)
        np.maximum.at(self._peak, place, power)
        self._cap[place] = log.cap_w
        for row in np.flatnonzero(last > place).tolist():  # few: those longer than a bin
            span = slice(place[row] + 1, last[row] + 1)
            np.maximum(self._peak[span], power[row], out=self._peak[span])
        self._keep(log)

    def _fold(self) -> None:
        """Let every two bins be one."""
        half = BINS // 2
        empty = np.zeros(BINS - half)
        self._energy = np.concatenate([self._energy.reshape(half, 2).sum(axis=1), empty])
        self._asleep_ns = np.concatenate([self._asleep_ns.reshape(half, 2).sum(axis=1), empty])
        self._peak = np.concatenate([self._peak.reshape(half, 2).max(axis=1), empty])
        later = np.where(np.isnan(self._cap[1::2]), self._cap[::2], self._cap[1::2])
        self._cap = np.concatenate([later, np.full(BINS - half, np.nan)])
        self._width_ns *= 2

    def _spread(self, begin: Ints, length: Ints, amounts: Floats) -> Floats:
        """Return rows' amounts by bins, evenly: through the integral, which is linear in each."""
        edges = np.arange(BINS + 1, dtype=np.float64) * self._width_ns
        # Rows follow each other without a gap, so their running sum is the amount up to a time.
        times = np.concatenate([begin[:1], begin + length]).astype(np.float64)
        total = np.concatenate([[0.0], np.cumsum(amounts)])
        upto = np.interp(edges, times, total)
        return np.asarray(np.diff(upto), dtype=np.float64)

    def _keep(self, log: RunLog) -> None:
        left = DETAIL_ROWS - self._rows
        if left > 0:
            names, phases = log.table.load.names, phase_names(log.table.npu.idle)
            chosen = slice(0, left)
            layers, phase = log.layer[chosen].tolist(), log.phase[chosen].tolist()
            self._detail.append(
                Detail(
                    np.asarray(log.start_ns[chosen] * 1e-9, dtype=np.float64),
                    log.power_w[chosen],
                    np.where(log.ran[chosen], log.predicted_w[chosen], np.nan),
                    [
                        phases[now] if layer < 0 else names[layer]
                        for layer, now in zip(layers, phase, strict=True)
                    ],
                )
            )
            self._rows += len(layers)

    @property
    def whole_in_detail(self) -> bool:
        """Whether the first rows are all there are."""
        return self._rows < DETAIL_ROWS

    @property
    def _used(self) -> int:
        return max(1, -(-self._until_ns // self._width_ns))

    @property
    def time_s(self) -> Floats:
        """Start of each bin, and the end of the run, in s, ``(n_bins + 1,)``."""
        edges = np.arange(self._used + 1) * self._width_ns * 1e-9
        edges[-1] = self._until_ns * 1e-9
        return np.asarray(edges, dtype=np.float64)

    @property
    def energy_j(self) -> Floats:
        """Energy of each bin in the capped domain, J, ``(n_bins,)``."""
        return self._energy[: self._used]

    @property
    def asleep(self) -> Floats:
        """Share of each bin in states deeper than a stopped clock, ``(n_bins + 1,)``; the last
        value again at the end."""
        share = self._asleep_ns[: self._used] / np.maximum(np.diff(self.time_s) * 1e9, 1e-3)
        return np.append(share, share[-1])

    @property
    def mean_w(self) -> Floats:
        """Mean power of each bin, W, ``(n_bins + 1,)``; the last value again at the end."""
        spans = np.diff(self.time_s)
        mean = self.energy_j / np.maximum(spans, 1e-12)
        return np.append(mean, mean[-1])

    @property
    def peak_w(self) -> Floats:
        """The hungriest layer begun in each bin, W, ``(n_bins + 1,)``; the last once more."""
        peak = self._peak[: self._used]
        return np.append(peak, peak[-1])

    @property
    def cap_w(self) -> Floats:
        """The cap in each bin, W, ``(n_bins + 1,)``; infinite without one."""
        cap, last = self._cap[: self._used].copy(), np.nan
        for k, value in enumerate(cap.tolist()):
            last = last if np.isnan(value) else value
            cap[k] = last
        return np.append(cap, last)

    @property
    def detail(self) -> Detail:
        """The first rows, one by one."""
        if not self._detail:
            none = np.zeros(0)
            return Detail(none, none, none, [])
        return Detail(
            np.concatenate([part.time_s for part in self._detail]),
            np.concatenate([part.power_w for part in self._detail]),
            np.concatenate([part.predicted_w for part in self._detail]),
            [name for part in self._detail for name in part.names],
        )
