"""A workload trace: which request comes when, by when it is wanted, and what the cap does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.network.reading import Reading

NO_DEADLINE = -1
"""In place of a deadline: the request may take as long as it likes."""
MAX_REQUESTS = 20_000_000
MAX_PRIORITY = 2**31
"""Requests that one file may hold: 0.8 GB in memory, 1.1 GB with tokens. A trace may be repeated
without a limit."""


def _no_tokens() -> Ints:
    """In place of a column of tokens: no request has any."""
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class TraceCard:
    """Where a trace comes from; ``cap_steps`` are (time in ns, watts, infinite for none).

    ``kind`` is ``unknown`` where there is no card. ``duration_ns`` is the time that the trace
    covers, at least up to its last arrival. ``readings`` says how workloads that are networks are
    read, by their names, where that is not plain.
    """

    name: str
    kind: Literal["synthetic", "recorded", "unknown"]
    description: str
    source: str
    duration_ns: int
    cap_steps: tuple[tuple[int, float], ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    """Requests in order of arrival; columns of shape ``(n_requests,)``.

    ``workload`` are places in ``workloads``, which name a network or a pipeline with its
    parameters, like ``resnet50`` or ``infinite-zoom:steps=20``. ``deadline_ns`` is the time
    allowed from arrival to finish, or ``NO_DEADLINE``. A higher ``priority`` is more urgent.
    Requests of one ``session`` belong together: they share what a pipeline caches. A request for a
    language model has ``prompt_tokens`` and ``output_tokens``, 1 or more; others have 0 of both.
    """

    card: TraceCard
    workloads: tuple[str, ...]
    arrival_ns: Ints
    workload: Ints
    deadline_ns: Ints
    priority: Ints
    session: Ints
    prompt_tokens: Ints = field(default_factory=_no_tokens)
    output_tokens: Ints = field(default_factory=_no_tokens)

    def __post_init__(self) -> None:
        for name in ("prompt_tokens", "output_tokens"):
            if len(getattr(self, name)) == 0:
                object.__setattr__(self, name, np.zeros(len(self.arrival_ns), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.arrival_ns)
