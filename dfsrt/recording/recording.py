"""A recording: slices and counters over time, whatever tool or run they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dfsrt.base.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Slices:
    """Stretches of time with a name on a track; columns of shape ``(n_slices,)``.

    ``track``, ``category`` and ``name`` are indices into the recording's ``texts``. Those of one
    track are in order of ``start_ns`` and nest or follow each other.
    """

    track: Ints
    category: Ints
    name: Ints
    start_ns: Ints
    duration_ns: Ints

    def __len__(self) -> int:
        return len(self.start_ns)


@dataclass(frozen=True, slots=True)
class Counters:
    """Values over time; columns of shape ``(n_samples,)``.

    A sample holds from ``time_ns`` to the next of its track. ``track`` and ``unit`` are indices
    into the recording's ``texts``; units are SI symbols, like ``Hz``, ``V``, ``W``, ``degC``.
    """

    track: Ints
    unit: Ints
    time_ns: Ints
    value: Floats

    def __len__(self) -> int:
        return len(self.time_ns)


@dataclass(frozen=True, slots=True)
class Recording:
    """Slices and counters; ``texts`` holds every text once, ``about`` what is known of the source.

    Times are nanoseconds from the recording's own zero.
    """

    texts: tuple[str, ...]
    slices: Slices
    counters: Counters
    about: Mapping[str, str] = field(default_factory=dict)
