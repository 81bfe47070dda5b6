"""Rows of a run as columns: layer runs, and requests."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Values
from dfsrt.power.components import COMPONENTS
from dfsrt.report.phases import phase_names, sleeping_uv
from dfsrt.run.ended import Ended
from dfsrt.run.job import Job
from dfsrt.run.log import HeldBy, RunLog
from dfsrt.run.source import NETWORK
from dfsrt.run.status import Status
from dfsrt.run.stream import columns as asked


def layer_columns(log: RunLog) -> dict[str, Values]:
    """Return the log's columns by name, ``(n_rows,)`` each; idle rows have layer -1.

    Their ``phase`` is ``clock-gate``, an idle state, or the way into it or out of it; layers have
    none. ``level`` numbers the core's operating points; ``memory_hz`` is the memory's point, 0 on a
    device that says none. Where cores worked in parallel ``core`` is each row's mask, and a layer
    in which the clock changed has a row for each part.
    """
    levels = log.table.levels
    names = np.array([*log.table.load.names, "idle"])
    phases = np.array([*phase_names(log.table.npu.idle), ""])
    energies = {f"{name}_j": log.energy_j[:, i] for i, name in enumerate(COMPONENTS)}
    cores = {"core": np.array(log.cores)[log.lane]} if log.cores else {}
    return {
        **cores,
        "frame": log.frame.astype(np.int32),
        "layer": log.layer.astype(np.int32),
        "name": names[log.layer],
        "phase": phases[np.where(log.ran, -1, log.phase)],
        "start_ns": log.start_ns,
        "end_ns": log.end_ns,
        "stall_ns": log.stall_ns,
        "level": levels.core[log.level].astype(np.int16),
        "freq_hz": log.freq_hz,
        "memory_hz": levels.memory_hz[levels.memory[log.level]],
        "rail_uv": sleeping_uv(log).astype(np.int32),
        "cap_w": log.cap_w,
        "predicted_w": log.predicted_w,
        "power_w": log.power_w,
        "energy_j": log.domain_energy_j(),
        **energies,
        "held_by": np.array([h.name.lower() for h in HeldBy])[log.held_by],
        "cap_unreachable": log.cap_unreachable,
    }


def request_columns(job: Job, ended: Ended) -> dict[str, Values]:
    """Return requests' columns by name, ``(n_requests,)`` each; -1 ns is never.

    Only what was done has a latency: a dropped request left, but was not served. ``wake_ns`` is
    how much of it a sleeping NPU has added; of requests that come together it is the first one's.
    """
    names = workload_names(job)
    told = asked(job.load, ended.number, names)
    done = ended.status == Status.DONE
    return {
        "request": ended.number,
        "workload": told["workload"],
        "session": told["session"],
        "priority": told["priority"],
        "arrival_ns": ended.arrival_ns,
        "start_ns": ended.admit_ns,
        "finish_ns": ended.finish_ns,
        "latency_ns": np.where(done, ended.finish_ns - ended.arrival_ns, -1),
        "wake_ns": ended.wake_ns,
        "deadline_ns": ended.deadline_ns,
        "status": np.array([s.name.lower() for s in Status])[ended.status],
    }


def workload_names(job: Job) -> list[str]:
    """Return what requests ask for, by the workload's number."""
    if job.kind == NETWORK:
        return [job.table.network]
    return [pipeline.name for pipeline in job.mix.pipelines]
