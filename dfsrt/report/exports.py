"""Exports: a run's rows and timeline in files of its own and other tools', written as it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.governor import Governor, make_governor
from dfsrt.report.columns import layer_columns, request_columns
from dfsrt.report.parquet import ParquetLog, about_run, write_columns
from dfsrt.report.series import recorded, series
from dfsrt.report.timeline_file import TimelineFile, Writer, open_chrome, open_perfetto
from dfsrt.report.trans_stat import trans_stat
from dfsrt.run.detail import CHUNK, Consumer
from dfsrt.run.job import Job
from dfsrt.run.run import Run, execute
from dfsrt.run.source import NETWORK, TRACE

EXPORT_CHUNK = 10_000
"""Rows that are turned into packets at once; each becomes some Python objects on its way."""

OnDone = Callable[[int], None]
Opened = Callable[[Path], AbstractContextManager[Consumer]]
"""A way to open a file as a consumer."""


@dataclass(frozen=True, slots=True)
class Exports:
    """Files to write beside a run's report; ``watch`` is a consumer that wants each layer run, too.

    ``log`` is Parquet: a row each layer run, each request, or each sample of a scenario.
    """

    log: Path | None = None
    perfetto: Path | None = None
    chrome: Path | None = None
    trans_stat: Path | None = None
    watch: Consumer | None = None

    @property
    def timelines(self) -> list[tuple[Path, Callable[[Path], AbstractContextManager[Writer]]]]:
        """The timelines to write, and how they are opened."""
        named = ((self.perfetto, open_perfetto), (self.chrome, open_chrome))
        return [(path, opened) for path, opened in named if path is not None]

    def run(
        self, job: Job, governor: str | Governor | None = None, on_done: OnDone | None = None
    ) -> Run:
        """Run ``job`` and write all files, each put in place in one step when all is well.

        Raises:
            InputError: a log of a run that holds nothing to log.
            OutputError: a file cannot be written.
        """
        chosen = make_governor(job.spec.governor or "dfs" if governor is None else governor)
        run = self._of_scenario if job.setting is not None else self._of_requests
        done = run(job, chosen, on_done)
        if self.trans_stat is not None:
            text = trans_stat(done.book)
            write_atomically(self.trans_stat, lambda beside: beside.write_text(text, "ascii"))
        return done

    def _of_requests(self, job: Job, governor: Governor, on_done: OnDone | None) -> Run:
        """Run with a consumer for each file."""
        detail = _detail(job, logs=self.log is not None)
        layers = self.log is not None and detail != "request"
        every_row = bool(self.timelines or self.watch is not None or layers)
        files: list[tuple[Path, Opened]] = [
            (path, partial(_timeline, job=job, opened=opened)) for path, opened in self.timelines
        ]
        if self.log is not None:
            files.append((self.log, partial(_log, job=job, governor=governor, layers=layers)))
        chunk = EXPORT_CHUNK if self.timelines else CHUNK
        running = partial(
            execute, job.changed(detail=detail), governor, every_row=every_row, on_done=on_done,
            chunk=chunk,
        )  # fmt: skip
        return _into(files, [] if self.watch is None else [self.watch], running)

    def _of_scenario(self, job: Job, governor: Governor, on_done: OnDone | None) -> Run:
        """Run; a scenario's samples are there when it has ended."""
        run = execute(job, governor, on_done=on_done)
        if self.log is not None:
            write_columns(series(run), about_run(job, governor), self.log)
        for path, opened in self.timelines:
            write_atomically(path, partial(_write_samples, run=run, opened=opened))
        return run


def _detail(job: Job, logs: bool) -> str | None:
    """What is held: as was said, else what is to be logged; None leaves it to the run.

    Raises:
        InputError: a log of a summary.
    """
    said = job.spec.detail
    if said == "summary" and logs:
        raise InputError(
            "detail 'summary' keeps no rows to log; ask for detail 'layer' or 'request', or "
            "leave out the log"
        )
    if said is not None or job.kind == NETWORK or not logs:
        return said
    return "request" if job.kind == TRACE else "layer"


def _into(
    files: Sequence[tuple[Path, Opened]],
    consumers: Sequence[Consumer],
    run: Callable[..., Run],
) -> Run:
    """Open one file inside the other, so that each is put in place only when all is well."""
    if not files:
        done = run(consumers=consumers)
        for consumer in consumers:
            if isinstance(consumer, TimelineFile):
                consumer.finish(done.book.span_ns)
        return done
    (path, opened), *rest = files
    runs: list[Run] = []

    def fill(beside: Path) -> None:
        with opened(beside) as consumer:
            runs.append(_into(rest, [*consumers, consumer], run))

    write_atomically(path, fill)
    return runs[0]


@contextmanager
def _timeline(
    path: Path, job: Job, opened: Callable[[Path], AbstractContextManager[Writer]]
) -> Iterator[TimelineFile]:
    with opened(path) as writer:
        yield TimelineFile(job, writer)


def _log(path: Path, job: Job, governor: Governor, layers: bool) -> ParquetLog:
    if layers:
        return ParquetLog(path, layer_columns, about_run(job, governor))
    return ParquetLog(
        path, lambda log: request_columns(job, log.requests), about_run(job, governor)
    )


def _write_samples(
    path: Path, run: Run, opened: Callable[[Path], AbstractContextManager[Writer]]
) -> None:
    with opened(path) as writer:
        writer.write(recorded(run))
