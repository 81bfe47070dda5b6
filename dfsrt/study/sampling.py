"""Samples: one scenario on many dies, in many airs, at many ages; distributions, not a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack, cast
from uuid import uuid4

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.governor.registry import label
from dfsrt.report.battery import battery_of
from dfsrt.report.cap_notes import cap_notes
from dfsrt.report.core import report_of
from dfsrt.report.parquet import write_table
from dfsrt.report.samples import Distribution, Influence, LifeSamples
from dfsrt.report.schema import to_json
from dfsrt.run.fields import GovernedFields, RunFields
from dfsrt.run.job import Job, make_job
from dfsrt.run.run import execute
from dfsrt.run.scenario import Scenario
from dfsrt.run.source import Runnable
from dfsrt.study.assumed import setting_of
from dfsrt.study.at_work import AtWork
from dfsrt.study.draws import draw_sample
from dfsrt.study.pool import open_pool, usable_cores

MOST_SAMPLES = 1_000_000
PER_TASK = 4
IN_PROCESS = 8
"""Samples up to which starting other processes does not pay."""
FIGURES = (
    "life_s",
    "frames",
    "energy_per_frame_j",
    "die_max_c",
    "skin_max_c",
    "missed_deadlines",
)

Outcome = dict[str, float | str | None]
"""What was drawn for a sample, and what came of it; None is a figure that it does not have."""


@dataclass(frozen=True)
class Sampled:
    """Finished samples: ``rows`` has a row each, what was drawn and what came of it."""

    report: LifeSamples
    rows: list[Outcome]

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return to_json(self.report)

    def save_rows(self, path: str | Path) -> None:
        """Write a row for each sample as Parquet."""
        import pyarrow as pa

        write_table(pa.Table.from_pylist(self.rows), {}, Path(path))


@dataclass(frozen=True, slots=True)
class SampleTask:
    """Samples ``numbers`` for one worker; those of the same ``call`` share a bench there."""

    call: str
    load: Runnable
    fields: GovernedFields
    seed: int
    numbers: tuple[int, ...]


def sample(
    load: Runnable,
    count: int,
    seed: int = 0,
    workers: int | None = None,
    on_sample: Callable[[int], None] | None = None,
    dask: str | None = None,
    **fields: Unpack[GovernedFields],
) -> Sampled:
    """Run ``count`` samples of a scenario on all cores, or with so many ``workers``.

    ``dask`` is the address of a Dask scheduler whose workers take their place; ``fields`` are those
    of ``RunSpec``. The result does not depend on who works.

    Raises:
        InputError: no scenario, no sample, too many, no worker, or no scheduler.
    """
    if not 1 <= count <= MOST_SAMPLES:
        raise InputError(f"{count} samples are out of range; give 1 to {MOST_SAMPLES:,}")
    bench = Bench(load, fields)
    if workers is None:
        workers = 1 if count <= IN_PROCESS else usable_cores()
    outcomes: dict[int, Outcome] = {}
    with open_pool(workers, dask, evaluate_samples) as pool:
        for done in pool.outcomes(_tasks(bench, count, seed, pool.workers)):
            outcomes |= done
            if on_sample is not None:
                on_sample(len(outcomes))
    rows = [outcomes[k] for k in range(count)]
    return Sampled(_summary(bench, rows, seed), rows)


def _tasks(bench: Bench, count: int, seed: int, workers: int) -> list[SampleTask]:
    call, size = uuid4().hex, 1 if workers == 1 else PER_TASK
    _AT_WORK.of(call, lambda: bench)  # a lone worker is this process
    return [
        SampleTask(call, bench.load, bench.fields, seed, tuple(range(k, min(k + size, count))))
        for k in range(0, count, size)
    ]


def evaluate_samples(work: SampleTask) -> dict[int, Outcome]:
    """Run the samples of ``work``; returns what came of each."""
    bench = _AT_WORK.of(work.call, lambda: Bench(work.load, work.fields))
    return {number: bench.run(work.seed, number) for number in work.numbers}


class Bench:
    """Runs samples of one scenario one after the other; layers are worked out once a bin.

    Raises:
        InputError: a load that is no scenario.
    """

    def __init__(self, load: Runnable, fields: GovernedFields) -> None:
        self.load, self.fields = load, fields
        self._jobs: dict[str, Job] = {}
        scenario = self._job("").scenario
        if scenario is None:
            raise InputError(f"samples are of scenarios, which '{load}' is not; name a scenario")
        self.scenario: Scenario = scenario

    @property
    def governor(self) -> str:
        """The governor under which samples run."""
        return label(make_governor(self._job("").spec.governor or "dfs"))

    @property
    def cap_notes(self) -> list[str]:
        """What is wrong with the size of a cap that was given."""
        return cap_notes(self._job(""))

    @property
    def measured(self) -> list[str]:
        """What is the same in all samples, since it was measured."""
        table = self._job("").table
        files, times = table.activity, table.layer_times
        of_activity = f"activity was measured, and is no draw: {', '.join(files)}"
        of_times = f"layer times were measured, and are no draw: {', '.join(times)}"
        return [of_activity] * bool(files) + [of_times] * bool(times)

    def _job(self, bin_: str) -> Job:
        """The job on a device of a bin; the device's own where there is none."""
        if bin_ not in self._jobs:
            job = make_job(self.load, **self.fields)
            if bin_:
                device = f"{job.spec.device}:bin={bin_}"
                fields = cast(RunFields, {**self.fields, "device": device})
                job = make_job(self.load, **fields)
            self._jobs[bin_] = job
        return self._jobs[bin_]

    def run(self, seed: int, number: int) -> Outcome:
        """Return what was drawn for a sample, and what came of it."""
        draw = draw_sample(self.scenario, seed, number)
        base = self._job(draw.bin)
        world = setting_of(base).at(**draw.values)
        job = base.on_die(draw.die(base.npu), draw.activity_seed).changed(world=world)
        run = execute(job)
        report, battery = report_of(run), battery_of(run)
        return {
            "bin": draw.bin or base.npu.bin,
            **draw.numbers(),
            "life_s": battery.life_s,
            "end_cause": battery.end_cause,
            "frames": report.frames,
            "energy_per_frame_j": battery.energy_per_frame_j,
            "die_max_c": battery.temperature_c.die_max,
            "skin_max_c": battery.temperature_c.skin_max,
            "missed_deadlines": report.deadlines.missed,
        }


