"""Sweeping: the points that are left, run over workers, kept, and written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.files import make_folder
from dfsrt.report.counted import counted
from dfsrt.report.rendered import Reported
from dfsrt.report.tables import Grid
from dfsrt.study.points import PointOutcome, RunPoints, run_points
from dfsrt.study.pool import usable_cores
from dfsrt.study.sweep.ledger import Ledger, open_ledger
from dfsrt.study.sweep.outputs import write_sweep
from dfsrt.study.sweep.points import SweepPoints, points_of
from dfsrt.study.sweep.result import report_of_sweep
from dfsrt.study.sweep.schema import SweepReport, SweepTiming
from dfsrt.study.sweep.study import SweepStudy, check_study

JOURNAL = "journal.log"


@dataclass(frozen=True, slots=True, repr=False)
class Swept(Reported):
    """A finished sweep: its report, and where this session's time went."""

    report: SweepReport
    timing: SweepTiming

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt sweep``."""
        from dfsrt.study.sweep.table import sweep_grids

        return sweep_grids(self.report)

    def save_page(self, path: str | Path) -> None:
        """Write all points as one HTML page to pick metrics in, self-contained.

        Raises:
            InputError: another ending than ``.html``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.pivot import write_pivot
        from dfsrt.study.sweep.outputs import pivot_points

        write_pivot(pivot_points(self.report), Path(path))


def sweep(
    study: SweepStudy,
    out: Path,
    workers: int | None = None,
    dask: str | None = None,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
    folder: Path | None = None,
    run: RunPoints = run_points,
) -> Swept:
    """Run ``study`` to its end and write its result into the folder ``out``.

    A sweep that was cut off goes on from its journal in ``out``. ``workers`` processes run points,
    one a core unless told; with ``dask``, the workers of the scheduler at that address. The result
    is the same for any of them. ``on_done`` is called with the points finished so far, and all.
    Files that the study names are sought in ``folder``.

    Raises:
        InputError: a study that does not fit, a journal of another study or in use, no scheduler,
            or not one point that can run.
        OutputError: ``out`` cannot be written.
    """
    check_study(study)
    points = points_of(study, folder)
    workers = usable_cores() if workers is None else workers
    make_folder(out)
    begin = time.perf_counter()
    with open_ledger(out / JOURNAL, study.fingerprint(folder)) as ledger:
        resumed = len(ledger.outcomes)
        on_done(resumed, len(points.specs))
        spent = _run_rest(points, ledger, lambda specs: run(specs, workers, dask), on_done)
        report = report_of_sweep(study, points, ledger.outcomes)
    _check_any(report)
    write_sweep(report, out)
    wall_s = time.perf_counter() - begin
    return Swept(
        report,
        _timing(
            wall_s, spent, workers if dask is None else None, len(report.points) - resumed, resumed
        ),
    )


def _run_rest(
    points: SweepPoints, ledger: Ledger, run: RunPoints, on_done: Callable[[int, int], None]
) -> tuple[float, float]:
    """Run all points that have no outcome; return the seconds of tables and of the engine."""
    left = [number for number in range(len(points.specs)) if number not in ledger.outcomes]
    tables_s = engine_s = 0.0
    for outcome in run([points.specs[number] for number in left]) if left else ():
        tables_s, engine_s = tables_s + outcome.tables_s, engine_s + outcome.engine_s
        ledger.keep(_numbered(outcome, left[outcome.number]))
        on_done(len(ledger.outcomes), len(points.specs))
    return tables_s, engine_s


def _numbered(outcome: PointOutcome, number: int) -> PointOutcome:
    return PointOutcome(number, outcome.brief, outcome.notes, outcome.error)


def _check_any(report: SweepReport) -> None:
    if not report.counts.complete:
        raise InputError(
            f"of {counted(len(report.points), 'point')} none could run; the first says: "
            f"{report.points[0].error}"
        )


def _timing(
    wall_s: float, spent: tuple[float, float], workers: int | None, points: int, resumed: int
) -> SweepTiming:
    tables_s, engine_s = spent
    overhead_s = None if workers is None else wall_s - (tables_s + engine_s) / workers
    return SweepTiming(
        wall_s=wall_s,
        engine_s=engine_s,
        tables_s=tables_s,
        overhead_s=overhead_s,
        overhead_per_point_s=None if overhead_s is None else overhead_s / max(points, 1),
        workers=workers,
        points=points,
        resumed=resumed,
    )
