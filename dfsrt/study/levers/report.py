"""From a ladder's runs to its report: what each lever does, what limits now, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from dfsrt.report.brief import Brief
from dfsrt.run.scenario import Scenario
from dfsrt.study.levers.ladder import Ladder
from dfsrt.study.levers.lever import SAME, Lever
from dfsrt.study.levers.schema import LeversReport, Rung
from dfsrt.study.levers.words import cap_text, joules_of, limit_lines, next_lines

Names = tuple[str, ...]
BriefOf = Callable[[Names], Brief]


def report_of(ladder: Ladder, brief: BriefOf, notes: Sequence[str]) -> LeversReport:
    """Return the report of a ladder; ``brief`` gives the core of the run of some levers.

    ``notes`` are those of the run with all of them on.
    """
    names, ground = ladder.names, ladder.ground
    base, whole = brief(()), brief(names)
    rungs = [_rung(ladder.baseline, base, None)]
    rungs += [
        _rung(lever, brief(names[: k + 1]), brief(names[:k]))
        for k, lever in enumerate(ladder.levers)
    ]
    alone = [_rung(lever, brief((lever.name,)), base) for lever in ladder.levers]
    without = [_rung(lever, brief(but(names, lever.name)), whole) for lever in ladder.levers]
    beyond = [_rung(lever, brief((*names, lever.name)), whole) for lever in ladder.others]
    scenario: Scenario | None = ground.scenario
    return LeversReport(
        load=str(getattr(ground.load, "name", ground.load)),
        device=ground.npu.name,
        scenario=None if scenario is None else scenario.name,
        cap=cap_text(ladder.spec(names), ground.npu),
        baseline=_baseline_text(ladder),
        joules="battery" if joules_of(base)[1] else "all domains",
        rungs=rungs,
        alone=alone,
        without=without,
        beyond=beyond,
        left_out=list(ladder.left_out),
        limits=limit_lines(whole),
        next=next_lines(alone, without, beyond, ladder.left_out),
        notes=list(notes),
    )


def but(names: Names, one: str) -> Names:
    """Return ``names`` without ``one``."""
    return tuple(name for name in names if name != one)


def _baseline_text(ladder: Ladder) -> str:
    changes = ladder.baseline.changes()
    return f"{ladder.baseline.what} ({changes})" if changes else ladder.baseline.what


def _rung(lever: Lever, brief: Brief, against: Brief | None) -> Rung:
    return Rung(
        **{f: getattr(brief, f) for f in msgspec.structs.asdict(brief)},
        lever=lever.name,
        what=lever.what,
        changes=lever.changes(),
        fidelity=SAME if against is None else lever.fidelity,
        energy_change=None if against is None else _change(
            joules_of(brief)[0], joules_of(against)[0]
        ),
        fps_change=None if against is None else _change(brief.fps, against.fps),
    )  # fmt: skip


def _change(value: float | None, base: float | None) -> float | None:
    return None if value is None or not base else value / base - 1
