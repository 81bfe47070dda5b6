"""A tally: all that a run adds up, so that laps that repeat can be counted many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.run.machine import Machine, Out
from dfsrt.run.queue_state import Queue

OF_MACHINE = ("busy_ns", "runs", "moves", "memory_changes", "memory_unseen", "moved_bytes")
OF_QUEUE = ("came", "done", "dropped", "preemptions", "host_past_ns")
OF_OUT = ("counts", "idle_ns", "transitions", "sleeps")


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums of machine and queue ``(11,)``, of what is counted, by chain and by step."""

    sums: Ints
    counted: tuple[Ints, ...]
    alike: Ints
    served: Ints
    host_calls: Ints

    @property
    def done(self) -> int:
        """Requests that had finished."""
        return int(self.sums[len(OF_MACHINE) + OF_QUEUE.index("done")])


def tally(m: Machine, q: Queue, out: Out) -> Tally:
    """Return what has been added up so far."""
    sums = [*(getattr(m, n) for n in OF_MACHINE), *(getattr(q.state, n) for n in OF_QUEUE)]
    return Tally(
        np.array(sums, dtype=np.int64),
        tuple(np.array(getattr(out, name), dtype=np.int64) for name in OF_OUT),
        _first(out.alike),
        np.array([chain.served for chain in q.chains], dtype=np.int64),
        np.array([step.host_calls for step in q.steps], dtype=np.int64),
    )


def _first(alike: Sequence[Ints]) -> Ints:
    """How often each entry stands for a run, ``(n_entries,)``."""
    if isinstance(alike, np.ndarray):
        return alike[:, 0].copy()
    return np.array([entry[0] for entry in alike], dtype=np.int64)


def add_again(m: Machine, q: Queue, out: Out, before: Tally, times: int) -> None:
    """Add ``times`` more what has been added since ``before``."""
    now = tally(m, q, out)
    more = ((now.sums - before.sums) * times).tolist()
    for name, value in zip(OF_MACHINE, more, strict=False):
        setattr(m, name, getattr(m, name) + value)
    for name, value in zip(OF_QUEUE, more[len(OF_MACHINE) :], strict=True):
        setattr(q.state, name, getattr(q.state, name) + value)
    for name, a, b in zip(OF_OUT, now.counted, before.counted, strict=True):
        _add(getattr(out, name), (a - b) * times)
    for entry in np.flatnonzero(now.alike - before.alike).tolist():
        out.alike[entry][0] += int(now.alike[entry] - before.alike[entry]) * times
    for chain, value in zip(q.chains, (now.served - before.served).tolist(), strict=True):
        chain.served += value * times
    for step, value in zip(q.steps, (now.host_calls - before.host_calls).tolist(), strict=True):
        step.host_calls += value * times


def _add(counts: Ints, more: Ints) -> None:
    """Add to a list or an array, ``(n,)``."""
    for place in np.flatnonzero(more).tolist():
        counts[place] += int(more[place])
