"""Depth first: groups of layers run row by row, so that maps between them need not leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.schedule.grouped import Grouped, grouped_plan
from dfsrt.cost.schedule.schedule import MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork
