"""One trial as the tuner keeps it, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dfsrt.study.metric import METRICS, Figures, together, violation
from dfsrt.study.study import Study

RUNNING, COMPLETE, PRUNED, FAILED = "running", "complete", "pruned", "failed"


@dataclass(slots=True)
class Entry:
    """A trial: what was drawn, as text, and the figures of the cells that have run so far."""

    number: int
    trial_id: int
    typed: Mapping[str, str]
    state: str = RUNNING
    cells: list[Figures] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns a trial's cells into metrics, by the study's baseline, objectives and limits."""

    study: Study
    baseline: Sequence[Figures]

    def value(self, name: str, cells: Sequence[Figures]) -> float:
        """Return one metric over the first cells."""
        return together(name, cells, self.baseline[: len(cells)])

    def metrics(self, cells: Sequence[Figures]) -> dict[str, float]:
        """Return every metric over the first cells."""
        return {name: self.value(name, cells) for name in METRICS}

    def objectives(self, entry: Entry) -> list[float]:
        """Return the values that the study is about."""
        return [self.value(name, entry.cells) for name in self.study.objectives]

    def violations(self, cells: Sequence[Figures]) -> dict[str, float]:
        """Return by how much each limit is broken; 0 or less where it is kept."""
        limits = self.study.limits
        return {n: violation(n, self.value(n, cells), limit) for n, limit in limits.items()}

    def feasible(self, entry: Entry) -> bool:
        """Whether a trial has run in full and keeps all limits."""
        return entry.state == COMPLETE and not self.excess(entry)

    def excess(self, entry: Entry) -> float:
        """Return the sum of what breaks limits."""
        return sum(max(v, 0.0) for v in self.violations(entry.cells).values())

    def costs(self, entry: Entry) -> tuple[float, ...]:
        """Return the objectives with signs such that less is better."""
        names = self.study.objectives
        values = zip(names, self.objectives(entry), strict=True)
        return tuple(-v if METRICS[name].maximise else v for name, v in values)
