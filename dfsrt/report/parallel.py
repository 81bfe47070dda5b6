"""Cores in parallel, in a report: what each did, and what they had of the memory together."""

from __future__ import annotations

import math

import numpy as np

from dfsrt.report.cap import finite
from dfsrt.report.energy import ratio
from dfsrt.report.schema import LaneReport, ParallelReport
from dfsrt.run.lanes import ONE, LaneBook
from dfsrt.run.run import Run


def parallel_report(run: Run) -> ParallelReport | None:
    """Return what became of cores that worked side by side; None where none did."""
    book, npu = run.book, run.job.npu
    if not isinstance(book, LaneBook):
        return None
    used = ratio(int(book.lane_bytes.sum()), book.span_ns * 1e-9) or 0.0
    bandwidth = finite(npu.memory.bandwidth_bytes_per_s)
    own = npu.cores is not None and npu.cores.own_clocks
    return ParallelReport(
        clocks="own" if own else "shared",
        bandwidth_bytes_per_s=bandwidth,
        used_bytes_per_s=used,
        used_share=None if bandwidth is None else _used_share(run, book),
        stretch=book.stretch,
        lanes=[_lane(book, number) for number in range(book.lanes)],
    )


def _used_share(run: Run, book: LaneBook) -> float:
    """How long the memory was kept busy by the layers that ended, as a share of the run's time."""
    work = run.job.deployment.lane_setup.work
    kept_ns = np.asarray(work.need, dtype=np.float64) / ONE * work.memory_ns
    return ratio(float(book.runs.ravel() @ kept_ns), book.span_ns) or 0.0


def _lane(book: LaneBook, number: int) -> LaneReport:
    joules = book.lane_j[number]
    return LaneReport(
        cores=book.of_lanes.names[number],
        busy_share=ratio(int(book.lane_busy_ns[number]), book.span_ns) or 0.0,
        layer_runs=int(book.lane_runs[number]),
        energy_j=math.fsum(joules[: book.inside].tolist()),
        dram_bytes=int(book.lane_bytes[number]),
    )
