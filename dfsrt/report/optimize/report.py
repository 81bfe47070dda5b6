"""The report of a chain of steps: runs and fidelity of each, put together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from dfsrt.base.defaults import PRECISION
from dfsrt.optimize import Calibration
from dfsrt.report.counted import counted
from dfsrt.report.optimize.as_float import runs_narrow
from dfsrt.report.optimize.reasons import reasons, unused
from dfsrt.report.optimize.row import Measured
from dfsrt.report.optimize.schema import FloatRun, LayerChange, OptimizeReport, OptimizeRow
from dfsrt.report.optimize.stages import AS_GIVEN
from dfsrt.report.optimize.verdict import THRESHOLD, change, trade, verdict
from dfsrt.run.fields import RunFields

_NUMBERS = re.compile(r"[\d.,]+ ?[µmn]?")


@dataclass(frozen=True)
class Done:
    """All that a report is made of."""

    network: str
    steps: str
    fields: RunFields
    measured: Sequence[Measured]
    rows: Sequence[OptimizeRow]
    data: Calibration | None
    as_float: FloatRun | None
    layers: Sequence[LayerChange]
    left_out: Sequence[str]
    inside: Mapping[str, int]


def optimize_report(done: Done) -> OptimizeReport:
    """Return the report; every row is judged against the one before it."""
    first, data = done.measured[0], done.data
    report, spec = first.result.report, first.job.spec
    return OptimizeReport(
        network=done.network,
        steps=done.steps,
        device=report.device,
        governor=report.governor,
        power_model=report.power_model,
        cap_w=report.cap_w,
        cap_domain=report.cap.domain,
        precision=done.fields.get("precision") or PRECISION,
        seed=spec.seed or 0,
        frames=report.frames,
        rate_fps=1e9 / first.frame_ns,
        threshold=THRESHOLD,
        data=None if data is None else data.judged_on.what,
        samples=None if data is None else len(data.judged_on.samples),
        random=data is not None and data.random,
        rows=list(_judged(done)),
        as_float=done.as_float,
        layers=list(done.layers),
        notes=[*_data_notes(done), *_given_notes(done), *_run_notes(done.measured)],
    )


def _judged(done: Done) -> Iterator[OptimizeRow]:
    asked = done.fields.get("precision") or PRECISION
    yield done.rows[0]
    for k in range(1, len(done.rows)):
        changed = change(done.rows[k - 1], done.rows[k])
        yield msgspec.structs.replace(
            done.rows[k],
            change=changed,
            verdict=verdict(changed),
            reasons=[
                *trade(changed),
                *reasons(done.measured[k - 1], done.measured[k], asked),
            ],
        )


def _data_notes(done: Done) -> Iterator[str]:
    if done.data is None:
        yield f"{done.network} has sizes alone: no values, so nobody can tell what answers are left"
    elif done.data.random:
        yield "no network was trained on random data: what they say of answers means little"
    yield from (f"answers: {note}" for note in done.left_out)


def _given_notes(done: Done) -> Iterator[str]:
    """Say that what runs as given is not what its answers are of, where that is so."""
    if runs_narrow(done.measured[0], done.fields):
        runs = f"{AS_GIVEN}: the file's fp32 runs in {done.rows[0].precision}, as dfsrt run has it"
        answers = "" if done.data is None else "; the answers of that row are the file's own"
        yield runs + answers
    if done.inside:
        yield (
            f"weights of {counted(sum(done.inside.values()), 'product')} inside "
            f"{', '.join(done.inside)} stay as they are: steps change those outside of branches "
            "and bodies alone"
        )


def _run_notes(measured: Sequence[Measured]) -> Iterator[str]:
    """Notes of the runs, each once whatever its numbers are, behind the step that brought it.

    What the device cannot use is said beside the verdicts.
    """
    known: set[str] = set()
    for number, done in enumerate(measured):
        beside = unused(done) if number else ()
        for note in (note for note in done.result.report.notes if note not in beside):
            words = _NUMBERS.sub("", note)
            if words not in known:
                known.add(words)
                step = done.point.step
                yield (
                    f"{step}: {note}"
                    if number and not note.startswith(step.split(":")[0])
                    else note
                )
