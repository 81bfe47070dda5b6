"""Which clock at which voltage a layer may use under the cap, in prediction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfsrt.governor.view import View


def allowed_points(view: View) -> NDArray[np.bool_]:
    """Return whether each point keeps the cap, ``(n_layers, n_levels, n_set_points)``.

    Where a layer has no such point, its lowest clock at the lowest voltage is allowed and
    nothing else (rule 7): that is the most that can be done for the cap.
    """
    fits = (view.predicted_w <= view.cap_w) & np.isfinite(view.predicted_w)
    fits[~fits.any(axis=(1, 2)), 0, 0] = True
    return fits
