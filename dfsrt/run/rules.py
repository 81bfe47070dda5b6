"""How requests share the NPU: who is first in line, and which are given up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from dfsrt.base.errors import InputError
from dfsrt.base.names import one_of, parse_name_spec, unknown_name
from dfsrt.run.batching import UNSAID, Batching, parse_batching
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

    ``batch`` is how language models' requests share passes, ``cache_limit`` how many tokens all
    their caches have room for.

    Raises:
        InputError: a limit below 1, or one in a closed loop, where nothing ever queues up.
    """

    discipline: Discipline = Discipline.FIFO
    drop: Drop = Drop.NONE
    limit: int = 0
    closed: bool = False
    batch: Batching = UNSAID
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
    order, batch = parse_discipline(discipline)
    policy, limit = parse_drop(drop)
    return Rules(order, policy, limit, closed, batch or UNSAID)


def parse_discipline(text: str) -> tuple[Discipline, Batching | None]:
    """Return a discipline from its name, with how it batches where it does.

    Raises:
        InputError: an unknown name, or options that it does not have.
    """
    spec = parse_name_spec(text.replace(",", ":"), "discipline")
    if spec.name not in DISCIPLINES:
        raise InputError(unknown_name("discipline", spec.name, DISCIPLINES))
    discipline = Discipline[spec.name.upper()]
    if discipline is Discipline.CONTINUOUS:
        return discipline, parse_batching(spec.options)
    if spec.options:
        raise InputError(
            f"discipline '{text}' has no options; only continuous has, like "
            "continuous:budget=512:requests=64"
        )
    return discipline, None


DROPS = ("none", "late", "newest=N", "oldest=N")


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
    raise InputError(f"drop '{text}' is unknown; {one_of(text, DROPS)}, N being how many may wait")
