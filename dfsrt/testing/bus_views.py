"""Views to try a governor of the memory on: ordinary ones and the odd corners."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.governor.memory import BusView

MS = 1_000_000


def make_bus_view() -> BusView:
    """Return four points of 4, 8, 12 and 16 GB/s, at the top, and nothing counted yet."""
    return BusView(
        freqs_hz=(500_000_000, 1_000_000_000, 1_500_000_000, 2_000_000_000),
        bandwidth_bytes_per_s=(4e9, 8e9, 12e9, 16e9),
        point=3,
        core_freqs_hz=(200_000_000, 400_000_000, 600_000_000, 1_000_000_000),
        core_level=3,
        period_ns=10 * MS,
        device="board",
    )


def odd_bus_views() -> dict[str, BusView]:
    """Return views that break careless governors, by what is odd about them."""
    plain = make_bus_view()
    busy = tuple(10_000_000 * k for k in range(16, 0, -1))
    return {
        "plain": plain,
        "one point": replace(plain, freqs_hz=(10**9,), bandwidth_bytes_per_s=(8e9,), point=0),
        "one clock of the core": replace(plain, core_freqs_hz=(10**9,), core_level=0),
        "nothing moved": replace(plain, moved_bytes=(0,) * 32),
        "nothing moved at the lowest": replace(plain, point=0, moved_bytes=(0,)),
        "little moved": replace(plain, point=1, moved_bytes=(400_000,)),
        "rising load": replace(plain, point=2, moved_bytes=busy),
        "all that the point can": replace(plain, point=0, moved_bytes=(40_000_000,) * 32),
        "more than any point can": replace(plain, moved_bytes=(2**60,)),
        "the slowest clock of the core": replace(plain, core_level=0, moved_bytes=(0, 5)),
        "a clock of the core between": replace(plain, core_level=1),
    }
