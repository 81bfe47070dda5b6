"""The physics inside a published power table: C·f·V² plus a constant, one row per point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.device import rules

MIN_POINTS = 3
"""Two parameters always meet two points, so that fewer than three would show no error."""

Column = Sequence[float] | Floats


@dataclass(frozen=True, slots=True)
class OppFit:
    """The effective capacitance and static power of a table, and how far its points lie off.

    ``mape`` is the mean of absolute relative errors, a fraction; ``worst_w`` the largest
    absolute error of a point.

    Limits: the static part is one number at all voltages, and power is that of one temperature
    and one load, the table's own.
    """

    farad: float
    static_w: float
    mape: float
    worst_w: float

    def predict_w(self, freq_hz: rules.Number, volt: rules.Number) -> rules.Number:
        """Return the fitted power at a clock and a voltage; arrays broadcast."""
        return _power_w(self.farad, self.static_w, freq_hz, volt)


def fit_opp_table(freqs_hz: Column, volts: Column, watts: Column, *, static: bool = True) -> OppFit:
    """Return the C·f·V² + static that meets the table with least squared error in watts.

    Neither part is ever negative. With ``static=False`` the constant is left out, which shows
    how much it buys. Raises InputError for a table that no such fit can be made from.

    Source: kernel drivers tabulate power in these two forms, MediaTek's ``mdla_dvfs.c`` without
    the constant and ``apu_power_table.c`` with it.
    """
    freq_hz, volt, watt = _checked(freqs_hz, volts, watts)
    per_farad = _power_w(1.0, 0.0, freq_hz, volt)
    if static and np.ptp(per_farad) == 0.0:
        raise InputError(
            "all points have the same f·V², so C and the static part cannot be told apart; "
            "give points that differ or fit with static=False"
        )
    farad, static_w = _least_squares(per_farad, watt, static)
    error_w = np.abs(_power_w(farad, static_w, freq_hz, volt) - watt)
    return OppFit(farad, static_w, float(np.mean(error_w / watt)), float(error_w.max()))


def _power_w(
    farad: float, static_w: float, freq_hz: rules.Number, volt: rules.Number
) -> rules.Number:
    """C·f·V² + static, by rule 5."""
    return rules.dynamic_w(0.0, farad, freq_hz) * volt**2 + static_w


def _least_squares(per_farad: Floats, watts: Floats, static: bool) -> tuple[float, float]:
    """Farad and static watts, neither negative.

    Columns are scaled to about 1, so that farads and watts weigh alike in its stopping rule.
    """
    from scipy.optimize import nnls

    x_scale, w_scale = per_farad.max(), watts.max()
    columns = np.stack((per_farad / x_scale, np.full(len(watts), float(static))), axis=1)
    farad, static_w = nnls(columns, watts / w_scale)[0] * w_scale
    return float(farad / x_scale), float(static_w)


def _checked(*columns: Column) -> tuple[Floats, ...]:
    """Return the table's columns as arrays, or say what is wrong with them."""
    arrays = tuple(np.asarray(c, dtype=np.float64) for c in columns)
    shapes = {a.shape for a in arrays}
    if len(shapes) > 1 or arrays[0].ndim != 1:
        raise InputError(
            f"clocks, voltages and powers have shapes {[a.shape for a in arrays]}; "
            "give three lists of one length"
        )
    if arrays[0].size < MIN_POINTS:
        raise InputError(f"a table of {arrays[0].size} points; give at least {MIN_POINTS}")
    for name, array in zip(("clock", "voltage", "power"), arrays, strict=True):
        bad = array[~(np.isfinite(array) & (array > 0))]
        if bad.size:
            raise InputError(f"{name} {bad[0]} in the table; give finite values above 0")
    return arrays
