"""One clock for the whole network: what a governor wishes for a board as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.governor.governor import Governor, reads_power, sampling_ns, sees_cap, sees_queue
from dfsrt.governor.registry import label
from dfsrt.governor.view import Telemetry
from dfsrt.live.outlook import Outlook
from dfsrt.run.clamp import clamp

_READINGS = 3
"""Power readings that telemetry holds."""


class Chooser:
    """Asks a governor for a clock of the board's.

    One that does not sample is asked once: its plan is for as long as cap and network are.

    Raises:
        InputError: it needs what no board shows: a queue, or predictions without a network.
    """

    def __init__(self, governor: Governor, outlook: Outlook, period_ns: int) -> None:
        self._governor, self._outlook, self._period_ns = governor, outlook, period_ns
        self._name = label(governor)
        self._watts: tuple[float, ...] = ()
        self._last: tuple[tuple[int, Telemetry | None], int] | None = None
        self._check()

    def _check(self) -> None:
        if sees_queue(self._governor):
            raise InputError(
                f"governor '{self._name}' goes by the queue of requests, which no board shows; "
                "take one that goes by load or cap, like simple_ondemand or app-dvfs"
            )
        if sees_cap(self._governor) and self._outlook.job is None:
            raise InputError(
                f"governor '{self._name}' goes by predicted power; name the network that runs, "
                "like 'dfsrt live dry-run resnet50', or take simple_ondemand"
            )

    @property
    def samples(self) -> bool:
        """Whether it wants to know the load, again and again."""
        return bool(sampling_ns(self._governor))

    @property
    def reads_power(self) -> bool:
        """Whether it goes by the board's own watts."""
        return reads_power(self._governor)

    def wish(self, freq_hz: int, load: float | None = None, watts: float | None = None) -> int:
        """Return the clock for a board at ``freq_hz``, with the busy share and power it shows.

        Raises:
            InputError: the governor plans another clock for each layer.
        """
        if not self.samples:
            freq_hz = 0
        if watts is not None:
            self._watts = (watts, *self._watts)[:_READINGS]
        seen = (freq_hz, self._telemetry(freq_hz, load) if self.samples else None)
        if self._last is None or self._last[0] != seen:  # a plan is a function of what is seen
            self._last = (seen, self._asked(*seen))
        return self._last[1]

    def _telemetry(self, freq_hz: int, load: float | None) -> Telemetry | None:
        if load is None and not self._watts:
            return None
        busy_ns = round((1.0 if load is None else load) * self._period_ns)
        return Telemetry(busy_ns, self._period_ns, self._level(freq_hz), self._watts)

    def _asked(self, freq_hz: int, seen: Telemetry | None) -> int:
        outlook, level = self._outlook, self._level(freq_hz)
        view = replace(
            outlook.view,
            level=level,
            rail_uv=int(outlook.view.rails_uv[level]),
            telemetry=seen,
        )
        levels = clamp(self._governor.plan(view), outlook.opps, view.n_layers).level
        return int(view.freqs_hz[self._lone(levels)])

    def _lone(self, levels: Ints) -> int:
        """Return the one level of all layers, ``(n_layers,)``."""
        if (levels != levels[0]).any():
            clocks = len(np.unique(levels))
            raise InputError(
                f"governor '{self._name}' plans {clocks} clocks, one for each layer, and a write "
                "takes effect after milliseconds; give its plan to firmware ('dfsrt live dry-run "
                "... --export plan.csv'), or take one for the whole network, like app-dvfs"
            )
        return int(levels[0])

    def _level(self, freq_hz: int) -> int:
        """Return the level nearest to a clock, which firmware may have rounded."""
        return nearest(self._outlook.view.freqs_hz.tolist(), freq_hz)


def nearest(freqs_hz: Sequence[int], freq_hz: int) -> int:
    """Return the level whose clock is nearest to ``freq_hz``."""
    return min(range(len(freqs_hz)), key=lambda level: abs(freqs_hz[level] - freq_hz))
