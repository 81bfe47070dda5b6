"""The queue as a governor sees it: what waits, what runs, what is left of each, by when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkStep:
    """Layers ``first`` to before ``stop`` of the view on the NPU, or ``host_ns`` on the host."""

    first: int = 0
    stop: int = 0
    host_ns: int = 0


Program = tuple[WorkStep, ...]
"""What a request does, step by step."""


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """A request that has come and has not left.

    ``workload`` is its place in ``QueueView.workloads``, ``deadline_ns`` the time by which it is
    to finish, as a point of simulated time, or None; a higher ``priority`` is more urgent. One
    that has ``started`` has had the NPU or the host. ``left`` are the steps still to do, the one
    at hand from its next layer on; on the host the whole step, of which a part may have passed.
    """

    workload: int
    arrival_ns: int
    deadline_ns: int | None
    priority: int
    started: bool
    left: Program


@dataclass(frozen=True, slots=True)
class QueueWorkload:
    """What is known of a workload: a network or a pipeline that requests ask for.

    ``programs`` are what its requests do: the first of a session, each key request, all between;
    ``period_ns`` is the least time between two arrivals, None where they have no times of their
    own; ``deadline_ns`` the least time that a request may take, None where none has a deadline.
    """

    name: str
    programs: tuple[Program, Program, Program]
    period_ns: int | None = None
    deadline_ns: int | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """The requests that are here at ``now_ns``, and the workloads that they are of.

    ``requests`` begin with the one that has the NPU; the others follow in the order in which they
    would get it, those on the host and those that wait for another of their session at the end.
    """

    now_ns: int
    requests: tuple[QueuedRequest, ...]
    workloads: tuple[QueueWorkload, ...]
