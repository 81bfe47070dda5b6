"""Tuning: batches of trials, asked for, evaluated and told in an order that workers cannot move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.extras import need
from dfsrt.base.files import make_folder
from dfsrt.cost.choice import with_memory
from dfsrt.device import load_device
from dfsrt.report.rendered import Drawn
from dfsrt.report.tables import Grid
from dfsrt.run.idle_policy import check_states, idle_policy
from dfsrt.run.memory_policy import memory_policy
from dfsrt.run.spec import RunSpec
from dfsrt.study.book import Book, open_book
from dfsrt.study.cell import Cell, Outcome, Point, Task, cells_of, evaluate, setting_of
from dfsrt.study.entry import FAILED, RUNNING, Entry, Judge
from dfsrt.study.metric import Figures
from dfsrt.study.outputs import write_result
from dfsrt.study.pool import Evaluate, Pool, open_pool, usable_cores
from dfsrt.study.prune import to_prune
from dfsrt.study.result import Result
from dfsrt.study.schema import Timing, TuneReport
from dfsrt.study.space import Space, space_of
from dfsrt.study.study import Over, Study, devices_of
from dfsrt.study.watch import Watch
from dfsrt.study.widgets import without_widgets

JOURNAL = "journal.log"


@dataclass(frozen=True, slots=True, repr=False)
class Tuned(Drawn):
    """A finished study: its result, and where this session's time went.

    ``resumed`` counts the trials that earlier sessions had closed. ``result`` has every trial.
    """

    report: TuneReport
    timing: Timing
    resumed: int
    result: Result

    @property
    def governor(self) -> str:
        """The best governor with its parameters, as all that takes a governor takes it."""
        return self.result.space.point(self.result.best.typed).governor

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt tune``."""
        from dfsrt.study.table import tune_grids

        return tune_grids(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Draw the trials by their objectives, and the best of them.

        Raises:
            InputError: neither ``.svg`` nor ``.png``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.canvas import check_figure_path
        from dfsrt.study.figure import write_figure

        check_figure_path(Path(path))
        write_figure(self.result, Path(path))


def tune(
    study: Study,
    out: Path,
    workers: int | None = None,
    dask: str | None = None,
    on_done: Callable[[int], None] = lambda _done: None,
    evaluate: Evaluate = evaluate,
) -> Tuned:
    """Run ``study`` to its end and write its result into the folder ``out``.

    A study that was cut off goes on from its journal in ``out``. ``workers`` processes evaluate
    trials, one a core unless told; with ``dask``, the workers of the scheduler at that address.
    The result is the same for any of them. ``on_done`` is called with the trials closed so far.

    Raises:
        InputError: packages that are missing, a study that cannot run, a journal of another
            study or in use, or no scheduler.
        OutputError: ``out`` cannot be written.
    """
    need("tune")
    without_widgets()
    space = space_of(study)
    _check_memory(study.over)
    _check_idle(study.over)
    workers = usable_cores() if workers is None else workers
    make_folder(out)
    begin = time.perf_counter()
    with open_book(study, space, out / JOURNAL) as book:
        session = _Session(study, space, book, on_done)
        resumed = session.closed
        if session.unfinished:
            with open_pool(workers, dask, evaluate) as pool:
                workers = pool.workers
                session.run(pool)
        result = session.result()
        report = write_result(result, out)
    wall_s = time.perf_counter() - begin
    timing = session.watch.timing(wall_s, workers, session.closed - resumed)
    return Tuned(report, timing, resumed, result)


def _check_memory(over: Over) -> None:
    """Check that all that is said of memory is there, before anything is written.

    Raises:
        InputError: an unknown mapper, schedule, DRAM or clock, or one that cannot be loaded.
    """
    device = load_device(over.device)
    with_memory(device, over.mapper, over.schedule, dram=over.dram, prefetch=over.prefetch)
    memory_policy(RunSpec(memory=over.memory, blind=over.blind), device)


def _check_idle(over: Over) -> None:
    """Check that an idle NPU can do what is said, before anything is written.

    Raises:
        InputError: an unknown idle governor or place of the rail, or a device without states.
    """
    spec = RunSpec(idle=over.idle, idle_rail=over.idle_rail)
    idle_policy(spec, clocked=over.period is not None)
    check_states(spec, load_device(over.device), None)


class _Session:
    """One sitting of a study."""

    def __init__(
        self, study: Study, space: Space, book: Book, on_done: Callable[[int], None]
    ) -> None:
        self.study, self.space, self.book = study, space, book
        self.watch = Watch()
        self._on_done = on_done
        self._cells = cells_of(study)
        self._setting = setting_of(study)
        over, device = study.over, devices_of(study)[0]
        self._baseline = Point(study.baseline, device, over.confidence, over.idle, over.memory)

    @property
    def closed(self) -> int:
        """Trials whose end the journal has."""
        return sum(entry.state != RUNNING for entry in self.book.entries)

    @property
    def unfinished(self) -> bool:
        """Whether there is anything left to run."""
        return self.book.baseline is None or self.closed < self.study.trials

    def run(self, pool: Pool[Task, Outcome]) -> None:
        """Run all batches that are left."""
        if self.book.baseline is None:
            self.book.keep_baseline(self._run_baseline(pool))
        judge = self._judge()
        self._on_done(self.closed)
        while self.closed < self.study.trials:
            batch = self.book.open_batch
            if not batch:
                with self.watch.asking():
                    batch = self.book.ask()
            pruned = self._run_batch(batch, judge, pool)
            with self.watch.telling():
                self.book.close(batch, pruned, judge)
            self._stop_if_nothing_runs()
            self._on_done(self.closed)

    def result(self) -> Result:
        """Return the finished study's result."""
        return Result(self.space, self._judge(), self.book.entries, self._baseline)

    def _judge(self) -> Judge:
        return Judge(self.study, self.book.baseline or [])

    def _stop_if_nothing_runs(self) -> None:
        entries = self.book.entries
        if all(entry.state == FAILED for entry in entries):
            raise InputError(
                f"none of the first {len(entries)} trials could run; the first says: "
                f"{entries[0].error}"
            )

    def _run_baseline(self, pool: Pool[Task, Outcome]) -> list[Figures]:
        """Return the baseline's figures in each cell; it must be able to run in all of them."""
        tasks = [self._task(i, self._baseline, [cell]) for i, cell in enumerate(self._cells)]
        outcomes = {outcome.trial: outcome for outcome in self._outcomes(pool, tasks)}
        for outcome in outcomes.values():
            if outcome.error:
                raise InputError(f"baseline {self.study.baseline}: {outcome.error}")
        return [outcomes[i].figures[0] for i in range(len(tasks))]

    def _run_batch(
        self, batch: Sequence[Entry], judge: Judge, pool: Pool[Task, Outcome]
    ) -> list[Entry]:
        """Run what is missing of a batch; return what was pruned.

        Every decision is made when all of the batch has come as far, from the figures alone.
        """
        finished = [e for e in self.book.entries if e.number < batch[0].number]
        pruned: list[Entry] = []
        # Without pruning there is nothing to decide on the way: all cells in one go.
        stops = range(1, len(self._cells) + 1) if self.study.prune else [len(self._cells)]
        for stop in stops:
            gone = {entry.number for entry in pruned}
            running = [e for e in batch if not e.error and e.number not in gone]
            self._run_cells(running, stop, pool)
            if stop < len(self._cells):
                at_stop = [_first(e, stop) for e in running if not e.error]
                worse = {e.number for e in to_prune(at_stop, finished, judge)}
                pruned += [e for e in running if e.number in worse]
        return pruned

    def _run_cells(self, running: Sequence[Entry], stop: int, pool: Pool[Task, Outcome]) -> None:
        """Run each trial up to cell number ``stop``."""
        by_number = {entry.number: entry for entry in running}
        tasks = [
            self._task(e.number, self.space.point(e.typed), self._cells[len(e.cells) : stop])
            for e in running
            if len(e.cells) < stop
        ]
        for outcome in self._outcomes(pool, tasks):
            self.book.keep(by_number[outcome.trial], outcome)

    def _task(self, number: int, point: Point, cells: Sequence[Cell]) -> Task:
        return Task(number, point, tuple(cells), self._setting)

    def _outcomes(self, pool: Pool[Task, Outcome], tasks: Sequence[Task]) -> Iterator[Outcome]:
        for outcome in pool.outcomes(tasks) if tasks else ():
            self.watch.add(outcome)
            yield outcome


def _first(entry: Entry, stop: int) -> Entry:
    """Return a trial as it stood after ``stop`` cells; after a resume it may be further."""
    return Entry(entry.number, entry.trial_id, entry.typed, entry.state, entry.cells[:stop])
