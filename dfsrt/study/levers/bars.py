"""The bars of a waterfall of levers: joules of a frame from the baseline down to all on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dfsrt.base.units import format_short, format_si
from dfsrt.report.scales import is_wide
from dfsrt.study.levers.schema import LeversReport, Rung
from dfsrt.study.levers.table import change_text
from dfsrt.study.levers.words import joules_of

LEFT, SAVED, ADDED = KINDS = ("joules left", "saved", "added")
ALL_ON = "all on"


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the waterfall: joules from ``low_j`` to ``high_j``, and which of ``KINDS`` it is.

    ``text`` says the joules that are left, what the lever changed, and frames a second.
    """

    lever: str
    low_j: float
    high_j: float
    kind: str
    text: str


def bars_of(report: LeversReport) -> list[Bar]:
    """Return a bar a rung and one for all on; none of a rung whose runs had no frame.

    The first and the last stand on the axis' foot, those between hang from what was before to
    what is after; a change that counts as none has no length. On a linear axis the foot is 0, on
    a logarithmic one half of the least.
    """
    known = [(rung, joules) for rung in report.rungs if (joules := joules_of(rung)[0])]
    if not known:
        return []
    foot = foot_j([joules for _, joules in known])
    (first, most), (last, least) = known[0], known[-1]
    falls = [_fall(*one) for one in pairwise(known)]
    ends = [Bar(r.lever, foot, j, LEFT, _text(r, j)) for r, j in ((first, most), (last, least))]
    return [ends[0], *falls, Bar(ALL_ON, foot, least, LEFT, ends[1].text)]


def foot_j(joules: Sequence[float]) -> float:
    """Return where the axis of these amounts begins; 0 says that it is linear."""
    return min(joules) / 2 if is_wide(joules) else 0.0


def _fall(before: tuple[Rung, float], after: tuple[Rung, float]) -> Bar:
    (_, was), (rung, now) = before, after
    change = change_text(rung.energy_change)
    if change == "=":
        return Bar(rung.lever, now, now, LEFT, _text(rung, now, ", no change"))
    text, kind = _text(rung, now, f", {change}"), SAVED if now < was else ADDED
    return Bar(rung.lever, min(was, now), max(was, now), kind, text)


def _text(rung: Rung, joules: float, changed: str = "") -> str:
    return f"{format_si(joules, 'J')}{changed}; {format_short(rung.fps, 3)} FPS"
