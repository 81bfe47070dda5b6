"""A run's specification: everything that the command line, Python, TOML and studies fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dfsrt.base import defaults
from dfsrt.cost.mapper import Mapper
from dfsrt.cost.schedule import Schedule
from dfsrt.device.npu import Npu
from dfsrt.governor.governor import Governor
from dfsrt.governor.idle import IdleGovernor
from dfsrt.governor.memory import MemoryGovernor
from dfsrt.network.reading import Branch, InputValue, KvCache, Reading, UnknownOps, reading_of
from dfsrt.power.model import PowerModel
from dfsrt.run.fields import RunFields
from dfsrt.run.stop import Stop

if TYPE_CHECKING:
    from dfsrt.world.setting import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """A load on a device under a cap and a governor, until a stop, with or without a world.

    None is what nobody said: a scenario's own value, else the default of ``dfsrt.base.defaults``.

    ``load`` is a network, a pipeline, a trace or a scenario: a name, a file, or the object.
    ``cap`` is watts, a text like ``"800 mW"``, or ``"none"``; None means the load's or the
    device's own cap. ``cap_changes`` maps times to later limits. ``frames`` come back to back, or
    one every ``period``; ``deadline`` is what each is allowed. A trace runs ``repeat`` times, its
    times multiplied by ``time_scale``, open or in a ``closed`` ``loop``; ``discipline`` is
    ``fifo``, ``priority``, ``edf`` or ``rm``, ``drop`` is ``none``, ``late``, ``newest=N`` or
    ``oldest=N``. ``until`` ends the run at a time or after ``"N requests"``; with a battery also
    ``"empty"``. ``seed`` picks the plant's hidden activity. ``correct`` lets a meter's readings
    correct the predictions from request to request. With ``confidence``, like ``"99%"``, governors
    plan with the power model's upper bound. ``detail`` is what is held: each ``layer`` execution,
    each ``request``, or the ``summary``. ``step`` is the engine: plain Python (``layer``), machine
    code (``kernel``), or ``auto``, machine code where it pays; their results are the same.
    ``cycles`` takes array cycles from another tool's report, as ``scalesim:FILE`` or ``rknn:FILE``.
    ``activity`` is a file of measured zeros, or one for each network by its name: the plant has
    what it says in place of hidden activity, and with ``activity_known`` the power model, too.
    ``layer_times`` takes layers' times from what was measured, as ``capture:FOLDER``, or from a
    source for each network by its name; they hold at the clock ``layer_times_at`` of the device,
    else at the one that a source states, else at the highest.
    How networks are read is said by ``dims``, ``values``, ``branch``, ``trips``, ``fuse``,
    ``unknown_ops`` and ``kv_cache``, as in ``Reading``. ``steps`` make them smaller, as in
    ``"int8,prune:nm=2of4"``: their sizes alone, for no value is looked at.
    ``mapper`` tiles layers, ``schedule`` says which maps stay on chip, in place of what the device
    does by itself; each is a name with options, ``file.py:Class`` or an object. ``dram`` is the
    DRAM beside it, like ``"lpddr4-3200:channels=2"``, ``prefetch`` what is fetched for the next
    layer while one runs.
    ``idle`` is who puts an idle NPU to sleep, like ``"timeout=50ms"``, and ``idle_rail`` where its
    rail stands meanwhile: ``hold`` or ``lowest``.
    ``memory`` is the memory's clock, like ``"1560MHz"``, or who sets it, like ``"dmc_ondemand"``;
    a ``blind`` governor of the core plans as if the memory ran at its highest. ``parallel`` is how
    many requests run at once on cores of their own, or which cores each network has, as in
    ``"resnet50=0,yolov8n=1_2"``. A language model reads a ``prompt`` of so many tokens and writes
    ``tokens``.
    ``ambient`` is the air of a scenario, ``world`` the surroundings themselves; ``name`` and
    ``what`` are what a report calls it.
    """

    load: object = ""
    device: str | Path | Npu | None = None
    governor: str | Governor | None = None
    cap: str | float | None = None
    cap_changes: Mapping[str, str | float] = field(default_factory=dict)
    cap_domain: str | None = None
    cap_window: str | float | None = None
    frames: int | None = None
    period: str | float | None = None
    deadline: str | float | None = None
    until: str | float | Stop | None = None
    discipline: str | None = None
    drop: str | None = None
    loop: str | None = None
    repeat: int | None = None
    time_scale: float | None = None
    power_model: str | Path | PowerModel | None = None
    precision: str | None = None
    dims: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, InputValue] = field(default_factory=dict)
    branch: Branch | None = None
    trips: Mapping[str, int] = field(default_factory=dict)
    fuse: bool = True
    unknown_ops: UnknownOps | None = None
    kv_cache: KvCache | None = None
    steps: str | None = None
    seed: int | None = None
    correct: bool = False
    confidence: str | float | None = None
    detail: str | None = None
    step: str | None = None
    cycles: str | None = None
    activity: str | Path | Mapping[str, str | Path] | None = None
    activity_known: bool = False
    layer_times: str | Path | Mapping[str, str | Path] | None = None
    layer_times_at: str | float | None = None
    mapper: str | Mapper | None = None
    schedule: str | Schedule | None = None
    dram: str | None = None
    prefetch: str | None = None
    ambient: str | float | None = None
    world: Setting | None = None
    idle: str | IdleGovernor | None = None
    idle_rail: str | None = None
    memory: str | MemoryGovernor | None = None
    blind: bool = False
    parallel: str | int | None = None
    prompt: int | None = None
    tokens: int | None = None
    name: str = ""
    what: str = ""

    @property
    def reading(self) -> Reading:
        """How the load's networks are read."""
        reading = reading_of(
            dims=self.dims,
            values=self.values,
            branch=self.branch,
            trips=self.trips,
            unknown_ops=self.unknown_ops,
            kv_cache=self.kv_cache,
            fuse=self.fuse,
        )
        return replace(reading, steps=self.steps or "")

    def said(self) -> RunFields:
        """Return the fields that differ from what nobody said, ``load`` left out."""
        nobody = RunSpec()
        said = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.name != "load" and getattr(self, f.name) != getattr(nobody, f.name)
        }
        return cast(RunFields, said)

    def over(self, scenario: RunSpec) -> RunSpec:
        """Return ``scenario`` with what is said here in place of its own.

        A cap takes the place of the scenario's changes of it, too.
        """
        said = self.said()
        if "cap" in said:
            said.setdefault("cap_changes", {})
        return replace(scenario, **said)

    def with_defaults(self) -> RunSpec:
        """Return the specification with defaults where nobody said anything."""
        unsaid = {n: v for n, v in _DEFAULTS.items() if getattr(self, n) in (None, "")}
        return replace(self, **cast(RunFields, unsaid))


_DEFAULTS: RunFields = {
    "device": defaults.DEVICE,
    "governor": defaults.GOVERNOR,
    "cap_domain": defaults.CAP_DOMAIN,
    "cap_window": 0,
    "drop": "none",
    "loop": "open",
    "repeat": 1,
    "time_scale": 1.0,
    "power_model": defaults.POWER_MODEL,
    "precision": defaults.PRECISION,
    "unknown_ops": "error",
    "seed": 0,
    "step": "auto",
}
