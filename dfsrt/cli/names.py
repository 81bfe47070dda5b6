"""Names that a shell completes: worked out once, then kept, so that a TAB takes no time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from pkgutil import resolve_name

NAMES = {
    "network": "dfsrt.network.zoo:network_names dfsrt.network.built:built_names "
    "dfsrt.network.llm:llm_names",
    "pipeline": "dfsrt.network.pipeline:pipeline_names",
    "trace": "dfsrt.trace.load:trace_names",
    "scenario": "dfsrt.run.scenario_load:scenario_names",
    "device": "dfsrt.device.load:device_names",
    "dram": "dfsrt.device.dram:dram_names",
    "governor": "dfsrt.governor.registry:governor_names",
    "idle": "dfsrt.governor.idle:idle_governor_names",
    "memory": "dfsrt.governor.memory:memory_governor_names",
    "mapper": "dfsrt.cost.mapper.registry:mapper_names",
    "schedule": "dfsrt.cost.schedule.registry:schedule_names",
    "transform": "dfsrt.optimize.registry:transform_names",
    "model": "dfsrt.power.models:model_names",
}
"""The functions that know the names of each kind."""
_MOST_BYTES = 100_000


def completed(*kinds: str) -> Callable[[str], list[str]]:
    """Return what completes a name of any of ``kinds``, or the last of several with commas."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        names = sorted({name for kind in kinds for name in names_of(kind)})
        return [before + comma + name for name in beginning(names, last)]

    return complete


def beginning(names: Iterable[str], incomplete: str) -> list[str]:
    """Return those of ``names`` that begin with what is typed."""
    return [name for name in names if name.startswith(incomplete)]


def names_of(kind: str) -> list[str]:
    """Return the names of a kind: those kept for this installation, else those there are.

    Limits: a file added to a shelf of the package itself, with no package installed and no source
    changed, is not noticed.
    """
    from dfsrt.base.keep import Keep

    keep, key = Keep("names", _MOST_BYTES), (kind, *_installed())
    kept = keep.get(*key)
    if kept is not None:
        return kept.decode().split("\n")
    functions = (resolve_name(place) for place in NAMES[kind].split())
    names = [name for function in functions for name in function()]
    keep.put(*key, value="\n".join(names).encode())
    return names


def _installed() -> list[str]:
    """What changes when a package is installed or removed: it may bring names.

    A working folder, which changes all the time, is none of these.
    """
    stamps = []
    for place in sys.path:
        with suppress(OSError):
            if not place or Path(place).samefile("."):
                continue
            stamps.append(f"{place} {Path(place).stat().st_mtime_ns}")
    return stamps
