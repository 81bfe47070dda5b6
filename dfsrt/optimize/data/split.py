"""The split: which samples are fitted on, and which judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.network.samples import Feeds
from dfsrt.optimize.calibration import Calibration

EVERY = 4
"""Every so manieth sample is held out."""
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
    """Return samples with labels ``(n_samples,)``, every fourth one held out.

    Where there are fewer than four, all are used for both.
    """
    last = np.arange(len(samples)) % EVERY == EVERY - 1
    if not last.any():
        return Calibration(tuple(samples), what, labels, None, random)
    parts = []
    for rows, use in ((last, "held out"), (~last, "fitted on")):
        chosen = tuple(samples[i] for i in np.flatnonzero(rows).tolist())
        own = None if labels is None else labels[rows]
        parts.append((chosen, f"{what}; {len(chosen)} {use}", own))
    judges = Calibration(*parts[0], None, random)
    return Calibration(*parts[1], judges, random)
