"""Requests that have left: what became of each, in order of their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.run.status import Status

ENDED_COLUMNS = (
    "number", "workload", "arrival_ns", "admit_ns", "finish_ns", "deadline_ns", "status", "wake_ns",
    "prompt", "tokens", "first_ns", "gap_ns",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """Requests that have left, in order of their end; columns ``(n_requests,)``.

    ``admit_ns`` is when the first work on a request began. Times that have not come are -1, and a
    deadline that is not there is ``NO_DEADLINE``. Those still here at a run's end are WAITING or
    STARTED. ``wake_ns`` is how long an NPU that slept kept a request waiting; of requests that
    come together that is told of the first. A request of a language model has read a ``prompt`` of
    so many tokens and is to write ``tokens``, the first of them at ``first_ns``; the longest time
    between two was ``gap_ns``. Others have none.
    """

    number: Ints
    workload: Ints
    arrival_ns: Ints
    admit_ns: Ints
    finish_ns: Ints
    deadline_ns: Ints
    status: Ints
    wake_ns: Ints
    prompt: Ints
    tokens: Ints
    first_ns: Ints
    gap_ns: Ints

    def __len__(self) -> int:
        return len(self.number)

    def where(self, chosen: Mask | Ints) -> Ended:
        """Return the ``chosen`` requests: a mask ``(n_requests,)``, or places in order."""
        return Ended(*(getattr(self, name)[chosen] for name in ENDED_COLUMNS))

    def at(self, end_ns: int) -> Ended:
        """Return those that had come before ``end_ns``, as they stood then.

        What became of a request later did not: it was still waiting, or at work.
        """
        r = self.where(self.arrival_ns < end_ns)
        begun = (r.admit_ns >= 0) & (r.admit_ns <= end_ns)
        gone = (r.finish_ns >= 0) & (r.finish_ns <= end_ns)
        here = np.where(begun, int(Status.STARTED), int(Status.WAITING))
        return replace(
            r,
            first_ns=np.where(r.first_ns <= end_ns, r.first_ns, -1),
            admit_ns=np.where(begun, r.admit_ns, -1),
            finish_ns=np.where(gone, r.finish_ns, -1),
            status=np.where(gone, r.status, here),
        )

    @property
    def done(self) -> Ended:
        """Those that were served to their end."""
        done = self.status == Status.DONE
        return self if done.all() else self.where(done)


@dataclass(frozen=True, slots=True)
class Repeated:
    """Requests that left once, and how many times more such requests did, at other times."""

    requests: Ended
    times: int


def no_requests() -> Ended:
    """Return no requests at all."""
    return Ended(*(np.empty(0, dtype=np.int64) for _ in ENDED_COLUMNS))


def joined_requests(pieces: Sequence[Ended]) -> Ended:
    """Return the requests of all ``pieces`` in order of their end, those still here last."""
    every = pieces[0] if len(pieces) == 1 else _put_together(pieces or [no_requests()])
    end_ns = np.where(every.finish_ns < 0, np.iinfo(np.int64).max, every.finish_ns)
    in_order = bool((end_ns[1:] >= end_ns[:-1]).all())
    return every if in_order else every.where(np.argsort(end_ns, kind="stable"))


def _put_together(pieces: Sequence[Ended]) -> Ended:
    return Ended(*(np.concatenate([getattr(p, n) for p in pieces]) for n in ENDED_COLUMNS))
