"""A pipeline: its stages, with every parameter filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from dfsrt.network.reading import Reading


class On(StrEnum):
    """Which of a session's requests run a stage."""

    ALL = "all"
    FIRST = "first"  # a session's first; the others use what it has left in the cache
    KEY = "key"  # the first, and every n-th from it on
    BETWEEN = "between"  # all that are not key


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a pipeline: a network on the NPU, or ``host_ns`` on the host.

    ``reading`` says how the network is read: sizes, values of inputs, branches, trips. Neighbours
    that share a ``loop`` are run one after another, ``repeat`` times over; without one a stage
    itself runs ``repeat`` times. ``assumed`` says that its time on the host has no source but our
    guess.
    """

    name: str
    on: On = On.ALL
    network: str | None = None
    reading: Reading = field(default_factory=Reading)
    host_ns: int = 0
    repeat: int = 1
    loop: str = ""
    assumed: bool = False

    def runs_for(self, on: On) -> bool:
        """Whether a request that is the first, a key or a between one runs this stage."""
        return self.on in (On.ALL, on) or (self.on == On.KEY and on == On.FIRST)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages in order; each request is one frame that the user sees.

    Every ``key_every``-th frame of a session is a key frame. ``parameters`` are the values, as
    typed, that the stages were filled in with.
    """

    name: str
    description: str
    source: str
    stages: tuple[Stage, ...]
    key_every: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)

    def order(self, on: On) -> tuple[int, ...]:
        """Return the stages that such a request runs, by number, in order, repeats included."""
        taken = [(i, stage) for i, stage in enumerate(self.stages) if stage.runs_for(on)]
        order: list[int] = []
        for _, group in groupby(taken, key=lambda pair: pair[1].loop or pair[0]):
            members = list(group)
            order += [i for i, _ in members] * members[0][1].repeat
        return tuple(order)

    @property
    def in_order(self) -> bool:
        """Whether a session's frames differ, and so must be worked on in their order."""
        return any(stage.on is not On.ALL for stage in self.stages)
