"""The split: which samples are fitted on, and which judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.network.samples import Feeds
from dfsrt.optimize.calibration import Calibration

GOLDEN = (5**0.5 - 1) / 2
"""Steps of this share of a circle line up with no order that samples may be in."""
JUDGING = 0.25
"""The share of samples that is held out."""
LEAST = 4
"""Samples of which some are held out."""
MAX_BYTES = 2 * 2**30
"""Data are held in memory; more than this are refused."""


def held(samples: Iterable[Feeds], most: int | None) -> tuple[Feeds, ...]:
    """Return the first ``most`` samples, or all of them.

    Raises:
        InputError: more bytes than may be held.
    """
    taken: list[Feeds] = []
    total = 0
    for feeds in samples:
        total += sum(array.nbytes for array in feeds.values())
        if total > MAX_BYTES:
            raise InputError(
                f"calibration data are above {MAX_BYTES:,} bytes; take fewer, for example "
                f"--samples {max(len(taken), 1)}"
            )
        taken.append(feeds)
        if len(taken) == most:
            break
    return tuple(taken)


def split(
    samples: Sequence[Feeds], labels: Ints | None, what: str, random: bool = False
) -> Calibration:
    """Return samples with labels ``(n_samples,)``, a quarter of them held out.

    Sample ``i`` is held out where ``i`` times the golden ratio, and a half, is less than a quarter
    above a whole number: 1, 6, 9, 14 ... from 0 on. Where there are fewer than four, all are used
    for both.
    """
    judging = (np.arange(len(samples)) * GOLDEN + 0.5) % 1 < JUDGING
    if len(samples) < LEAST:
        said = f"{what}; fitted on, too: too few to hold any out"
        return Calibration(tuple(samples), said, labels, None, random)
    parts = []
    for rows, use in ((judging, "held out"), (~judging, "fitted on")):
        chosen = tuple(samples[i] for i in np.flatnonzero(rows).tolist())
        own = None if labels is None else labels[rows]
        parts.append((chosen, f"{what}; {len(chosen)} {use}", own))
    judges = Calibration(*parts[0], None, random)
    return Calibration(*parts[1], judges, random)
