"""What idle time takes, as far as a governor may know it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Way:
    """A state for a gap: entered ``after_ns``, its ways take ``moving_ns`` and ``moving_j``.

    In it ``power_w`` flows.
    """

    after_ns: int
    moving_ns: int
    moving_j: float
    power_w: float


@dataclass(frozen=True, slots=True)
class Rest:
    """Idle time between frames that come by the clock, in the capped domain, on the typical die.

    ``up_w`` ``(n_set_points,)`` is what flows with the clock stopped; all of them are the lowest's
    where the rail goes down. Of the ``ways`` the one of least energy is taken, or none, where the
    idle governor foresees the gap; where it only waits (``waits``) the one there is, once its time
    has come.
    Limits: an idle governor that predicts is taken to foresee a gap that is always the same. A
    rail that goes down in idle time is taken to be down at once, and up again at once.
    """

    up_w: tuple[float, ...]
    ways: tuple[Way, ...] = ()
    waits: bool = False

    def raised(self, watts: float) -> Rest:
        """Return the same where so many watts more flow all the time."""
        ways = (
            replace(
                way,
                moving_j=way.moving_j + watts * way.moving_ns * 1e-9,
                power_w=way.power_w + watts,
            )
            for way in self.ways
        )
        return replace(self, up_w=tuple(w + watts for w in self.up_w), ways=tuple(ways))

    @property
    def free(self) -> bool:
        """Whether idle time takes nothing at all."""
        return not any(self.up_w)

    @property
    def anywhere(self) -> bool:
        """Whether idle time takes the same wherever the rail stands."""
        return len(set(self.up_w)) == 1

    def gap_j(self, set_point: int, gap_ns: float) -> float:
        """Return the joules of a gap with the rail at a set point."""
        up_j = self.up_w[set_point] * gap_ns * 1e-9
        joules = [_way_j(self.up_w[set_point], way, gap_ns) for way in self.ways]
        if self.waits:
            return next((j for j in joules if j is not None), up_j)
        return min([up_j, *(j for j in joules if j is not None)])

    def least_j(self, gap_ns: float) -> float:
        """Return the least that a gap takes, wherever the rail stands."""
        return min(self.gap_j(k, gap_ns) for k in range(len(self.up_w)))

    def bends_ns(self) -> Iterator[float]:
        """Yield every gap at which ``least_j`` may bend or jump: between them it is a line."""
        lines = [(up_w, 0.0) for up_w in self.up_w]
        for way in self.ways:
            yield way.after_ns
            yield way.after_ns + way.moving_ns
            for up_w in self.up_w:
                begun_j = up_w * way.after_ns * 1e-9 + way.moving_j
                lines.append((0.0, begun_j))
                slept_ns = way.after_ns + way.moving_ns
                lines.append((way.power_w, begun_j - way.power_w * slept_ns * 1e-9))
        for (w1, j1), (w2, j2) in combinations(lines, 2):
            if w1 != w2:
                yield (j2 - j1) / (w1 - w2) * 1e9

    def slopes_w(self) -> set[float]:
        """Return the watts that the least energy of a gap may grow by."""
        return {*self.up_w, *(way.power_w for way in self.ways)}


def _way_j(up_w: float, way: Way, gap_ns: float) -> float | None:
    """The joules of a gap by a way; None where its time does not come."""
    if gap_ns <= way.after_ns or (not way.after_ns and gap_ns < way.moving_ns):
        return None
    slept_ns = max(gap_ns - way.after_ns - way.moving_ns, 0.0)
    return (up_w * way.after_ns + way.power_w * slept_ns) * 1e-9 + way.moving_j
