"""Generators of arrivals: seeded, and the same for ever.

All draw uniform numbers alone and turn them into others by their inverse distribution, so that
a seed's trace does not hang on how a numpy version samples.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import InputError
from dfsrt.trace.trace import MAX_PRIORITY, MAX_REQUESTS, NO_DEADLINE, Trace, TraceCard

SOURCE = "synthetic, by dfsrt's own generator; all rates are assumed"


def periodic(rate_hz: float, duration_ns: int, jitter_ns: int = 0, seed: int = 0) -> Ints:
    """Return ``rate_hz`` arrivals a second, each late by up to ``jitter_ns``, evenly spread.

    Shape ``(n_requests,)``, in nanoseconds.

    Raises:
        InputError: no arrival at all, too many, or more jitter than period.
    """
    if not 1e-6 <= rate_hz <= 1e9:
        raise InputError(f"rate {rate_hz:g} Hz is out of range; give requests a second, like 30")
    if not 0 <= jitter_ns <= 1e9 / rate_hz:
        raise InputError(
            f"jitter {jitter_ns} ns is out of range; give 0 to the period, {1e9 / rate_hz:g} ns"
        )
    count = _checked(math.ceil(duration_ns * 1e-9 * rate_hz - 1e-9))
    times = np.arange(count) / rate_hz * 1e9 + _uniform(seed, count) * jitter_ns
    return np.asarray(times.astype(np.int64))


def poisson(rate_hz: float, duration_ns: int, seed: int = 0) -> Ints:
    """Return the arrivals of a Poisson process: gaps are exponential with mean 1 / ``rate_hz``.

    Shape ``(n_requests,)``, in nanoseconds.

    Raises:
        InputError: a rate that is not above 0, or too many arrivals.
    """
    return _poisson(np.random.Generator(np.random.PCG64(seed)), rate_hz, 0, duration_ns)


def bursty(
    quiet_hz: float,
    busy_hz: float,
    quiet_ns: int,
    busy_ns: int,
    duration_ns: int,
    seed: int = 0,
    busy_first: bool = False,
) -> Ints:
    """Return the arrivals of a Markov-modulated Poisson process of two states.

    Shape ``(n_requests,)``, in nanoseconds. It stays quiet for ``quiet_ns`` in the mean and busy
    for ``busy_ns``, exponentially, and begins quiet unless it is ``busy_first``.

    Source: Fischer and Meier-Hellstern, Performance Evaluation 18 (1993): the
    mean rate is (quiet_hz · quiet_ns + busy_hz · busy_ns) / (quiet_ns + busy_ns).

    Raises:
        InputError: a rate or a time that cannot be, or too many arrivals.
    """
    if min(quiet_ns, busy_ns) <= 0 or duration_ns / min(quiet_ns, busy_ns) > MAX_REQUESTS:
        raise InputError(
            f"bursts of {busy_ns} ns and pauses of {quiet_ns} ns are out of range; give times "
            f"above 0 and less than {MAX_REQUESTS:,} of them in all"
        )
    rng = np.random.Generator(np.random.PCG64(seed))
    stretches, now, busy = [], 0, busy_first
    while now < duration_ns:
        stay = max(1, int(_exponential(rng, 1)[0] * (busy_ns if busy else quiet_ns)))
        end = min(now + stay, duration_ns)
        rate_hz = busy_hz if busy else quiet_hz
        if rate_hz > 0:
            stretches.append(_poisson(rng, rate_hz, now, end))
        now, busy = end, not busy
    return np.concatenate([*stretches, np.empty(0, dtype=np.int64)])


def stream(
    arrival_ns: Ints,
    workload: str,
    duration_ns: int,
    deadline_ns: int = NO_DEADLINE,
    priority: int = 0,
    *,
    tokens: tuple[Ints, Ints] | None = None,
    name: str,
    description: str,
    source: str = SOURCE,
) -> Trace:
    """Return a synthetic trace of one session in which every request is alike but for its tokens.

    ``arrival_ns`` has shape ``(n_requests,)`` and does not fall; ``tokens`` are those of prompts
    and outputs, ``(n_requests,)`` each.

    Raises:
        InputError: nothing ever arrives, or a priority beyond those of traces.
    """
    if len(arrival_ns) == 0:
        raise InputError("no request arrives in this time; give a higher rate or more time")
    if abs(priority) > MAX_PRIORITY:
        raise InputError(
            f"priority {priority} is out of range; allowed is -{MAX_PRIORITY} to {MAX_PRIORITY}"
        )
    zero = np.zeros(len(arrival_ns), dtype=np.int64)
    card = TraceCard(name, "synthetic", description, source, max(duration_ns, int(arrival_ns[-1])))
    due_ns, urgent = zero + deadline_ns, zero + priority
    trace = Trace(card, (workload,), arrival_ns, zero, due_ns, urgent, zero.copy())
    if tokens is None:
        return trace
    return replace(trace, prompt_tokens=tokens[0], output_tokens=tokens[1])


def _poisson(rng: np.random.Generator, rate_hz: float, first_ns: int, stop_ns: int) -> Ints:
    """Exponential gaps, added up until ``stop_ns``."""
    span_s = (stop_ns - first_ns) * 1e-9
    if not rate_hz > 0 or not np.isfinite(rate_hz):
        raise InputError(f"rate {rate_hz:g} Hz is out of range; give a rate above 0, like 30")
    _checked(max(1, int(min(rate_hz * span_s, 1e18))))
    chunk = int(rate_hz * span_s + 6 * np.sqrt(rate_hz * span_s)) + 8
    chunks, at_s = [], 0.0
    while at_s < span_s:
        times = at_s + np.cumsum(_exponential(rng, chunk)) / rate_hz
        chunks.append(times[times < span_s])
        at_s = float(times[-1])
    return np.asarray(first_ns + (np.concatenate(chunks) * 1e9).astype(np.int64))


def _exponential(rng: np.random.Generator, count: int) -> Floats:
    return np.asarray(-np.log1p(-rng.random(count)))


def _uniform(seed: int, count: int) -> Floats:
    return np.random.Generator(np.random.PCG64(seed)).random(count)


def _checked(count: int) -> int:
    if not 0 < count <= MAX_REQUESTS:
        raise InputError(
            f"{count:,} requests are out of range; allowed is 1 to {MAX_REQUESTS:,}: change the "
            "rate or the duration"
        )
    return count
