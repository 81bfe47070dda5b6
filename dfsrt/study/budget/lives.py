"""Lives: trials of one scenario, run over workers and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from dfsrt.base.errors import InputError
from dfsrt.run.fields import RunFields
from dfsrt.run.job import Job, make_job
from dfsrt.run.run import execute
from dfsrt.run.source import Runnable
from dfsrt.study.at_work import AtWork
from dfsrt.study.budget.life import Life, Outcome, Refused, life_of
from dfsrt.study.budget.trial import Trial, job_of_trial
from dfsrt.study.pool import Pool, open_pool


@dataclass(frozen=True, slots=True)
class TrialTask:
    """A trial for a worker; those of one ``call`` share a deployment there."""

    call: str
    load: Runnable
    fields: RunFields
    trial: Trial


_AT_WORK = AtWork[Job]()


def run_task(task: TrialTask) -> tuple[Trial, Outcome]:
    """Run a trial; one that cannot run says why."""
    job = _AT_WORK.of(task.call, lambda: make_job(task.load, **task.fields))
    try:
        return task.trial, life_of(execute(job_of_trial(job, task.trial)))
    except InputError as error:
        return task.trial, Refused(str(error))


@dataclass
class Lives:
    """Outcomes of trials, each run once; ``runs`` counts them."""

    pool: Pool[TrialTask, tuple[Trial, Outcome]]
    call: str
    load: Runnable
    fields: RunFields
    on_run: Callable[[int], None] | None = None
    outcomes: dict[Trial, Outcome] = field(default_factory=dict)

    @property
    def runs(self) -> int:
        """How many trials have been run."""
        return len(self.outcomes)

    def run(self, trials: Sequence[Trial]) -> None:
        """Run those of ``trials`` that have not run yet."""
        new = dict.fromkeys(t for t in trials if t not in self.outcomes)
        tasks = [TrialTask(self.call, self.load, self.fields, trial) for trial in new]
        for trial, outcome in self.pool.outcomes(tasks) if tasks else ():
            self.outcomes[trial] = outcome
            if self.on_run is not None:
                self.on_run(self.runs)

    def of(self, trial: Trial) -> Outcome:
        """Return what came of a trial."""
        self.run([trial])
        return self.outcomes[trial]

    def sure(self, trial: Trial) -> Life:
        """Return the life of a trial.

        Raises:
            InputError: it cannot run.
        """
        outcome = self.of(trial)
        if isinstance(outcome, Refused):
            raise InputError(outcome.why)
        return outcome


@contextmanager
def open_lives(
    load: Runnable,
    fields: RunFields,
    job: Job,
    workers: int,
    on_run: Callable[[int], None] | None,
    dask: str | None = None,
) -> Iterator[Lives]:
    """Yield a bench for trials of ``job``, which is that of ``load`` and ``fields``.

    Raises:
        InputError: fewer workers than one, or no scheduler at ``dask``.
    """
    call = uuid4().hex
    with open_pool(workers, dask, run_task) as pool:
        _AT_WORK.of(call, lambda: job)  # a lone worker is this process
        yield Lives(pool, call, load, fields, on_run)
