"""From a sweep's outcomes to its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from dfsrt.study.points import PointOutcome
from dfsrt.study.sweep.metrics import BEST, METRICS, flat
from dfsrt.study.sweep.points import SweepPoints
from dfsrt.study.sweep.schema import SweepCounts, SweepPoint, SweepReport
from dfsrt.study.sweep.study import SweepStudy


def report_of_sweep(
    study: SweepStudy, points: SweepPoints, outcomes: Mapping[int, PointOutcome]
) -> SweepReport:
    """Return the report of a sweep whose points have all been run."""
    rows = [_point(number, points, outcomes[number]) for number in range(len(points.specs))]
    errors = [row.error for row in rows if row.error]
    return SweepReport(
        study=study.name,
        sampler=study.sampler,
        seed=study.seed,
        vary={d.name: list(d.text) for d in points.dimensions},
        counts=SweepCounts(
            complete=len(rows) - len(errors), failed=len(errors), alike=points.alike
        ),
        best=_best(rows),
        failures=dict(sorted(Counter(errors).items())),
        points=rows,
    )


def _point(number: int, points: SweepPoints, outcome: PointOutcome) -> SweepPoint:
    return SweepPoint(
        number=number,
        varied=dict(points.varied[number]),
        spec=dict(points.said[number]),
        brief=outcome.brief,
        notes=list(outcome.notes),
        error=outcome.error,
    )


def _best(rows: list[SweepPoint]) -> dict[str, int]:
    """The best point by each metric that any point has; of equal ones the first."""
    numbers = {name: {} for name in BEST}  # type: dict[str, dict[int, float]]
    for row in rows:
        values = flat(row.brief)
        for name in BEST:
            value = values[name]
            if isinstance(value, int | float):
                sign = -1.0 if METRICS[name].better == "high" else 1.0
                numbers[name][row.number] = sign * value
    return {name: min(of, key=of.__getitem__) for name, of in numbers.items() if of}
