"""Schedules: which maps of a network stay on chip."""

from dfsrt.cost.schedule.check import check_plan
from dfsrt.cost.schedule.kept import kept_plan
from dfsrt.cost.schedule.lifetimes import Map, maps_of
from dfsrt.cost.schedule.registry import make_schedule, schedule_label, schedule_names
from dfsrt.cost.schedule.schedule import LayerPlan, MemoryPlan, Schedule
from dfsrt.cost.schedule.work import MemoryWork

__all__ = [
    "LayerPlan",
    "Map",
    "MemoryPlan",
    "MemoryWork",
    "Schedule",
    "check_plan",
    "kept_plan",
    "make_schedule",
    "maps_of",
    "schedule_label",
    "schedule_names",
]
