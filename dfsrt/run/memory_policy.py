"""Who sets the memory's clock in a run: nobody, a clock, or a governor that is asked again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from operator import index

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.device.npu import Npu
from dfsrt.governor.memory import BusView, MemoryGovernor, make_memory_governor, memory_label
from dfsrt.governor.memory.governor import PAST, follows_core, polling_ns
from dfsrt.run.spec import RunSpec


@dataclass(frozen=True, slots=True)
class MemoryPolicy:
    """Who sets the memory's clock; None: plans may, and else it is the highest.

    ``blind``: plans for the core are made as if it were the highest.
    """

    governor: MemoryGovernor | None = None
    blind: bool = False


def memory_policy(spec: RunSpec, npu: Npu, own: RunSpec | None = None) -> MemoryPolicy:
    """Return who sets the memory's clock by a specification.

    What a scenario says itself, ``own``, holds for the devices that have memory points.

    Raises:
        InputError: a governor or a clock that cannot be had, or a device whose memory has no
            points to choose from.
    """
    if spec.blind and not npu.memory.points:
        raise InputError(
            f"'blind' is of a memory that has clocks: device '{npu.name}' says no memory points; "
            "leave it out, or give the device points under [memory]"
        )
    if spec.memory is None:
        return MemoryPolicy(None, spec.blind)
    governor = make_memory_governor(spec.memory)
    if not npu.memory.points:
        if own is not None and own.memory == spec.memory:
            return MemoryPolicy(None, spec.blind)
        raise InputError(
            f"memory '{memory_label(governor)}' has nothing to choose from: device '{npu.name}' "
            "says no memory points; leave it out, or give the device points under [memory]"
        )
    MemoryClock(npu, MemoryPolicy(governor))
    return MemoryPolicy(governor, spec.blind)


def memory_point(npu: Npu, policy: MemoryPolicy) -> int | None:
    """Return the memory point at which a run begins, None where plans may say it."""
    return None if policy.governor is None else MemoryClock(npu, policy).target


class MemoryClock:
    """What is asked of a memory's governor in one run, and what it has been shown.

    ``target`` is the point that it wishes, the highest where nobody sets it; ``follows``
    ``(n_core,)`` the point for each clock of the core, None unless it goes by that. The run begins
    at its target.

    Raises:
        InputError: the governor cannot choose from this device's points.
    """

    def __init__(self, npu: Npu, policy: MemoryPolicy) -> None:
        points = npu.memory.points
        self._governor = policy.governor
        self._counts: deque[int] = deque(maxlen=PAST)
        self._moved = 0
        self.period_ns = None if policy.governor is None else polling_ns(policy.governor)
        self._view = BusView(
            freqs_hz=tuple(p.freq_hz for p in points) or (0,),
            bandwidth_bytes_per_s=tuple(p.bandwidth_bytes_per_s for p in points)
            or (npu.memory.bandwidth_bytes_per_s,),
            point=max(len(points) - 1, 0),
            core_freqs_hz=npu.opps.freqs_hz,
            core_level=len(npu.opps) - 1,
            period_ns=self.period_ns or 0,
            device=npu.name,
        )
        self.target = self._view.top
        self.target = self._chosen()
        self.follows: Ints | None = None
        if policy.governor is not None and follows_core(policy.governor):
            self.follows = np.array([self._chosen(k) for k in range(len(npu.opps))])

    @property
    def free(self) -> bool:
        """Whether plans may say memory points."""
        return self._governor is None

    @property
    def fixed(self) -> bool:
        """Whether the point stays what it is at first, whatever comes."""
        return not self.free and self.follows is None and self.period_ns is None

    @property
    def quiet(self) -> bool:
        """Whether nothing has been moved for as long as a governor can look back."""
        return len(self._counts) == PAST and not any(self._counts)

    def poll(self, moved_bytes: int, core_level: int) -> int:
        """Return the point that is wished after another period, all bytes moved so far in it."""
        self._counts.appendleft(moved_bytes - self._moved)
        self._moved = moved_bytes
        self.target = self._chosen(core_level)
        return self.target

    def _seen(self, core_level: int | None) -> BusView:
        core = self._view.core_level if core_level is None else core_level
        counts = tuple(self._counts)
        return replace(self._view, point=self.target, core_level=core, moved_bytes=counts)

    def _chosen(self, core_level: int | None = None) -> int:
        if self._governor is None:
            return self._view.top
        choice = self._governor.choose(self._seen(core_level))
        try:
            return min(max(index(choice), 0), self._view.top)
        except TypeError as error:
            raise InputError(
                f"the memory's governor {memory_label(self._governor)} chose {choice!r}; return "
                "the number of a memory point"
            ) from error
