"""From a study's trials to its result: the best point and the Pareto set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.study.cell import Point, cells_of
from dfsrt.study.entry import COMPLETE, FAILED, PRUNED, Entry, Judge
from dfsrt.study.metric import METRICS, Figures, geometric_mean
from dfsrt.study.schema import Counts, TunedPoint, TuneReport
from dfsrt.study.space import Space

BASELINE_TRIAL = -1
_HOW = {
    "ratio": "geometric mean of ratios to the baseline",
    "mean": "mean",
    "max": "highest",
}


@dataclass(frozen=True, slots=True)
class Result:
    """All trials of a finished study and how they are judged."""

    space: Space
    judge: Judge
    entries: Sequence[Entry]
    baseline: Point

    @property
    def front(self) -> list[Entry]:
        """The Pareto set of the points that keep all limits, the first objective ascending."""
        feasible = [entry for entry in self.entries if self.judge.feasible(entry)]
        costs = {entry.number: self.judge.costs(entry) for entry in feasible}
        kept = pareto([costs[entry.number] for entry in feasible])
        return sorted((feasible[i] for i in kept), key=lambda e: (costs[e.number], e.number))

    @property
    def best(self) -> Entry:
        """The best point; where no point keeps the limits, the one that breaks them least.

        Raises:
            InputError: no trial ran to its end.
        """
        front = self.front
        if front:
            costs = [self.judge.costs(entry) for entry in front]
            return front[nearest_to_ideal(costs)]
        complete = [entry for entry in self.entries if entry.state == COMPLETE]
        if not complete:
            raise InputError(f"no trial could run: {self.entries[0].error}; correct the study")
        return min(complete, key=lambda e: (self.judge.excess(e), e.number))

    def report(self) -> TuneReport:
        """Return the result as it is written."""
        study = self.judge.study
        states = Counter(entry.state for entry in self.entries)
        # Files by their names, not their folders: the same study has the same result anywhere.
        networks = [PurePath(name).name for name in study.over.networks]
        return TuneReport(
            study=study.name,
            sampler=study.sampler,
            seed=study.seed,
            batch=study.batch,
            objectives=study.objectives,
            limits=study.limits,
            metrics={name: f"{m.text}: {_HOW[m.how]}" for name, m in METRICS.items()},
            search={name: d.text for name, d in self.space.dimensions.items()},
            networks=networks,
            caps=list(dict.fromkeys(cell.cap for cell in cells_of(study))),
            seeds=study.over.seeds,
            baseline=self._point(BASELINE_TRIAL, self.baseline, {}, self.judge.baseline, True),
            trials=Counts(
                complete=states[COMPLETE],
                pruned=states[PRUNED],
                failed=states[FAILED],
                feasible=sum(self.judge.feasible(entry) for entry in self.entries),
            ),
            best=self.point(self.best),
            pareto=[self.point(entry) for entry in self.front],
            failures=dict(sorted(Counter(e.error for e in self.entries if e.error).items())),
        )

    def point(self, entry: Entry) -> TunedPoint:
        """Return a trial as it is written."""
        point = self.space.point(entry.typed)
        feasible = self.judge.feasible(entry)
        return self._point(entry.number, point, dict(entry.typed), entry.cells, feasible)

    def _point(
        self,
        number: int,
        point: Point,
        typed: dict[str, str],
        cells: Sequence[Figures],
        feasible: bool,
    ) -> TunedPoint:
        return TunedPoint(
            trial=number,
            governor=bare_spec(point.governor),
            device=bare_spec(point.device),
            confidence=point.confidence,
            idle=None if point.idle is None else _bare(point.idle),
            memory=None if point.memory is None else _bare(point.memory),
            parameters={name: _bare(text) for name, text in typed.items()},
            metrics=self.judge.metrics(cells),
            means={
                name: geometric_mean([cell[name] for cell in cells])
                for name, metric in METRICS.items()
                if metric.how == "ratio"
            },
            feasible=feasible,
        )


def _bare(name: str) -> str:
    """A file without its folder; any other text as it is."""
    return PurePath(name).name if PurePath(name).is_absolute() else name


def bare_spec(text: str) -> str:
    """A governor or a device as typed, its file without the folder."""
    name, colon, options = text.partition(":")
    is_file = name.lower().endswith((".py", ".toml"))
    return f"{PurePath(name).name if is_file else name}{colon}{options}"


def pareto(costs: Sequence[tuple[float, ...]]) -> list[int]:
    """Return the indices of those that no other is as good as in all and better in one.

    Of equal ones the first stands for all.
    """
    table = np.array(costs, dtype=np.float64)
    kept = []
    for i, row in enumerate(costs):
        no_worse = (table <= table[i]).all(axis=1)
        better = no_worse & (table < table[i]).any(axis=1)
        if not better.any() and row not in costs[:i]:
            kept.append(i)
    return kept


def nearest_to_ideal(costs: Sequence[tuple[float, ...]]) -> int:
    """Return the index of the point nearest to the best of each cost, scaled to their ranges."""
    table = np.array(costs, dtype=np.float64)
    low, span = table.min(axis=0), np.ptp(table, axis=0)
    scaled = (table - low) / np.where(span > 0, span, 1.0)
    return int(np.argmin((scaled**2).sum(axis=1)))
