"""Units: measurements that are all so many times too large are in another unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError

SCALES = ((1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds"))
"""What a number in seconds is too large by, if it is in another unit."""
NEAR = 20.0
"""A base's predictions lie within this factor of a board's times; 1,000 is a unit's doing."""


def check_units(seconds: Floats, predicted: Floats, where: Sequence[str]) -> None:
    """Check that measured ``seconds``, ``(n_rows,)``, are not another unit's.

    ``predicted`` is the base's, ``(n_rows,)``; ``where`` says where each row stands.

    Raises:
        InputError: they all are, within a factor of 20, a thousand or more times too large.
    """
    ratios = seconds / predicted
    for scale, unit in SCALES:
        apart = np.abs(np.log(ratios / scale))
        if bool((apart < np.log(NEAR)).all()) and bool((ratios > NEAR).all()):
            raise InputError(
                f"{where[0]}: latency_s is {seconds[0]:g} s where the base takes "
                f"{predicted[0]:.3g} s, and so are all rows, about {scale:g} times as long: they "
                f"look like {unit}; give seconds"
            )
