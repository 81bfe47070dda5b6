"""Budgets: what an NPU may draw for a target, and which component to cut first."""

from dfsrt.study.budget.budget import find_budget
from dfsrt.study.budget.schema import BudgetReport
from dfsrt.study.budget.target import Target, parse_targets

__all__ = ["BudgetReport", "Target", "find_budget", "parse_targets"]
