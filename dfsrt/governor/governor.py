"""The contract of a governor: one method, a pure function of a small view."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from dfsrt.base.errors import InputError
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View

PLANS = ("once", "arrivals", "completions", "arrivals+completions", "boundaries")
"""When a governor is asked again, beside changes of the cap: where requests come, where they
leave, at each layer boundary."""


@runtime_checkable
class Governor(Protocol):
    """Anything with ``plan``.

    A governor may also carry ``name`` (for reports), ``sees_cap`` (False: it ignores the cap),
    ``sampling_ns`` (ask again with telemetry at this period), ``reads_power`` (telemetry with
    power readings), ``plans`` (when it is asked again, one of ``PLANS``), ``sees_queue`` (whether
    its view holds the queue; those that are asked again have it) and ``discipline`` (the order of
    requests that it plans for); the runtime has defaults.
    """

    def plan(self, view: View) -> Plan:
        """Return the wish for every layer, given what is known now."""
        ...


def sees_cap(governor: Governor) -> bool:
    """Whether a governor looks at the cap; one that does not say so is taken to."""
    return bool(getattr(governor, "sees_cap", True))


def sampling_ns(governor: Governor) -> int | None:
    """Return how often a governor wants telemetry; None for one that does not ask for any."""
    return getattr(governor, "sampling_ns", None)


def reads_power(governor: Governor) -> bool:
    """Return whether a governor's telemetry is to hold power readings."""
    return bool(getattr(governor, "reads_power", False))


def plans(governor: Governor) -> str:
    """Return when a governor is asked again; once is enough for one that does not say so.

    Raises:
        InputError: nothing of ``PLANS``.
    """
    when = getattr(governor, "plans", "once")
    if when not in PLANS:
        name = getattr(governor, "name", "") or type(governor).__name__
        raise InputError(
            f"the governor {name} plans {when!r}; its attribute 'plans' is one of "
            + ", ".join(map(repr, PLANS))
        )
    return str(when)


def sees_queue(governor: Governor) -> bool:
    """Whether a governor's view holds the queue."""
    return bool(getattr(governor, "sees_queue", False)) or plans(governor) != "once"


def goes_by_state(governor: Governor) -> bool:
    """Whether a governor's plan is for a moment: it samples, or sees who waits."""
    return bool(sampling_ns(governor)) or sees_queue(governor)


def discipline_of(governor: Governor) -> str:
    """Return the order of requests that a governor plans for; empty where any will do."""
    return str(getattr(governor, "discipline", ""))


class BaseGovernor:
    """Defaults that the built-in governors share: a cap-aware policy without telemetry."""

    name: ClassVar[str] = ""
    sees_cap: ClassVar[bool] = True
    reads_power: ClassVar[bool] = False
    plans: ClassVar[str] = "once"
    sees_queue: ClassVar[bool] = False
    discipline: ClassVar[str] = ""

    @property
    def sampling_ns(self) -> int | None:
        """Period of telemetry, or None for a policy that needs none."""
        return None
