"""One load side by side: under several governors, on several devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Unpack

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there
from dfsrt.device import Npu
from dfsrt.governor import Governor
from dfsrt.governor.idle import IdleGovernor
from dfsrt.report.api import Job
from dfsrt.report.result import Comparison
from dfsrt.run.fields import JobFields
from dfsrt.run.source import Runnable

Device = str | Path | Npu


def compare(
    load: Runnable,
    governors: str | Governor | Iterable[str | Governor] | None = None,
    *,
    idles: str | IdleGovernor | Iterable[str | IdleGovernor] | None = None,
    devices: str | Device | Iterable[Device] | None = None,
    **fields: Unpack[JobFields],
) -> Comparison:
    """Run ``load`` under each of ``governors``, and with each of ``idles``, as in ``Job.compare``.

    On each of ``devices``, if they are named, under one governor where none is. Their names may
    stand in one text with commas between them. A cap that is given holds for all, else each device
    has its own. Other keywords are the fields of ``RunSpec``.

    Raises:
        InputError: as in ``Job.compare``; a device twice, or one that cannot run the load.
    """
    if devices is not None:
        if "device" in fields:
            raise InputError("both 'device' and 'devices' are given; leave one out")

        def job_on(device: Device) -> Job:
            each = fields.copy()
            each["device"] = device
            return Job(load, **each)

        return compare_on(open_jobs(device_list(devices), job_on), governors, idles=idles)
    return Job(load, **fields).compare(governors, idles=idles)


def device_list(devices: str | Device | Iterable[Device]) -> dict[str, Device]:
    """Return devices by what they are called; one text may hold several, with commas between them.

    A file of that very name is one device, whatever its name holds. Files are called by their
    names, with their folders only where two would be called alike.

    Raises:
        InputError: no device, an empty name, or a device twice.
    """
    if isinstance(devices, str):
        lone = "," not in devices or is_there(Path(devices), Path.is_file)
        devices = [devices] if lone else [name.strip() for name in devices.split(",")]
    each = [devices] if isinstance(devices, Path | Npu) else list(devices)
    names = [one.name if isinstance(one, Npu) else str(one) for one in each]
    _check_names(names)
    short = [_without_folder(name) for name in names]
    return dict(zip(short if len(set(short)) == len(short) else names, each, strict=True))


def _without_folder(text: str) -> str:
    """A device's text, of a file its name alone: the folder tells no device from another."""
    file, colon, options = text.partition(":")
    return f"{Path(file).name}{colon}{options}"


def _check_names(names: list[str]) -> None:
    like = "write them like 'rk3588-npu,systolic-128'"
    if not names:
        raise InputError(f"no device given; {like}")
    if not all(names):
        raise InputError(f"an empty name among devices '{','.join(names)}'; {like}")
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice is not None:
        raise InputError(f"device '{twice}' is named twice; name each device once")


def open_jobs(devices: Mapping[str, Device], job_on: Callable[[Device], Job]) -> dict[str, Job]:
    """Return the job on each device, its layer table worked out: all can run before one does.

    Raises:
        InputError: a device that is none, or that cannot run the load.
    """
    return {name: _opened(name, device, job_on) for name, device in devices.items()}


def _opened(name: str, device: Device, job_on: Callable[[Device], Job]) -> Job:
    try:
        job = job_on(device)
        _ = job.table, job.power_cap, job.job.checked()
    except InputError as error:
        said = str(error)
        raise error if name in said else type(error)(f"on {name}: {said}") from error
    return job


def compare_on(
    jobs: Mapping[str, Job],
    governors: str | Governor | Iterable[str | Governor] | None = None,
    on_done: Callable[[int, int], None] | None = None,
    bound: bool = False,
    idles: str | IdleGovernor | Iterable[str | IdleGovernor] | None = None,
) -> Comparison:
    """Run one load on each of several devices, as ``Job.compare`` does on one.

    Regret and energy bound are of each device. Where no governor is named, the jobs' own runs.

    Raises:
        InputError: as ``Job.compare``.
    """
    first = next(iter(jobs.values()))
    chosen = first.governors_beside(idles=()) if governors is None else governors
    done: dict[str, Comparison] = {}
    for name, job in jobs.items():
        before = sum(len(one.runs) for one in done.values())
        done[name] = job.compare(chosen, _after(before, on_done), bound, idles)
    return _joined(done)


def _after(
    before: int, on_done: Callable[[int, int], None] | None
) -> Callable[[int, int], None] | None:
    """What is told of runs that come after so many."""
    return None if on_done is None else lambda run, left: on_done(before + run, left)


def _joined(each: Mapping[str, Comparison]) -> Comparison:
    """Comparisons of several devices as one, device by device."""
    first = next(iter(each.values())).report
    reports = [one.report for one in each.values()]
    joined = msgspec.structs.replace(
        first,
        device=", ".join(each),
        runs=[run for report in reports for run in report.runs],
        devices=[name for name, one in each.items() for _ in one.runs],
        no_bound=next((report.no_bound for report in reports if report.no_bound), None),
    )
    return Comparison(joined, tuple(run for one in each.values() for run in one.runs))
