"""What was found for views a moment ago."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np

from dfsrt.governor.joint import joint_view
from dfsrt.governor.optimum.aim import standby
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.tradeoff import Tradeoff
from dfsrt.governor.view import View

MOST_RECENT = 4
_RECENT: dict[bytes, Tradeoff] = {}


def tradeoff_of(
    view: View, tolerance: float = 0.0, budget: Budget | None = None, exact_time: bool = True
) -> Tradeoff:
    """Return a view's best frames; what was found for the same view a moment ago is kept.

    The ``budget`` is for what is asked for from now on. Without ``exact_time`` the tolerance is
    for the least time, too.
    """
    key = digest_of(view)
    known = _RECENT.pop(key, None)
    if known is None:
        known = Tradeoff(view, tolerance, budget)
    known.ask(tolerance, budget or Budget(), exact_time)
    _RECENT[key] = known
    while len(_RECENT) > MOST_RECENT:
        del _RECENT[next(iter(_RECENT))]
    return known


def recent(view: View) -> Tradeoff | None:
    """Return what was found for a view a moment ago."""
    return _RECENT.get(digest_of(view))


def digest_of(view: View) -> bytes:
    """Return a key of all that a view's best frames depend on."""
    digest, view = hashlib.blake2b(), joint_view(view)
    for field in fields(view):
        value = getattr(view, field.name)
        if field.name in ("level", "rail_uv", "telemetry", "now_ns", "queue"):
            continue  # frames that repeat do not depend on where a run stands
        if field.name == "memory" and value is not None:
            # The joint view's own arrays are those of all points.
            value = (standby(view), *((value.stall_ns, value.delay_ns) if view.joint else ()))
        if field.name == "npu_predicted_w" and np.isinf(view.npu_limit_w):
            continue  # nobody asks
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.digest()
