"""Predicted watts while the rail moves: those of the voltage that it really has (rule 3)."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.device.ramp_shares import shares_of_time
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View
from dfsrt.governor.walk import Walk

ROUNDING = 1e-9
"""A mean over a ramp is worked out in floats: so much above a limit is not above it."""


def mean_w(predicted_w: Floats, layer: Ints, level: Ints, shares: Floats) -> Floats:
    """Return the mean of ``predicted_w`` over time for runs with ``shares`` of set points.

    ``predicted_w`` is ``(n_layers, n_levels, n_set_points)``, ``shares`` ``(n, n_set_points)``
    of ``shares_of_time``, the rest ``(n,)``. A set point without a share may be barred.
    """
    watts = predicted_w[layer, level]
    return np.asarray((np.where(shares > 0, watts, 0.0) * shares).sum(axis=1))


def beyond_reach(view: View) -> Mask:
    """Return which layers have no point that keeps cap and limit, ``(n_layers,)``."""
    return np.asarray(~view.fits().any(axis=(1, 2)))


def limits_w(view: View, out_of_reach: Mask) -> tuple[Floats, Floats]:
    """Return what each layer may draw, ``(n_layers,)``: in the capped domain, and the NPU alone.

    Where a layer is ``out_of_reach``, ``(n_layers,)``, it is what its lowest clock draws at the
    lowest voltage (rule 7): that is the most that can be done for it.
    """
    npu_w = view.npu_w
    return (
        np.where(out_of_reach, np.maximum(view.cap_w, view.predicted_w[:, 0, 0]), view.cap_w),
        np.where(out_of_reach, np.maximum(view.npu_limit_w, npu_w[:, 0, 0]), view.npu_limit_w),
    )


def over_limit(view: View, layer: Ints, level: Ints, shares: Floats) -> Mask:
    """Return which runs draw more than they may, ``(n,)``; arguments as of ``mean_w``.

    A layer that is out of the cap's reach may run at its lowest clock only.
    """
    out_of_reach = beyond_reach(view)
    cap_w, npu_limit_w = limits_w(view, out_of_reach)
    over = out_of_reach[layer] & (level > 0)
    over |= mean_w(view.predicted_w, layer, level, shares) > cap_w[layer] * (1 + ROUNDING)
    if np.isfinite(npu_limit_w).any():
        over |= mean_w(view.npu_w, layer, level, shares) > npu_limit_w[layer] * (1 + ROUNDING)
    return np.asarray(over)


def breaks_at_rest(view: View, first: Plan) -> bool:
    """Return whether a run's first layer draws too much at rest at the voltage it asks for."""
    shares = (view.set_points_uv == np.asarray(first.rail_uv)[0]).astype(np.float64)[None, :]
    level = np.asarray(first.level)[:1]
    return bool(over_limit(view, np.zeros(1, dtype=np.int64), level, shares)[0])


def running_shares(view: View, walk: Walk) -> Floats:
    """Return the shares of set points while each run of a walk runs, ``(n, n_set_points)``."""
    return shares_of_time(walk.start_ns, walk.end_ns, walk.moves, view.set_points_uv)


def stalled_shares(view: View, walk: Walk) -> Floats:
    """Return the shares of set points while it stalls, ``(n, n_set_points)``."""
    return shares_of_time(walk.begin_ns, walk.start_ns, walk.moves, view.set_points_uv)
