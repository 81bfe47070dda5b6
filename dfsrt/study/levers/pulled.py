"""Levers pulled: all runs of a ladder, each done once, and the report of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.report.brief import Brief
from dfsrt.report.rendered import Drawn, Reported
from dfsrt.report.tables import Grid
from dfsrt.run.spec import RunSpec
from dfsrt.study.levers.ladder import Ladder
from dfsrt.study.levers.report import Names, but, report_of
from dfsrt.study.levers.schema import LeftOut, LeversReport
from dfsrt.study.points import run_points
from dfsrt.study.pool import usable_cores


@dataclass(frozen=True, slots=True, repr=False)
class Pulled(Reported, Drawn):
    """A ladder whose runs are done."""

    ladder: Ladder
    report: LeversReport

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt levers``."""
        from dfsrt.study.levers.table import levers_grids

        return levers_grids(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Draw the waterfall of joules a frame: ``.svg`` or ``.png``.

        Raises:
            InputError: another ending.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.study.levers.figure import write_waterfall

        write_waterfall(self.report, Path(path))

    def save_page(self, path: str | Path) -> None:
        """Write the report as one HTML page, self-contained.

        Raises:
            InputError: another ending than ``.html``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.page import write_page
        from dfsrt.study.levers.page import levers_page

        write_page(levers_page(self.report), Path(path))


def pull(
    ladder: Ladder,
    workers: int | None = None,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Pulled:
    """Run the ladder: every rung, each lever alone, all but one, and others on top.

    What several of them share is run once. A lever of the shipped ladder that cannot run alone is
    left out, with its reason. ``on_done`` is called with the runs that are done, and all.

    Raises:
        InputError: the baseline cannot run, or a lever that is named, or levers together.
    """
    runs = Runs(usable_cores() if workers is None else workers, on_done)
    while errors := runs.add(ladder, list(_sets(ladder))):
        ladder = _without(ladder, errors)
    return Pulled(ladder, report_of(ladder, runs.brief, runs.notes(ladder.names)))


def _without(ladder: Ladder, errors: Mapping[Names, str]) -> Ladder:
    """Return the ladder without levers that cannot run alone.

    Raises:
        InputError: the baseline cannot run, a lever that was asked for, or levers together.
    """
    if () in errors:
        raise InputError(f"the baseline cannot run: {errors[()]}")
    alone = [LeftOut(lever=names[0], why=why) for names, why in errors.items() if len(names) == 1]
    if not alone:
        names, why = next(iter(errors.items()))
        raise InputError(f"levers {', '.join(names)} together: {why}; pick others with --lever")
    ladder = ladder.less(alone)
    if not ladder.levers:
        raise InputError("no lever of the ladder runs on this load; give some in a file")
    return ladder


def _sets(ladder: Ladder) -> Iterator[Names]:
    """All sets of levers that a report is of; some are alike."""
    names = ladder.names
    yield ()
    yield from ((lever.name,) for lever in (*ladder.levers, *ladder.others))
    yield from (names[:count] for count in range(2, len(names) + 1))
    yield from (but(names, one) for one in names)
    yield from ((*names, other.name) for other in ladder.others)


class Runs:
    """The runs that are done, each specification once."""

    def __init__(self, workers: int, on_done: Callable[[int, int], None]) -> None:
        self._workers, self._on_done = workers, on_done
        self._specs: list[RunSpec] = []
        self._briefs: dict[int, Brief] = {}
        self._at: dict[Names, int] = {}
        self._notes: dict[int, tuple[str, ...]] = {}
        self._errors: dict[int, str] = {}

    def brief(self, names: Names) -> Brief:
        """Return the core of the run with these levers on; it ran, for what failed was refused."""
        return self._briefs[self._at[names]]

    def notes(self, names: Names) -> tuple[str, ...]:
        """Return what the report of that run notes."""
        return self._notes[self._at[names]]

    def add(self, ladder: Ladder, sets: Sequence[Names]) -> dict[Names, str]:
        """Run these sets of levers, and return why some could not."""
        begin = len(self._specs)
        sets = list(dict.fromkeys(sets))
        for names in sets:
            spec = self._alike(ladder.spec(names))
            if spec not in self._specs:
                self._specs.append(spec)
            self._at[names] = self._specs.index(spec)
        self._run(begin)
        return {
            names: self._errors[self._at[names]]
            for names in sets if self._at[names] in self._errors
        }  # fmt: skip

    def _alike(self, spec: RunSpec) -> RunSpec:
        """Return ``spec`` with an equal load of one before it, so that they share tables."""
        loads = (other.load for other in self._specs if other.load == spec.load)
        return replace(spec, load=next(loads, spec.load))

    def _run(self, begin: int) -> None:
        fresh = self._specs[begin:]
        if not fresh:
            return
        for outcome in run_points(fresh, self._workers):
            number = begin + outcome.number
            if outcome.brief is None:
                self._errors[number] = outcome.error
                continue
            self._briefs[number], self._notes[number] = outcome.brief, outcome.notes
            self._on_done(len(self._briefs), len(self._specs))
