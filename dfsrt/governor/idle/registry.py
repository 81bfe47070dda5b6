"""Idle governors by name: ours, those of other packages, and those in files of one's own."""

from __future__ import annotations

from dfsrt.base.plugin import PluginKind
from dfsrt.governor.idle.governor import IdleGovernor

IDLE_GOVERNORS: PluginKind[IdleGovernor] = PluginKind(
    noun="idle governor",
    method="choose",
    arguments="view",
    returns="a dfsrt.Sleep",
    group="dfsrt.idle_governors",
    own={
        "none": "dfsrt.governor.idle.none:StayUp",
        "timeout": "dfsrt.governor.idle.timeout:Timeout",
    },
)


def make_idle_governor(source: object) -> IdleGovernor:
    """Return the idle governor that ``source`` names, as in ``timeout:after=50ms``, or is.

    Raises:
        InputError: an unknown name, a file that cannot be loaded, an unknown parameter, or a
            value that does not fit.
    """
    return IDLE_GOVERNORS.make(source)
