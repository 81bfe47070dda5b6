"""How requests share the NPU: who is first in line, and which are given up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.run.stream import NEVER_NS

LOOPS = ("open", "closed")


class Discipline(IntEnum):
    """Who is first in line; ties go to the earlier arrival, then to the stream's order."""

    FIFO = 0  # the earliest arrival; keeps the NPU to its end, or until it goes to the host
    PRIORITY = 1  # the highest priority; takes the NPU at the next layer boundary
    EDF = 2  # the earliest deadline; takes the NPU at the next layer boundary
    RM = 3  # rate-monotonic: the shortest period; takes the NPU at the next layer boundary
    CONTINUOUS = 4  # language models: passes of all that are at work, the earliest arrivals first


class Drop(IntEnum):
    """Which requests are given up before any work on them has begun."""

    NONE = 0
    LATE = 1  # one whose turn comes when its deadline has passed
    NEWEST = 2  # one that finds as many waiting as may
    OLDEST = 3  # the one that waits longest, where a new one finds as many waiting as may


DISCIPLINES = tuple(d.name.lower() for d in Discipline)


@dataclass(frozen=True, slots=True)
class Rules:
    """A discipline and a drop policy; ``limit`` is how many may wait under NEWEST and OLDEST.

    In passes of several requests there is room for ``budget`` tokens, and in their caches for
    ``cache_limit``.

    Raises:
        InputError: a limit below 1, or one in a closed loop, where nothing ever queues up.
    """

    discipline: Discipline = Discipline.FIFO
    drop: Drop = Drop.NONE
    limit: int = 0
    closed: bool = False
    budget: int = 0
    cache_limit: int = NEVER_NS

    def __post_init__(self) -> None:
        if self.drop in (Drop.NEWEST, Drop.OLDEST):
            if self.limit < 1:
                raise InputError(f"a queue of {self.limit} waiting requests; give 1 or more")
            if self.closed:
                raise InputError(
                    "in a closed loop no session has two requests; drop 'none' or 'late'"
                )


def parse_rules(discipline: str, drop: str, closed: bool) -> Rules:
    """Return the rules of a discipline's name and a drop policy as typed.

    Raises:
        InputError: an unknown discipline or policy.
    """
    if discipline not in DISCIPLINES:
        raise InputError(unknown_name("discipline", discipline, DISCIPLINES))
    policy, limit = parse_drop(drop)
    return Rules(Discipline[discipline.upper()], policy, limit, closed)


def parse_drop(text: str) -> tuple[Drop, int]:
    """Return a drop policy and its limit from ``none``, ``late``, ``newest=2`` or ``oldest=2``.

    Raises:
        InputError: anything else.
    """
    name, equals, limit = text.partition("=")
    if name in ("none", "late") and not equals:
        return Drop[name.upper()], 0
    if name in ("newest", "oldest") and limit.isascii() and limit.isdigit() and int(limit) >= 1:
        return Drop[name.upper()], min(int(limit), 2**31)
    raise InputError(
        f"drop '{text}' is unknown; use none, late, newest=N or oldest=N, N being how many may wait"
    )
