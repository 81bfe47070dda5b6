"""Which clock at which voltage a layer may use under the cap, in prediction."""

from __future__ import annotations

from dfsrt.base.arrays import Mask
from dfsrt.governor.view import View


def allowed_points(view: View) -> Mask:
    """Return whether each point keeps cap and limit, ``(n_layers, n_levels, n_set_points)``.

    Where a layer has no such point, its lowest clock at the lowest voltage is allowed and
    nothing else (rule 7): that is the most that can be done for them.
    """
    fits = view.fits()
    fits[~fits.any(axis=(1, 2)), 0, 0] = True
    return fits
