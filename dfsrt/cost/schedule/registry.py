"""Schedules by name: ours, those of other packages, and those in files of one's own."""

from __future__ import annotations

from dfsrt.base.plugin import PluginKind
from dfsrt.cost.schedule.schedule import Schedule

SCHEDULES: PluginKind[Schedule] = PluginKind(
    noun="schedule",
    method="plan",
    arguments="work",
    returns="a dfsrt.cost.schedule.MemoryPlan",
    group="dfsrt.schedules",
    own={
        "layerwise": "dfsrt.cost.schedule.layerwise:Layerwise",
        "adaptive": "dfsrt.cost.schedule.adaptive:Adaptive",
        "best": "dfsrt.cost.schedule.best:Best",
        "depth-first": "dfsrt.cost.schedule.depth_first:DepthFirst",
        "resident": "dfsrt.cost.schedule.resident:Resident",
    },
)


def schedule_names() -> tuple[str, ...]:
    """Return the names of all schedules, sorted."""
    return SCHEDULES.names()


def make_schedule(source: object) -> Schedule:
    """Return the schedule that ``source`` names, or is.

    Raises:
        InputError: an unknown name, a file that cannot be loaded, a parameter that does not fit, or
            an object that is no schedule.
    """
    return SCHEDULES.make(source)


def schedule_label(source: object) -> str:
    """Return what reports call a schedule: ``make_schedule`` reads it back.

    Raises:
        InputError: an object that is no schedule.
    """
    return SCHEDULES.label(make_schedule(source))
