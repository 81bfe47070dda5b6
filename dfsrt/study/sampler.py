"""Samplers: who proposes the next points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.study.plan import Plan

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def make_sampler(study: Plan, batch: int) -> BaseSampler:
    """Return the sampler of batch number ``batch``.

    Each batch has a fresh one, seeded from the study's seed and the batch's number. So what it
    proposes hangs on the finished trials alone, and not on what this process has seen before.
    """
    import numpy as np
    from optuna import samplers

    seed = int(np.random.SeedSequence([study.seed, batch]).generate_state(1)[0])
    if study.sampler == "tpe":
        # Points of the same batch keep off each other.
        return samplers.TPESampler(seed=seed, constant_liar=True)
    if study.sampler == "cmaes":
        return samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
    if study.sampler == "nsga2":
        return samplers.NSGAIISampler(seed=seed)
    return samplers.RandomSampler(seed=seed)
