"""Caps: which of them meet a target, and which is the last to do so."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dfsrt.report.cap_notes import draws_w
from dfsrt.run.job import Job
from dfsrt.study.budget.life import Life
from dfsrt.study.budget.lives import Lives
from dfsrt.study.budget.schema import CapAnswer, LifeFigures
from dfsrt.study.budget.search import Search, halved
from dfsrt.study.budget.target import Target
from dfsrt.study.budget.trial import Pairs, Trial

TOLERANCE = 0.01
"""Caps that differ by this share or less are not told apart."""
SCANNED = 5
"""Caps that are tried at first, from the least that matters to none at all."""


def scanned_caps(job: Job) -> list[float]:
    """Return caps in W, ascending; the last is infinite, for no cap.

    Under the first every layer runs at its lowest clock, so a lower one changes nothing; above the
    last finite one no layer is held.
    """
    low_w, high_w = draws_w(job)
    finite = np.geomspace(low_w, max(high_w, low_w * (1 + TOLERANCE)), SCANNED - 1)
    return [*finite.tolist(), math.inf]


def cap_search(
    target: Target,
    lives: Lives,
    caps_w: Sequence[float],
    numbers: Pairs = (),
    tolerance: float = TOLERANCE,
) -> Search:
    """Return the search for the largest cap that keeps a target, the smallest for speed.

    ``caps_w`` ascend; ``numbers`` are assumed ones with other values.
    """
    step = -1 if target.more_with_watts else 1
    return Search(
        target,
        lives,
        caps_w[::step],
        lambda cap_w: Trial(cap_w=cap_w, numbers=numbers),
        halved(tolerance),
        step,
    )


def cap_answer(search: Search) -> CapAnswer:
    """Return what a finished search says."""
    met, missed = search.bracket()
    life = search.life(met)
    best = search.best()
    if isinstance(life, Life):
        reached: float | None = search.target.of(life)
    else:
        reached = None if best is None else search.target.of(best[1])
    always = search.verdict == "always"
    return CapAnswer(
        verdict=search.verdict,
        cap_w=None if always else finite(met),
        missed_w=finite(missed),
        reached=reached,
    )


def finite(cap_w: float | None) -> float | None:
    """Return a cap as a report has it: null is none."""
    return None if cap_w is None or math.isinf(cap_w) else cap_w


def figures(cap_w: float | None, life: Life) -> LifeFigures:
    """Return a life as a report has it."""
    return LifeFigures(
        cap_w=finite(cap_w),
        fps=life.fps,
        life_s=life.life_s,
        skin_max_c=life.skin_max_c,
        npu_w=life.npu_w,
        end_cause=life.end_cause,
        held_by=life.held_by,
    )


def curve(searches: Sequence[Search]) -> list[LifeFigures]:
    """Return all lives that searches have tried, by their caps."""
    tried = {p: o for one in searches for p, o in one.outcomes() if isinstance(o, Life)}
    return [figures(cap_w, tried[cap_w]) for cap_w in sorted(tried)]
