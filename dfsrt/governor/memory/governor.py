"""The contract of a memory's governor: one method, a function of what its monitor counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

PAST = 32
"""Counts that a view holds at the most."""


@dataclass(frozen=True, slots=True)
class BusView:
    """What a memory's governor may know.

    ``freqs_hz`` and ``bandwidth_bytes_per_s`` ``(n_memory,)`` are the memory's points, ascending;
    ``point`` is the one asked for last. ``moved_bytes`` are the bytes that the NPU has moved in
    each of the last periods of ``period_ns``, newest first, 32 at most; none before the first has
    passed. ``core_freqs_hz`` ``(n_core,)`` are the core's clocks, ``core_level`` the one it runs
    at, or, for a governor that ``follows``, is about to run at. ``device`` is its name.
    """

    freqs_hz: tuple[int, ...]
    bandwidth_bytes_per_s: tuple[float, ...]
    point: int
    core_freqs_hz: tuple[int, ...]
    core_level: int
    moved_bytes: tuple[int, ...] = ()
    period_ns: int = 0
    device: str = ""

    @property
    def top(self) -> int:
        """The fastest memory point."""
        return len(self.freqs_hz) - 1


@runtime_checkable
class MemoryGovernor(Protocol):
    """Anything with ``choose``.

    It may also carry ``name`` (for reports), ``sampling_ns`` (asked again with new counts at this
    period; else once, before the run) and ``follows`` (True: asked once for each clock of the core,
    and its answers hold whenever a layer is to run at that clock).
    """

    def choose(self, view: BusView) -> int:
        """Return the number of the memory point to ask for, slowest 0."""
        ...


class BaseMemoryGovernor:
    """Defaults that the built-in governors of the memory share: asked once."""

    name: ClassVar[str] = ""
    follows: ClassVar[bool] = False

    @property
    def sampling_ns(self) -> int | None:
        """Period of polling, or None for one that is asked once."""
        return None


def polling_ns(governor: MemoryGovernor) -> int | None:
    """Return how often a governor of the memory is asked again; None for once."""
    return getattr(governor, "sampling_ns", None)


def follows_core(governor: MemoryGovernor) -> bool:
    """Return whether a governor of the memory goes by the core's clock."""
    return bool(getattr(governor, "follows", False))
