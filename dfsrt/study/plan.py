"""What a book must know of the search that it keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from dfsrt.study.entry import Entry
from dfsrt.study.metric import Direction, Figures

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


class Plan(Protocol):
    """A search: how many trials, in which batches, by which sampler."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def sampler(self) -> str:
        """Who proposes points."""
        ...

    @property
    def trials(self) -> int:
        """Trials in all."""
        ...

    @property
    def batch(self) -> int:
        """Trials that are asked for together."""
        ...

    @property
    def seed(self) -> int:
        """What the sampler draws from."""
        ...

    @property
    def directions(self) -> Sequence[Direction]:
        """Which way each objective is better."""
        ...

    def fingerprint(self) -> Mapping[str, object]:
        """Return all that the result depends on."""
        ...


class Distributed(Protocol):
    """A dimension of a space."""

    def distribution(self) -> BaseDistribution:
        """Return the dimension as Optuna knows it."""
        ...


class Spanned(Protocol):
    """A space: its dimensions, and points that are tried before any is drawn."""

    @property
    def dimensions(self) -> Mapping[str, Distributed]:
        """All dimensions by name."""
        ...

    @property
    def starts(self) -> Sequence[Mapping[str, str]]:
        """Points to begin with."""
        ...

    def typed(self, drawn: Mapping[str, str | float]) -> dict[str, str]:
        """Return what was drawn as text."""
        ...


class Judged(Protocol):
    """Who turns a trial's figures into objectives."""

    def objectives(self, entry: Entry) -> list[float]:
        """Return the values that the search is about."""
        ...

    def violations(self, cells: Sequence[Figures]) -> dict[str, float]:
        """Return by how much each limit is broken."""
        ...
