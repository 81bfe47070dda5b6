"""Stages: where time and energy of pipelines and traces go."""

from __future__ import annotations

import math

import numpy as np

from dfsrt.power.components import COMPONENTS
from dfsrt.report.clocks import shares_of_busy
from dfsrt.report.energy import domain_energy, ratio
from dfsrt.report.schema import StageReport
from dfsrt.run.book import Book
from dfsrt.run.mix import Mix, StageKey


def stage_reports(mix: Mix, book: Book) -> list[StageReport]:
    """Return a report for each stage of each workload."""
    busy_j = math.fsum(book.energy_j[:, : book.inside].ravel().tolist())
    calls = host_calls(mix, book)
    return [
        _on_host(key, calls[part])
        if key.section is None
        else _on_npu(key, key.section, book, busy_j)
        for part, key in enumerate(mix.stage_keys)
    ]


def host_calls(mix: Mix, book: Book) -> list[int]:
    """Return how often each part ran on the host."""
    calls = np.zeros(len(mix.parts), dtype=np.int64)
    np.add.at(calls, np.array(mix.part_of_step), book.host_calls)
    return [int(n) for n in calls]


def _on_host(key: StageKey, calls: int) -> StageReport:
    return StageReport(
        workload=key.workload,
        name=key.name,
        where="host",
        calls=calls,
        time_s=calls * key.host_ns * 1e-9,
        energy_j=0.0,
        energy_share=0.0,
        energy_by_domain_j=domain_energy(np.zeros(len(COMPONENTS))),
        clocks=[],
    )


def _on_npu(key: StageKey, section: tuple[int, int], book: Book, busy_j: float) -> StageReport:
    calls, level_ns, component_j = book.of_layers(*section)
    joules = math.fsum(component_j[: book.inside].tolist())
    return StageReport(
        workload=key.workload,
        name=key.name,
        where="npu",
        calls=calls,
        time_s=int(level_ns.sum()) * 1e-9,
        energy_j=joules,
        energy_share=ratio(joules, busy_j) or 0.0,
        energy_by_domain_j=domain_energy(component_j),
        clocks=shares_of_busy(book.table, level_ns),
    )
