"""What operands, places and policies are called, and their colours."""

from __future__ import annotations

from dfsrt.cost.schedule.schedule import BUFFER, ROWS, SYSTEM_SRAM
from dfsrt.report.look import COLOURS
from dfsrt.report.memory.layers import DRAM
from dfsrt.report.memory.parts import OPERANDS
from dfsrt.report.memory.policies import LAYERWISE
from dfsrt.report.page.style import si_axis

NAMES = {
    "input": "inputs",
    "weight": "weights",
    "output": "results",
    "residual": "residuals",
    "constants": "constants",
}
"""What operands are called."""
SHADES = dict(zip(OPERANDS, (*COLOURS[:3], COLOURS[4], COLOURS[7]), strict=True))
"""The colour of each operand."""


_WHERE = {
    BUFFER: "in the buffer",
    SYSTEM_SRAM: "in system SRAM",
    ROWS: "by rows",
    DRAM: "in DRAM",
}


def where(place: str) -> str:
    """Return where maps lie, in words."""
    return _WHERE.get(place, f"in {place}")


def policy_name(mapper: str, schedule: str) -> str:
    """Return what a legend calls a policy: the mapper where layers are by themselves."""
    return mapper if schedule == LAYERWISE else f"{schedule} ({mapper})"


def bytes_axis(title: str) -> dict[str, object]:
    """Return an axis of bytes from zero on, wide enough for its marks."""
    return si_axis(title, "B", rangemode="tozero", automargin=True)
