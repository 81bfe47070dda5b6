"""Schedules: which maps of a network stay on chip."""

from dfsrt.cost.schedule.registry import make_schedule, schedule_label, schedule_names
from dfsrt.cost.schedule.schedule import LayerPlan, MemoryPlan, Schedule
from dfsrt.cost.schedule.work import MemoryWork

__all__ = [
    "LayerPlan",
    "MemoryPlan",
    "MemoryWork",
    "Schedule",
    "make_schedule",
    "schedule_label",
    "schedule_names",
]
