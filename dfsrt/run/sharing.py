"""What runs share: which fields of a specification leave its deployment as it is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields

from dfsrt.run.deployment import Deployment
from dfsrt.run.job import Job, job_of
from dfsrt.run.parts import Parts
from dfsrt.run.source import PIPELINE
from dfsrt.run.spec import RunSpec

OF_THE_RUN = frozenset(
    (
        *("governor", "cap", "cap_changes", "cap_domain", "cap_window"),
        *("frames", "period", "deadline", "until", "drop", "loop", "repeat", "time_scale"),
        *("idle", "idle_rail", "ambient", "detail", "step", "name", "what"),
    )
)
"""Fields that no device, power model or layer table is worked out from."""


def deployment_key(spec: RunSpec) -> Hashable:
    """Return what is equal for specifications that can share a deployment.

    Objects count as themselves, not by their values: the key holds while they live.
    """
    names = (f.name for f in fields(spec) if f.name not in OF_THE_RUN)
    return tuple((name, _token(getattr(spec, name))) for name in names)


OF_THE_DEVICE = frozenset(
    ("load", "mapper", "schedule", "dram", "prefetch", "memory", "blind", "world")
)
"""Fields that matter to a network's table by the device that comes of them alone."""


def part_key(job: Job) -> Hashable:
    """Return what is equal for jobs whose networks have the same tables on the same device."""
    left_out = OF_THE_RUN | OF_THE_DEVICE
    names = (f.name for f in fields(job.spec) if f.name not in left_out)
    said = tuple((name, _token(getattr(job.spec, name))) for name in names)
    return job.deployment.source.kind, said


def _token(value: object) -> Hashable:
    if value is None or isinstance(value, str | int | float):
        return type(value), value
    if isinstance(value, Mapping):
        return tuple(sorted((str(name), _token(each)) for name, each in value.items()))
    return id(value)


class SharedDeployments:
    """Jobs of specifications, those that can sharing a deployment; the last ``most`` are held.

    Pipelines that differ share the networks that they have in common.
    """

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._kept: dict[Hashable, tuple[RunSpec, Deployment]] = {}
        self._parts = Parts()

    def job(self, spec: RunSpec) -> Job:
        """Return the job of ``spec``, its layer table worked out.

        Raises:
            InputError: a load that nobody knows, or a value that cannot be used.
        """
        key = deployment_key(spec)
        kept = self._kept.pop(key, None)
        job = job_of(spec)
        if kept is not None:
            job = Job(job.spec, job.kind, kept[1], job.scenario)
        elif job.deployment.source.kind == PIPELINE and isinstance(job.spec.device, str):
            job.deployment.share(self._parts, part_key(job))
        _ = job.table
        # The specification is held, too, so that no other object takes the place of one of its own.
        self._kept[key] = kept or (spec, job.deployment)
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return job