_AT_WORK = AtWork[Bench]()


def _summary(bench: Bench, rows: list[Outcome], seed: int) -> LifeSamples:
    columns = {n: [row[n] for row in rows] for n in rows[0]}
    drawn = [n for n in columns if n not in (*FIGURES, "end_cause", "bin")]
    return LifeSamples(
        scenario=bench.scenario.name,
        governor=bench.governor,
        samples=len(rows),
        seed=seed,
        distributions={n: _distribution(columns[n]) for n in FIGURES},
        end_causes=dict(sorted(Counter(str(c) for c in columns["end_cause"]).items())),
        influences=_influences(
            {n: np.array(columns[n]) for n in drawn}, np.array(columns["life_s"])
        ),
        notes=[*bench.cap_notes, *_notes(bench.scenario), *bench.measured, *_left_out(columns)],
    )


def _distribution(values: Sequence[float | str | None]) -> Distribution | None:
    """How the values that there are spread; None where there is none."""
    finite = np.array([value for value in values if value is not None], dtype=np.float64)
    if len(finite) == 0:
        return None
    p5, p50, p95 = np.percentile(finite, [5, 50, 95]).tolist()
    return Distribution(
        mean=float(finite.mean()),
        sd=float(finite.std()),
        min=float(finite.min()),
        p5=p5,
        p50=p50,
        p95=p95,
        max=float(finite.max()),
    )


def _influences(drawn: Mapping[str, Floats], life: Floats) -> list[Influence]:
    """Rank correlations with ``life`` ``(n_samples,)``, the strongest first; few say nothing."""
    if len(life) < 10 or np.ptp(life) == 0:
        return []
    from scipy.stats import spearmanr

    influences = [
        Influence(name=name, rank_correlation=float(spearmanr(values, life).statistic))
        for name, values in drawn.items()
        if np.ptp(values) > 0
    ]
    return sorted(influences, key=lambda one: -abs(one.rank_correlation))


def _left_out(columns: Mapping[str, Sequence[float | str | None]]) -> list[str]:
    """Say how many samples have no energy a frame."""
    joules = columns["energy_per_frame_j"]
    count = sum(value is None for value in joules)
    if count == 0:
        return []
    return [
        f"{count} of {len(joules)} samples finished no frame; they have no energy a frame and are "
        "left out of its distribution"
    ]


def _notes(scenario: Scenario) -> list[str]:
    vary = scenario.vary
    low, mode, high = vary.ambient_c
    h_low, h_mode, h_high = vary.health
    bins = f", bins {', '.join(vary.bins)} alike" if vary.bins else ""
    return [
        f"assumed spreads: ambient {low:g}/{mode:g}/{high:g} C and health "
        f"{h_low:.0%}/{h_mode:.0%}/{h_high:.0%} triangular, leakage and switched capacitance "
        f"log-normal, sigma {vary.leakage_sigma:g} and {vary.capacitance_sigma:g}{bins}",
        "all other assumed numbers are drawn from their ranges"
        if vary.assumed
        else "assumed numbers of components, heat and battery stay as they are; "
        "'assumed = true' under vary draws them, too",
    ]
