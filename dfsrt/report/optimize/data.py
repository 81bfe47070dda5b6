"""What a chain of steps is calibrated and judged on."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from dfsrt.base.errors import InputError
from dfsrt.optimize import Calibration
from dfsrt.report.optimize.source import Given

Data: TypeAlias = "str | Path | Calibration | None"
"""A folder, a file, ``random``, or what is in memory."""
RANDOM = "random"
"""What takes the place of data that nobody gave."""


def calibration_of(given: Given, data: Data, samples: int | None, seed: int) -> Calibration | None:
    """Return the data of a model; None of sizes alone, which has no use for any.

    Raises:
        InputError: data that do not fit, or data for sizes alone.
    """
    if given.model is None:
        if data is not None or samples is not None:
            raise InputError(
                f"'{given.name}' has sizes alone: no data can run through it; leave out --data and "
                "--samples"
            )
        return None
    if isinstance(data, Calibration):
        return data if samples is None else data.first(samples)
    from dfsrt.optimize.data import data_of, load_calibration

    named = data_of(given.name) or RANDOM if data is None else str(data)
    return load_calibration(named, given.model, samples, seed)
