"""Where a board's load comes from: what it shows, a share that is said, or a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_share
from dfsrt.live.backend import Reading
from dfsrt.live.counter import CLOCK, LOAD, counter_of
from dfsrt.recording import Recording, read_recording


class Load(Protocol):
    """A busy share over time; ``span_ns`` is how long it is known, None without end."""

    span_ns: int | None

    def at(self, reading: Reading, time_ns: int) -> float | None:
        """Return the share of a board that stands so; None where nobody knows."""
        ...


class Shown:
    """What the board shows itself."""

    span_ns: int | None = None

    def at(self, reading: Reading, time_ns: int) -> float | None:
        """Return what it shows now."""
        return reading.load


class Said:
    """A share that does not change with the clock."""

    span_ns: int | None = None

    def __init__(self, share: float) -> None:
        self._share = share

    def at(self, reading: Reading, time_ns: int) -> float | None:
        """Return the share."""
        return self._share


class Recorded:
    """Work as a recording shows it: busy share times clock, which at another clock takes longer.

    Limits: a layer that waits for memory takes no longer at a lower clock; here it does.

    Raises:
        InputError: a recording without a load.
    """

    def __init__(self, recording: Recording, path: Path) -> None:
        times_ns, shares = counter_of(recording, LOAD)
        if not len(times_ns):
            raise InputError(
                f"'{path}' has no counter '{LOAD}'; record it with 'dfsrt live watch', or give a "
                "share like 60%"
            )
        clock_ns, clocks = counter_of(recording, CLOCK)
        held = np.searchsorted(clock_ns, times_ns, side="right") - 1
        hz = clocks[np.maximum(held, 0)] if len(clocks) else np.zeros(len(times_ns))
        self._times_ns, self._shares, self._hz = times_ns - times_ns[0], shares / 100, hz
        self.span_ns: int | None = int(self._times_ns[-1])

    def at(self, reading: Reading, time_ns: int) -> float | None:
        """Return the share that the recorded work takes at the clock of now."""
        row = max(int(np.searchsorted(self._times_ns, time_ns, side="right")) - 1, 0)
        share, recorded_hz = float(self._shares[row]), float(self._hz[row])
        if not recorded_hz or not reading.freq_hz:
            return min(share, 1.0)
        return min(share * recorded_hz / reading.freq_hz, 1.0)


def parse_load(text: str | None) -> Load:
    """Return the load that is said: nothing, a share like ``60%``, or a recording's file.

    Raises:
        InputError: no share from 0 to 1, or no recording with a load.
    """
    if text is None:
        return Shown()
    if not text.strip()[:1].isdigit() or Path(text).is_file():
        return Recorded(read_recording(Path(text)), Path(text))
    share = parse_share(text, "--load")
    if not 0 <= share <= 1:
        raise InputError(f"--load '{text}' is not from 0% to 100%; write it like 60%")
    return Said(share)
