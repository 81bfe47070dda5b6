"""The files of a finished study: JSON, CSV, figure and the tuned governor."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from dfsrt.base.files import write_atomically
from dfsrt.base.names import parse_name_spec
from dfsrt.base.plugin import python_file
from dfsrt.base.reading import MOST_TEXT_BYTES, read_bytes
from dfsrt.governor.file import governor_file_text
from dfsrt.report.schema import to_json
from dfsrt.study.entry import Judge
from dfsrt.study.figure import write_figure
from dfsrt.study.metric import METRICS, Figures
from dfsrt.study.result import Result
from dfsrt.study.schema import TuneReport

RESULT, TRIALS, GOVERNOR, FIGURE, PNG = (
    "result.json",
    "trials.csv",
    "governor.toml",
    "pareto.svg",
    "pareto.png",
)

TIMING = "timing.json"
FILES = (RESULT, TRIALS, GOVERNOR, FIGURE, PNG, TIMING)
"""All that a finished study leaves in its folder beside the journal."""


def write_result(result: Result, out: Path) -> TuneReport:
    """Write all files of a finished study into ``out`` and return its report."""
    report = result.report()
    _write(out / RESULT, to_json(report))
    _write(out / TRIALS, trials_csv(result).encode())
    _write(out / GOVERNOR, governor_text(report).encode())
    _keep_code(result, out)
    for name in (FIGURE, PNG):
        write_figure(result, out / name)
    return report


def _keep_code(result: Result, out: Path) -> None:
    """Put the Python file of a governor of one's own beside the file that names it."""
    code = python_file(result.space.governor.name)
    if code is not None and code.resolve() != (out / code.name).resolve():
        _write(out / code.name, read_bytes(code, MOST_TEXT_BYTES))


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, lambda beside: beside.write_bytes(data))


def trials_csv(result: Result) -> str:
    """Return a row for each trial: how it ended, what was drawn, what it came to."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(result.space.dimensions)
    writer.writerow(["trial", "state", "feasible", "cells", *names, *METRICS, "error"])
    for e in result.entries:
        feasible = str(result.judge.feasible(e)).lower()
        drawn = [e.typed[name] for name in names]
        values = _values(result.judge, e.cells)
        writer.writerow([e.number, e.state, feasible, len(e.cells), *drawn, *values, e.error])
    return text.getvalue()


def _values(judge: Judge, cells: Sequence[Figures]) -> list[str]:
    """Return every metric over the cells that ran; empty where none did."""
    return [repr(judge.value(name, cells)) if cells else "" for name in METRICS]


def governor_text(report: TuneReport) -> str:
    """Return the best governor as a file that ``--governor`` takes."""
    best = report.best
    provenance = {
        "made_by": "dfsrt tune",
        "study": report.study,
        "seed": report.seed,
        "trial": best.trial,
        "trials": report.trials.complete + report.trials.pruned + report.trials.failed,
        "device": best.device,
        "confidence": "none" if best.confidence is None else best.confidence,
        **({} if best.idle is None else {"idle": best.idle}),
        **({} if best.memory is None else {"memory": best.memory}),
        "networks": report.networks,
        "caps": ["device" if cap is None else cap for cap in report.caps],
        "baseline": report.baseline.governor,
        **{name: best.metrics[name] for name in [*report.objectives, *report.limits]},
        "keeps_limits": best.feasible,
    }
    return governor_file_text(parse_name_spec(best.governor, "governor"), provenance)
