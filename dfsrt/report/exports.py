"""Exports: a run's timeline in the formats of other tools, written as it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.files import write_atomically
from dfsrt.power.table import LayerTable
from dfsrt.recording.chrome import ChromeWriter
from dfsrt.recording.perfetto import PerfettoWriter
from dfsrt.report.timeline import Sink, Timeline, request_slices
from dfsrt.report.totals import Totals
from dfsrt.report.trans_stat import trans_stat
from dfsrt.run.log import RunLog
from dfsrt.run.runtime import Consumer

RAILS = {"npu": slice(0, 4), "dram": slice(4, 5), "uncore": slice(5, 6)}
"""Power rails, and the components that each feeds."""
EXPORT_CHUNK = 10_000
"""Rows that are turned into packets at once; each becomes some Python objects on its way."""
RAIL_PERIOD_NS = 10_000_000
"""Time from one reading of the rails to the next at least."""


@dataclass(frozen=True, slots=True)
class Served:
    """What an export needs of a run that is over: its requests, by name, start and finish."""

    totals: Totals
    names: list[str]
    admit_ns: Ints
    finish_ns: Ints
    last_level: int


class LastLevel:
    """A consumer that keeps the clock of the last layer; counted rows do not tell it."""

    def __init__(self) -> None:
        self.level = 0

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        ran = np.flatnonzero(log.ran)
        if len(ran):
            self.level = int(log.level[ran[np.argmax(log.end_ns[ran])]])

    def served(self, totals: Totals, name: str) -> Served:
        """Return what was kept; every request, where they are kept, is called ``name``."""
        none = np.empty(0, dtype=np.int64)
        return Served(totals, [], none, none, self.level)


class Requests(LastLevel):
    """A consumer that keeps when requests began and finished, too."""

    def __init__(self) -> None:
        super().__init__()
        self._admit: list[Ints] = []
        self._finish: list[Ints] = []

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        super().add(log)
        self._admit.append(log.admit_ns)
        self._finish.append(log.finish_ns)

    def served(self, totals: Totals, name: str) -> Served:
        """Return what was kept; every request is called ``name``."""
        admit, finish = np.concatenate(self._admit), np.concatenate(self._finish)
        return Served(totals, [name] * len(admit), admit, finish, self.level)


class _Rails:
    """A consumer that writes the rails' energy counters."""

    def __init__(self, writer: PerfettoWriter) -> None:
        self._writer, self._sum, self._next_ns = writer, np.zeros(len(RAILS)), 0
        writer.rails(RAILS)
        writer.rail_energy(0, self._sum.tolist())

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        by_rail = np.stack([log.energy_j[:, part].sum(axis=1) for part in RAILS.values()], axis=1)
        whole: Floats = self._sum + np.cumsum(by_rail, axis=0)
        period = log.end_ns // RAIL_PERIOD_NS
        last = np.flatnonzero(np.append(np.diff(period) > 0, True)) if len(period) else period
        for row in last.tolist():
            self._writer.rail_energy(int(log.end_ns[row]), whole[row].tolist())
        if len(whole):
            self._sum = whole[-1]


_Output = Callable[[Path], Any]


@dataclass(frozen=True, slots=True)
class Exports:
    """Files to write beside a run's report: Perfetto, Chrome, and the kernel's trans_stat.

    ``watch`` is a consumer that wants each layer execution, too.
    """

    perfetto: Path | None = None
    chrome: Path | None = None
    trans_stat: Path | None = None
    watch: Consumer | None = None

    def __bool__(self) -> bool:
        return any((self.perfetto, self.chrome, self.trans_stat, self.watch is not None))

    @property
    def every_row(self) -> bool:
        """Whether a file or a watcher needs each layer execution."""
        return bool(self.perfetto or self.chrome or self.watch is not None)

    def write(self, table: LayerTable, run: Callable[[tuple[Consumer, ...]], Served]) -> None:
        """Let ``run`` run with the consumers it is given, and write all files, each in one step.

        Raises:
            OutputError: a file cannot be written.
        """
        outputs: list[tuple[Path, _Output]] = []
        if self.perfetto:
            outputs.append((self.perfetto, _open_perfetto))
        if self.chrome:
            outputs.append((self.chrome, _open_chrome))
        self._nested(outputs, [], table, run)

    def _nested(
        self,
        outputs: list[tuple[Path, _Output]],
        sinks: list[Any],
        table: LayerTable,
        run: Callable[[tuple[Consumer, ...]], Served],
    ) -> None:
        """Open one file inside the other, so that each is put in place only when all is well."""
        if not outputs:
            self._run(sinks, table, run)
            return
        (path, opened), *rest = outputs

        def fill(beside: Path) -> None:
            with opened(beside) as sink:
                self._nested(rest, [*sinks, sink], table, run)

        write_atomically(path, fill)

    def _run(
        self, sinks: list[Any], table: LayerTable, run: Callable[[tuple[Consumer, ...]], Served]
    ) -> None:
        consumers: list[Consumer] = [Timeline(table, sinks)] if sinks else []
        consumers += [self.watch] if self.watch is not None else []
        consumers += [_Rails(sink) for sink in sinks if isinstance(sink, PerfettoWriter)]
        served = run(tuple(consumers))
        _write_requests(sinks, served)
        if self.trans_stat:
            text = trans_stat(served.totals, served.last_level)
            write_atomically(self.trans_stat, lambda p: p.write_text(text, encoding="ascii"))


def _write_requests(sinks: list[Sink], served: Served) -> None:
    piece = request_slices(served.names, served.admit_ns, served.finish_ns)
    for sink in sinks:
        sink.write(piece)


@contextmanager
def _open_perfetto(path: Path) -> Iterator[PerfettoWriter]:
    with path.open("wb") as file, PerfettoWriter(file) as writer:
        yield writer


@contextmanager
def _open_chrome(path: Path) -> Iterator[ChromeWriter]:
    with path.open("w", encoding="utf-8", newline="\n") as file, ChromeWriter(file) as writer:
        yield writer
