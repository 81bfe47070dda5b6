"""What may be said of a run beside its load: the fields of a specification, as keywords."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from dfsrt.device.npu import Npu
from dfsrt.network.reading import Branch, InputValue, KvCache, Reading, UnknownOps
from dfsrt.power.model import PowerModel
from dfsrt.run.stop import Stop

if TYPE_CHECKING:
    from dfsrt.cost.mapper import Mapper
    from dfsrt.cost.schedule import Schedule
    from dfsrt.governor.governor import Governor
    from dfsrt.governor.idle import IdleGovernor
    from dfsrt.governor.memory import MemoryGovernor
    from dfsrt.world.setting import Setting


class AsGivenFields(TypedDict, total=False):
    """Fields of ``RunSpec``, load, governor, seed and steps left out; it says what they mean."""

    device: str | Path | Npu | None
    cap: str | float | None
    cap_changes: Mapping[str, str | float]
    cap_domain: str | None
    cap_window: str | float | None
    frames: int | None
    period: str | float | None
    deadline: str | float | None
    until: str | float | Stop | None
    discipline: str | None
    drop: str | None
    loop: str | None
    repeat: int | None
    time_scale: float | None
    power_model: str | Path | PowerModel | None
    precision: str | None
    dims: Mapping[str, int]
    values: Mapping[str, InputValue]
    branch: Branch | None
    trips: Mapping[str, int]
    fuse: bool
    unknown_ops: UnknownOps | None
    kv_cache: KvCache | None
    correct: bool
    confidence: str | float | None
    detail: str | None
    step: str | None
    cycles: str | None
    activity: str | Path | Mapping[str, str | Path] | None
    activity_known: bool
    layer_times: str | Path | Mapping[str, str | Path] | None
    layer_times_at: str | float | None
    mapper: str | Mapper | None
    schedule: str | Schedule | None
    dram: str | None
    prefetch: str | None
    idle: str | IdleGovernor | None
    idle_rail: str | None
    memory: str | MemoryGovernor | None
    blind: bool
    parallel: str | int | None
    prompt: int | None
    tokens: int | None
    ambient: str | float | None
    world: Setting | None
    name: str
    what: str


class SampleFields(AsGivenFields, total=False):
    """Fields of ``RunSpec``, load, governor and seed left out."""

    steps: str | None


class AsGivenRunFields(AsGivenFields, total=False):
    """Fields of ``RunSpec``, load and steps left out."""

    governor: str | Governor | None
    seed: int | None


class JobFields(SampleFields, total=False):
    """Fields of ``RunSpec``, load and governor left out."""

    seed: int | None


class GovernedFields(SampleFields, total=False):
    """Fields of ``RunSpec``, load and seed left out."""

    governor: str | Governor | None


class RunFields(GovernedFields, JobFields, total=False):
    """Fields of ``RunSpec``, the load left out."""


def said_of(reading: Reading) -> RunFields:
    """Return the fields that say how networks are read, those left out that nobody has to say."""
    said: RunFields = {}
    if reading.dims:
        said["dims"] = reading.dims
    if reading.values:
        said["values"] = reading.values
    if reading.branch != "larger":
        said["branch"] = reading.branch
    if reading.trips:
        said["trips"] = reading.trips
    if not reading.strict:
        said["unknown_ops"] = reading.unknown_ops
    if reading.kv_cache != "append":
        said["kv_cache"] = reading.kv_cache
    if not reading.fuse:
        said["fuse"] = False
    if reading.steps:
        said["steps"] = reading.steps
    return said
