"""Settings of a devfreq device: read before the first write, and put back."""

from __future__ import annotations

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who sets a device's clock, and within which limits; clocks in Hz, a limit of 0 is none.

    ``set_freq_hz`` is what governor ``userspace`` was told; None where another was at work, or
    nothing had been said to it.
    """

    governor: str
    min_freq_hz: int
    max_freq_hz: int
    set_freq_hz: int | None = None

    def __str__(self) -> str:
        limits = f"min_freq {self.min_freq_hz}, max_freq {self.max_freq_hz}"
        told = "" if self.set_freq_hz is None else f", set_freq {self.set_freq_hz}"
        return f"governor {self.governor}, {limits}{told}"
