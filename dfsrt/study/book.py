"""The book of a study: its trials in Optuna, every step of them in the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dfsrt.base.errors import DfsrtError
from dfsrt.base.json import encode
from dfsrt.study.cell import Outcome
from dfsrt.study.entry import COMPLETE, FAILED, PRUNED, RUNNING, Entry
from dfsrt.study.journal import COMMITTED, Fingerprint, Journal
from dfsrt.study.metric import Figures
from dfsrt.study.plan import Judged, Plan, Spanned
from dfsrt.study.sampler import make_sampler

if TYPE_CHECKING:
    import optuna
    from optuna.storages.journal import BaseJournalBackend

_FINGERPRINT, _BASELINE, _CELLS, _ERROR = "fingerprint", "baseline", "cells", "error"


class Book:
    """The trials of one study, kept so that a kill at any moment loses no finished run.

    Asking for a batch, each worker's outcome, and the closing of a batch are one group of the
    journal each. A batch that was asked for is never asked for again.
    """

    def __init__(self, study: Plan, space: Spanned, journal: Journal) -> None:
        from optuna.samplers import RandomSampler
        from optuna.storages import JournalStorage

        self._study = study
        self._space = space
        self._journal = journal
        self._storage = JournalStorage(cast("BaseJournalBackend", journal))
        # Handles for trials that were asked for before; its sampler is never asked for a point.
        self._plain = self._open(RandomSampler(seed=0))
        self._commits = 0
        self._check_fingerprint()
        self.entries = [self._entry(t) for t in self._plain.get_trials(deepcopy=False)]

    def _open(self, sampler: optuna.samplers.BaseSampler) -> optuna.Study:
        """Return the journal's study, made where there is none, with ``sampler``."""
        from optuna import create_study, load_study

        names = [known.study_name for known in self._storage.get_all_studies()]
        if names:
            return load_study(study_name=names[0], storage=self._storage, sampler=sampler)
        return create_study(
            storage=self._storage,
            sampler=sampler,
            study_name=self._study.name,
            directions=self._study.directions,
        )

    def _check_fingerprint(self) -> None:
        mine: Fingerprint = json.loads(encode(self._study.fingerprint()))
        known: Fingerprint | None = self._plain.user_attrs.get(_FINGERPRINT)
        if known is None and not self._plain.get_trials(deepcopy=False):
            self._plain.set_user_attr(_FINGERPRINT, mine)
            self.commit()
        elif known != mine:
            raise self._journal.of_another_study(known or {}, mine)

    @property
    def baseline(self) -> list[Figures] | None:
        """Figures of the baseline governor in each cell; None before they are known."""
        cells: list[Figures] | None = self._plain.user_attrs.get(_BASELINE)
        return cells

    def keep_baseline(self, cells: Sequence[Figures]) -> None:
        """Write the baseline's figures down."""
        self._plain.set_user_attr(_BASELINE, list(cells))
        self.commit()

    @property
    def open_batch(self) -> list[Entry]:
        """Trials of a batch that has been asked for and not been closed."""
        return [entry for entry in self.entries if entry.state == RUNNING]

    def ask(self) -> list[Entry]:
        """Ask for the next batch and return its trials."""
        asked = len(self.entries)
        count = min(self._study.batch, self._study.trials - asked)
        study = self._open(make_sampler(self._study, asked // self._study.batch))
        distributions = {n: d.distribution() for n, d in self._space.dimensions.items()}
        for number in range(asked, asked + count):
            if number < len(self._space.starts):
                study.enqueue_trial(dict(self._space.starts[number]))
            trial = study.ask(distributions)
            self.entries.append(
                Entry(trial.number, trial._trial_id, self._space.typed(trial.params))
            )
        self.commit()
        return self.entries[asked:]

    def keep(self, entry: Entry, outcome: Outcome) -> None:
        """Write down what a worker found of a trial."""
        trial = self._trial(entry)
        if outcome.error:
            entry.error = outcome.error
            trial.set_user_attr(_ERROR, outcome.error)
        else:
            trial.set_user_attr(f"{_CELLS}:{len(entry.cells)}", list(outcome.figures))
            entry.cells += outcome.figures
        self.commit()

    def close(self, batch: Sequence[Entry], pruned: Sequence[Entry], judge: Judged) -> None:
        """Tell Optuna of a whole batch, in the order of its numbers, and commit it for good."""
        study = self._open(make_sampler(self._study, batch[0].number // self._study.batch))
        gone = {entry.number for entry in pruned}
        for entry in batch:
            entry.state = FAILED if entry.error else PRUNED if entry.number in gone else COMPLETE
            self._tell(study, entry, judge)
        self.commit(durable=True)

    def _tell(self, study: optuna.Study, entry: Entry, judge: Judged) -> None:
        from optuna.trial import TrialState

        if entry.state == FAILED:
            study.tell(entry.number, state=TrialState.FAIL)
            return
        trial = self._trial(entry)
        for name, value in judge.violations(entry.cells).items():
            trial.set_constraint(name, value)
        if entry.state == PRUNED:
            trial.report(judge.objectives(entry)[0], step=len(entry.cells))
            study.tell(entry.number, state=TrialState.PRUNED)
        else:
            study.tell(entry.number, judge.objectives(entry))

    def commit(self, durable: bool = False) -> None:
        """End a group of the journal."""
        self._commits += 1
        self._plain.set_user_attr(COMMITTED, self._commits)
        self._journal.write_out(durable)

    def _trial(self, entry: Entry) -> optuna.Trial:
        from optuna.trial import Trial

        return Trial(self._plain, entry.trial_id)

    def _entry(self, trial: optuna.trial.FrozenTrial) -> Entry:
        attrs = trial.user_attrs
        entry = Entry(trial.number, trial._trial_id, self._space.typed(trial.params))
        while (found := attrs.get(f"{_CELLS}:{len(entry.cells)}")) is not None:
            entry.cells += found
        entry.error = attrs.get(_ERROR, "")
        names = {"COMPLETE": COMPLETE, "PRUNED": PRUNED, "FAIL": FAILED}
        entry.state = names.get(trial.state.name, RUNNING)
        return entry


@contextmanager
def open_book(study: Plan, space: Spanned, path: Path, option: str = "--out") -> Iterator[Book]:
    """Open the book of ``study`` on the journal at ``path``, new or begun earlier.

    ``option`` is what names its folder at the terminal, for errors.

    Raises:
        InputError: another process has it open, or it was begun with another study.
    """
    from optuna import logging

    journal = Journal(path, option)
    level = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield _read(study, space, journal)
    finally:
        logging.set_verbosity(level)
        journal.close()


def _read(study: Plan, space: Spanned, journal: Journal) -> Book:
    try:
        return Book(study, space, journal)
    except DfsrtError:  # it is another study's, or the disk is full
        raise
    except Exception as error:  # whatever Optuna raises on lines that it has not written
        raise journal.of_nothing_known(error) from error
