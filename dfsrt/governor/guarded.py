"""Options of every governor: a guard band under the cap, and fewer voltages to set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_share, parse_voltage_uv
from dfsrt.governor.family import Family, family_of
from dfsrt.governor.governor import (
    Governor,
    discipline_of,
    plans,
    reads_power,
    sampling_ns,
    sees_cap,
    sees_queue,
)
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View

COMMON = ("guard", "set_points")
"""Options that every governor has, unless it has one of that name itself."""
BETWEEN = "+"
"""Between the voltages of a text such as ``700mV+850mV``."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A governor that plans under cap · (1 - ``guard``), with only ``set_points_uv`` to set.

    A limit on the NPU's own watts stays as it is. Without ``set_points_uv`` all of the device's
    are there. A level then runs at the lowest voltage that is left and enough for it; a level
    that needs more than the highest is not there.
    Limits: reports still say ``cap`` where the real cap held a clock, ``policy`` where the guard
    did.

    Raises, on planning:
        InputError: a voltage that is no set point of the device.
    """

    inner: Governor
    guard: float = 0.0
    set_points_uv: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The inner governor's name."""
        return getattr(self.inner, "name", "") or type(self.inner).__name__

    @property
    def sees_cap(self) -> bool:
        """Whether the inner governor looks at the cap."""
        return sees_cap(self.inner)

    @property
    def reads_power(self) -> bool:
        """Whether the inner governor wants power readings."""
        return reads_power(self.inner)

    @property
    def sampling_ns(self) -> int | None:
        """The inner governor's period of telemetry."""
        return sampling_ns(self.inner)

    @property
    def plans(self) -> str:
        """When the inner governor is asked again."""
        return plans(self.inner)

    @property
    def sees_queue(self) -> bool:
        """Whether the inner governor's view holds the queue."""
        return sees_queue(self.inner)

    @property
    def discipline(self) -> str:
        """The order of requests that the inner governor plans for."""
        return discipline_of(self.inner)

    def plan(self, view: View) -> Plan:
        """Return the inner governor's plan under the lower cap, at the voltages that are left."""
        return self.inner.plan(self._seen(view))

    def family(self, view: View) -> Family | None:
        """Return the inner governor's family, as for ``plan``."""
        return family_of(self.inner, self._seen(view))

    def _seen(self, view: View) -> View:
        seen = replace(view, cap_w=view.cap_w * (1.0 - self.guard))
        return self._narrowed(seen) if self.set_points_uv else seen

    def options(self) -> list[str]:
        """Return what differs from a bare governor, as it is typed."""
        options = [f"guard={self.guard!r}"] if self.guard else []
        if self.set_points_uv:
            options.append(f"set_points={set_points_text(self.set_points_uv)}")
        return options

    def _narrowed(self, view: View) -> View:
        """Return ``view`` with these voltages only, and the levels that can run at them."""
        index = _indices(view.set_points_uv, self.set_points_uv)
        left_uv, npu_w = view.set_points_uv[index], view.npu_predicted_w
        n = int(np.searchsorted(view.rails_uv, left_uv[-1], side="right"))
        return replace(
            view,
            freqs_hz=view.freqs_hz[:n],
            rails_uv=left_uv[np.searchsorted(left_uv, view.rails_uv[:n])],
            set_points_uv=left_uv,
            duration_ns=view.duration_ns[:, :n],
            predicted_w=view.predicted_w[:, :n][:, :, index],
            npu_predicted_w=None if npu_w is None else npu_w[:, :n][:, :, index],
            stall_ns=view.stall_ns[:n, :n],
            memory=None if view.memory is None else view.memory.narrowed(n, index),
            level=min(view.level, n - 1),
        )


def guarded(governor: Governor, options: Mapping[str, str]) -> Governor:
    """Return ``governor`` under the common ``options``; itself where there are none.

    Raises:
        InputError: a value that does not fit, or a guard for a governor that sees no cap.
    """
    guard = parse_guard(options.get("guard", "0"))
    set_points = parse_set_points(options["set_points"]) if "set_points" in options else ()
    if guard and not sees_cap(governor):
        raise InputError(
            f"guard '{options['guard']}' is for governors that look at the cap, and "
            f"{getattr(governor, 'name', 'this one')} does not; leave it out"
        )
    return Guarded(governor, guard, set_points) if guard or set_points else governor


def parse_guard(text: str | float) -> float:
    """Return a share of the cap such as ``5%`` or ``0.05``.

    Raises:
        InputError: no number, or not from 0 to below 1.
    """
    share = parse_share(text, "guard")
    if not 0 <= share < 1:
        raise InputError(f"guard '{text}' is out of range; allowed is 0 to below 1, like 0.05")
    return share


def parse_set_points(text: str) -> tuple[int, ...]:
    """Return the µV of a text such as ``700mV+850mV``, ascending; ``all`` is none to leave out.

    Raises:
        InputError: a part that is no voltage.
    """
    if text.strip() == "all":
        return ()
    return tuple(sorted({parse_voltage_uv(part, "set point") for part in text.split(BETWEEN)}))


def set_points_text(set_points_uv: tuple[int, ...]) -> str:
    """Return voltages as ``parse_set_points`` reads them."""
    return BETWEEN.join(f"{uv / 1e3:.12g}mV" for uv in set_points_uv) or "all"


def _indices(known_uv: Ints, wanted_uv: tuple[int, ...]) -> Ints:
    """Return where ``wanted_uv`` stand in the device's set points, which must have them all."""
    missing = [uv for uv in wanted_uv if uv not in known_uv]
    if missing:
        allowed = ", ".join(f"{uv / 1000:g}" for uv in known_uv)
        raise InputError(
            f"set_points: {missing[0] / 1000:g} mV is no set point of this device; "
            f"use some of {allowed} mV"
        )
    return np.searchsorted(known_uv, np.array(wanted_uv))
