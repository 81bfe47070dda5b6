"""Notes on bounds: what they are, and what they leave out."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.report.schema import EnergyBound

WHAT = (
    "above bound: a bound, not an optimum: no governor can serve these requests with less, and "
    "none may come near; it leaves out stalls, ramps, the cap and the order of work"
)


def bound_notes(bounds: Sequence[EnergyBound], none: str | None) -> list[str]:
    """Return what must be known of the bounds of runs side by side, or why there is ``none``."""
    if not bounds:
        return [] if none is None else [f"no energy bound: {none}"]
    best = all(bound.tight or bound.thorough for bound in bounds)
    more = "" if best else "; --bound looks for a higher one"
    notes = [WHAT + more]
    if any(bound.late or bound.left_out for bound in bounds):
        notes.append(
            "above bound: what a governor served late may be as late in its bound, and what it did "
            "not serve is not in it, so that bounds of such rows are lower"
        )
    if any(bound.rounded for bound in bounds):
        notes.append(
            "above bound: there are too many requests to tell all of their times apart; windows "
            "were enlarged, which lowers it"
        )
    return notes
