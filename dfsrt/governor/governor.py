"""The contract of a governor: one method, a pure function of a small view."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View


@runtime_checkable
class Governor(Protocol):
    """Anything with ``plan``.

    A governor may also carry ``name`` (for reports), ``sees_cap`` (False: it ignores the cap),
    ``sampling_ns`` (ask again with telemetry at this period) and ``reads_power`` (telemetry with
    power readings); the runtime has defaults.
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


class BaseGovernor:
    """Defaults that the built-in governors share: a cap-aware policy without telemetry."""

    name: ClassVar[str] = ""
    sees_cap: ClassVar[bool] = True
    reads_power: ClassVar[bool] = False

    @property
    def sampling_ns(self) -> int | None:
        """Period of telemetry, or None for a policy that needs none."""
        return None
