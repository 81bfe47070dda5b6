"""Stages: where time and energy of a pipeline go, added up piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.power.table import LayerTable
from dfsrt.report.schema import Residency, StageReport
from dfsrt.run.log import RunLog


@dataclass(frozen=True, slots=True)
class StageKey:
    """A stage of a workload: its ``section`` of the layer table, or its time on the host."""

    workload: str
    name: str
    section: tuple[int, int] | None
    host_ns: int
    macs: int


class StageTotals:
    """Sums over the pieces of one run's log, for each section of its layer table."""

    def __init__(self, table: LayerTable) -> None:
        sections = len(table.sections)
        self._first = np.array([first for first, _ in table.sections])
        self._stop = np.array([stop for _, stop in table.sections])
        self.calls: Ints = np.zeros(sections, dtype=np.int64)
        self.energy_j: Floats = np.zeros(sections)
        self.level_ns: Ints = np.zeros((sections, len(table.npu.opps)), dtype=np.int64)

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        ran = log.ran
        layer, times = log.layer[ran], log.times[ran]
        section = np.searchsorted(self._stop, layer, side="right")
        spans = (log.end_ns - log.begin_ns)[ran] * times
        np.add.at(self.level_ns, (section, log.level[ran]), spans)
        np.add.at(self.energy_j, section, log.domain_energy_j()[ran] * times)
        opens = layer == self._first[section]
        np.add.at(self.calls, section[opens], times[opens])

    def macs(self, keys: Sequence[StageKey]) -> int:
        """Multiply-accumulates of all calls."""
        on_npu = [key.macs for key in keys if key.section is not None]
        return int(sum(m * n for m, n in zip(on_npu, self.calls.tolist(), strict=True)))


def stage_reports(
    keys: Sequence[StageKey], totals: StageTotals, host_calls: Sequence[int], table: LayerTable
) -> list[StageReport]:
    """Return a report for each of ``keys``; ``host_calls`` has one count for each of them."""
    sections = {section: i for i, section in enumerate(table.sections)}
    npu_ns = totals.level_ns.sum(axis=1)
    energy_j = float(totals.energy_j.sum())
    found = []
    for key, calls in zip(keys, host_calls, strict=True):
        at = None if key.section is None else sections[key.section]
        joules = 0.0 if at is None else float(totals.energy_j[at])
        found.append(
            StageReport(
                workload=key.workload,
                name=key.name,
                where="host" if at is None else "npu",
                calls=calls if at is None else int(totals.calls[at]),
                time_s=(calls * key.host_ns if at is None else int(npu_ns[at])) * 1e-9,
                energy_j=joules,
                energy_share=joules / energy_j if energy_j > 0 else 0.0,
                clocks=[] if at is None else _clocks(totals.level_ns[at], table),
            )
        )
    return found


def _clocks(level_ns: Ints, table: LayerTable) -> list[Residency]:
    whole = int(level_ns.sum())
    freqs = table.npu.opps.freqs_hz
    return [Residency(f, ns / whole) for f, ns in zip(freqs, level_ns.tolist(), strict=True) if ns]
