"""Refusals: fits that no device file is made of, each with what to do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.device import Npu
from dfsrt.study.calibration.changes import MOVED
from dfsrt.study.calibration.observed import Observation
from dfsrt.study.calibration.result import CalibratedNumber
from dfsrt.study.calibration.stage import Done, Stage

_ANOTHER = 3.0
"""Times too slow or too fast that a base is of another size than the board's chip."""


def check_flat(npu: Npu) -> None:
    """Check that a base's memory is its flat numbers, which are what is fitted.

    Raises:
        InputError: it is a part of DRAM.
    """
    if npu.dram is not None:
        raise InputError(
            f"device '{npu.name}' has a part of DRAM ({npu.dram.name}), and calibration fits flat "
            "bandwidth and energy a byte; take [dram] out of its file, and put it into the new one"
        )


def check_alone(stage: Stage, done: Done, observed: Sequence[Observation]) -> None:
    """Check that no row contradicts all others; ``observed`` are those of the stage's rows.

    Raises:
        InputError: one does.
    """
    row = done.alone()
    if row is None:
        return
    o = observed[row]
    factor = float(np.exp(stage.measured[row] - done.left_out[row]))
    times, what = (factor, "large") if factor > 1 else (1 / factor, "small")
    raise InputError(
        f"{o.where}: the {stage.quantity} of {o.label} is {times:.3g} times as {what} as all other "
        "rows say; correct it, or leave it out"
    )


def check_beyond(done: Done) -> None:
    """Check that no number lies at an end of its range where the data ask for more.

    Raises:
        InputError: one does.
    """
    if not done.fit.beyond:
        return
    p = done.fit.beyond[0]
    value = done.fit.values[p.name]
    end = "low" if abs(value - p.low) < abs(value - p.high) else "high"
    whose = "its range in the base" if p.stated else "what it may be"
    raise InputError(
        f"{p.name} comes out at {value:.4g}, the {end} end of {whose} ({p.low:.4g} to "
        f"{p.high:.4g}), and the measurements ask for more; correct the range, keep the base's "
        f"with --hold {p.name}, or take the end with --allow-bounds"
    )


def check_decided(numbers: Sequence[CalibratedNumber], device: str, times: Stage) -> None:
    """Check that the data decide any of the ``numbers`` of ``device``, whose times are a stage's.

    Raises:
        InputError: they do not.
    """
    if any(n.status in MOVED for n in numbers):
        return
    undecided = [n for n in numbers if n.status == "undecided"]
    clearest = sorted(undecided, key=lambda n: not n.why.startswith("the data say"))
    why = "".join(f" ({n.number}: {n.why})" for n in clearest[:1])
    what = "give more networks, of more kinds, or at more clocks"
    apart = float(np.exp(np.mean(times.predict(times.base) - times.measured)))
    if not 1 / _ANOTHER < apart < _ANOTHER:
        slow, factor = ("slow", apart) if apart > 1 else ("fast", 1 / apart)
        what = (
            f"it is {factor:.2g} times too {slow}, which no number of it explains: begin "
            "with a base whose array, memory and clock are as large as the chip's"
        )
    raise InputError(f"the measurements decide no number of {device}{why}; {what}")
