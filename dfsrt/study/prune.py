"""Pruning: a trial that is worse than most so far need not run to its end."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from dfsrt.study.entry import Entry, Judge
from dfsrt.study.metric import METRICS

STARTUP = 5
"""Finished trials that keep the limits, before any is pruned."""


def to_prune(running: Sequence[Entry], finished: Sequence[Entry], judge: Judge) -> list[Entry]:
    """Return those of ``running`` that are worse than the median after as many cells.

    The median is of the trials of earlier batches that ran to their end and keep the limits:
    those that break them would be hard to beat for the wrong reason.
    """
    name = judge.study.objectives[0]
    sign = -1.0 if METRICS[name].maximise else 1.0
    peers = [entry for entry in finished if judge.feasible(entry)]
    if len(peers) < STARTUP:
        return []
    return [
        entry
        for entry in running
        if sign * judge.value(name, entry.cells)
        > median(sign * judge.value(name, peer.cells[: len(entry.cells)]) for peer in peers)
    ]
