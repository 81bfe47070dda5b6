"""The stream of requests: one copy of them as columns, and how often it comes over again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError

NEVER_NS = 2**62
"""Later than anything."""
NO_DEADLINE = -1
"""In place of a deadline: the request may take as long as it likes."""
FOR_EVER = 2**40
"""Copies of a stream that does not end by itself."""


def _no_tokens() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked for: a lazy stream of requests, for ever or so many copies of some.

    Columns are ``(n_requests,)`` of one copy, in order of arrival; ``span_ns`` lies between
    copies. ``deadline_ns`` is the time from arrival to finish, or ``NO_DEADLINE``; a higher
    ``priority`` is more urgent. A request of a language model reads ``prompt`` tokens and writes
    ``tokens``; others, 0. In a ``closed`` loop a session's next request comes when the one
    before has left, whatever its time says.

    Raises:
        InputError: no request, times that fall or begin before 0, or a deadline before its
            request comes.
    """

    arrival_ns: Ints
    workload: Ints
    deadline_ns: Ints
    priority: Ints
    session: Ints
    copies: int = 1
    span_ns: int = 0
    closed: bool = False
    prompt: Ints = field(default_factory=_no_tokens)
    tokens: Ints = field(default_factory=_no_tokens)

    def __post_init__(self) -> None:
        for name in ("prompt", "tokens"):
            if len(getattr(self, name)) == 0:
                object.__setattr__(self, name, np.zeros(len(self.arrival_ns), dtype=np.int64))
        times = self.arrival_ns
        if len(times) == 0 or times[0] < 0 or (np.diff(times) < 0).any():
            raise InputError("arrival times are empty, fall or begin before 0; give them in order")
        early = np.flatnonzero((self.deadline_ns < 0) & (self.deadline_ns != NO_DEADLINE))
        if len(early):
            before_ns = -int(self.deadline_ns[early[0]])
            raise InputError(
                f"the deadline of request {early[0]} is {before_ns} ns before it comes; give the "
                "time it may take, or none"
            )

    @property
    def requests(self) -> int:
        """How many requests there are in all copies."""
        return len(self.arrival_ns) * self.copies

    @property
    def endless(self) -> bool:
        """Whether the stream goes on until something else ends the run."""
        return self.copies >= FOR_EVER

    @property
    def duration_ns(self) -> int:
        """Time that the stream covers by the clock; none in a closed loop."""
        return 0 if self.closed else self.copies * self.span_ns

    @property
    def chains(self) -> Ints:
        """The chain of each request: a session's requests of one workload; in a closed loop, a
        session's; numbered from 0, ``(n_requests,)``."""
        key = self.session.astype(np.int64)
        if not self.closed:
            key = ranks(key) * (int(self.workload.max(initial=0)) + 1) + self.workload
        return ranks(key)


def ranks(values: Ints) -> Ints:
    """Return the rank of each value among the distinct ones, from 0 on, ``(n_values,)``.

    Those that lie close together are marked and counted, which takes a tenth of sorting them.
    """
    low, high = int(values.min()), int(values.max())
    if high - low > 4 * len(values):
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    here = np.zeros(high - low + 1, dtype=np.int64)
    here[values - low] = 1
    return (np.cumsum(here) - 1)[values - low]


def streams(frames: int, count: int, apart_ns: int = 0, deadline_ns: int = NO_DEADLINE) -> Load:
    """Return the requests of ``count`` sessions side by side, back to back in each of them.

    Each begins ``apart_ns`` after the one before: nobody begins them in the same nanosecond.
    """
    each, left = (frames, 0) if frames >= FOR_EVER else divmod(frames, count)
    place = np.arange(frames if left else count, dtype=np.int64)
    zero = np.zeros(len(place), dtype=np.int64)
    deadline = np.full(len(place), deadline_ns, dtype=np.int64)
    arrival_ns = np.minimum(place, count - 1) * apart_ns
    return Load(arrival_ns, zero, deadline, zero, place % count, 1 if left else each, 0, True)


def steady(
    frames: int = FOR_EVER,
    period_ns: int | None = None,
    deadline_ns: int = NO_DEADLINE,
    prompt: int = 0,
    tokens: int = 0,
) -> Load:
    """Return one session's requests: back to back, or one every ``period_ns``."""
    zero = np.zeros(1, dtype=np.int64)
    deadline = np.full(1, deadline_ns, dtype=np.int64)
    return Load(
        zero, zero, deadline, zero, zero, frames, period_ns or 0, period_ns is None,
        zero + prompt, zero + tokens,
    )  # fmt: skip


def once(chunks: Sequence[int]) -> Load:
    """Return a request of each workload, all at the start.

    Language models take in ``chunks`` tokens of a prompt in a pass, else 0: such a request has two,
    the second of which sees the first, and writes two tokens.
    """
    zero, size = np.zeros(len(chunks), dtype=np.int64), np.array(chunks, dtype=np.int64)
    return Load(
        zero, np.arange(len(chunks)), zero + NO_DEADLINE, zero, zero,
        prompt=2 * size, tokens=2 * (size > 0).astype(np.int64),
    )  # fmt: skip


def columns(load: Load, number: Ints, names: Sequence[str]) -> dict[str, Ints]:
    """Return session, priority and workload name of requests by ``number``, ``(n,)`` each."""
    place = number % len(load.arrival_ns)
    return {
        "workload": np.array(names)[load.workload[place]],
        "session": load.session[place],
        "priority": load.priority[place],
    }
