"""What keeps heat in bounds: thermal zones and trips, as a setting describes them."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.base.ranged import Ranged


@dataclass(frozen=True, slots=True)
class Zone:
    """A thermal zone under ``power_allocator``; gains as the kernel's, None for its estimates."""

    name: str
    node: str
    switch_on_c: float
    control_c: float
    sustainable: Ranged
    k_po: float | None
    k_pu: float | None
    k_i: float | None
    k_d: float
    cutoff_c: float


@dataclass(frozen=True, slots=True)
class Trip:
    """No clock above ``max_freq_hz`` while the node is hot."""

    node: str
    above_c: float
    below_c: float
    max_freq_hz: int
    source: str
