"""When requests for a language model come: in busy and quiet stretches, some of them together."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_period_ns
from dfsrt.trace.generate import bursty


class ArrivalsTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Requests a second: ``quiet_rate`` for as long as ``quiet``, ``busy_rate`` for ``busy``.

    A share of the requests comes ``together`` with the one before, ``apart`` in the mean.
    """

    quiet_rate: float
    busy_rate: float
    quiet: str
    busy: str
    together: float = 0.0
    apart: str = "2 ms"

    def arrivals(self, where: str) -> Arrivals:
        """Return what the table says.

        Raises:
            InputError: rates, times or a share that cannot be; the message begins with ``where``.
        """
        lowest, highest = sorted((self.quiet_rate, self.busy_rate))
        if not (lowest >= 0 and 0 < highest < float("inf")):
            raise InputError(f"{where}: rates must be 0 or more, and one of them above 0")
        if not 0 <= self.together <= 0.99:
            raise InputError(f"{where}: together {self.together:g} is out of range; give 0 to 0.99")
        quiet_ns, busy_ns, apart_ns = (
            parse_period_ns(text, f"{where}: {name}")
            for name, text in (("quiet", self.quiet), ("busy", self.busy), ("apart", self.apart))
        )
        rates = self.quiet_rate, self.busy_rate
        return Arrivals(*rates, quiet_ns, busy_ns, self.together, apart_ns)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A Markov-modulated Poisson process of two states, see ``bursty``, some of it in batches.

    Rates count all requests. Of these the share ``together`` follows the one before after
    ``apart_ns`` in the mean, exponentially; how many follow is geometric.
    """

    quiet_hz: float
    busy_hz: float
    quiet_ns: float
    busy_ns: float
    together: float
    apart_ns: float

    @property
    def rate_hz(self) -> float:
        """Mean rate, in requests a second."""
        quiet, busy = self.quiet_hz * self.quiet_ns, self.busy_hz * self.busy_ns
        return (quiet + busy) / (self.quiet_ns + self.busy_ns)

    def at_rate(self, rate_hz: float) -> Arrivals:
        """Return the same process with its time stretched, so that gaps vary as they do here."""
        factor = rate_hz / self.rate_hz
        rates = self.quiet_hz * factor, self.busy_hz * factor
        times = self.quiet_ns / factor, self.busy_ns / factor
        return Arrivals(*rates, *times, self.together, self.apart_ns / factor)

    def draw(self, duration_ns: int, seed: int) -> Ints:
        """Return arrivals in nanoseconds, ``(n_requests,)``; it begins in either state.

        Raises:
            InputError: a time or a rate with which there are no arrivals, or too many.
        """
        rng = np.random.Generator(np.random.PCG64([seed, 3]))
        busy_first = bool(rng.random() < self.busy_ns / (self.quiet_ns + self.busy_ns))
        alone = 1 - self.together
        rates = self.quiet_hz * alone, self.busy_hz * alone
        times = round(self.quiet_ns), round(self.busy_ns)
        first = bursty(*rates, *times, duration_ns, seed, busy_first)
        if self.together == 0:
            return first
        followers = np.floor(np.log1p(-rng.random(len(first))) / np.log(self.together))
        arrival = self._batches(first, followers.astype(np.int64), rng)
        return arrival[arrival < duration_ns]

    def _batches(self, first_ns: Ints, followers: Ints, rng: np.random.Generator) -> Ints:
        """All requests in order: those of each batch come one after another."""
        sizes = followers + 1
        begins = np.repeat(np.cumsum(sizes) - sizes, sizes)
        steps_ns = -np.log1p(-rng.random(int(sizes.sum()))) * self.apart_ns
        since_ns = np.cumsum(steps_ns)
        delay_ns = (since_ns - since_ns[begins]).astype(np.int64)
        return np.sort(np.repeat(first_ns, sizes) + delay_ns)
