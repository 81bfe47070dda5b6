"""Governors of the memory by name: ours, those of other packages, and those in files."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.base.plugin import PluginKind
from dfsrt.base.units import parse_freq_hz
from dfsrt.governor.memory.clock import FixedClock
from dfsrt.governor.memory.governor import MemoryGovernor

MEMORY_GOVERNORS: PluginKind[MemoryGovernor] = PluginKind(
    noun="memory governor",
    method="choose",
    arguments="view",
    returns="the number of a memory point",
    group="dfsrt.memory_governors",
    own={
        "performance": "dfsrt.governor.memory.performance:MemoryPerformance",
        "powersave": "dfsrt.governor.memory.powersave:MemoryPowersave",
        "dmc_ondemand": "dfsrt.governor.memory.dmc_ondemand:DmcOndemand",
        "bwmon": "dfsrt.governor.memory.bwmon:Bwmon",
        "passive": "dfsrt.governor.memory.passive:Passive",
    },
)


def memory_governor_names() -> tuple[str, ...]:
    """Return the names of all governors of the memory, sorted."""
    return MEMORY_GOVERNORS.names()


def make_memory_governor(source: object) -> MemoryGovernor:
    """Return the governor of the memory that ``source`` names, or is; a clock is one, too.

    Raises:
        InputError: an unknown name, a file that cannot be loaded, an unknown parameter, or a
            value that does not fit.
    """
    if isinstance(source, str) and source.strip()[:1].isdigit():
        return FixedClock(parse_freq_hz(source, "memory clock"))
    if isinstance(source, str) and not source.strip():
        raise InputError(
            "the memory's governor has no name; give a clock like '1560MHz' or one of "
            + ", ".join(memory_governor_names())
        )
    return MEMORY_GOVERNORS.make(source)


def memory_label(source: object) -> str:
    """Return what reports call a governor of the memory: ``make_memory_governor`` reads it back.

    Raises:
        InputError: an object that is no governor of the memory.
    """
    governor = make_memory_governor(source)
    if isinstance(governor, FixedClock):
        return governor.label
    return MEMORY_GOVERNORS.label(governor)
