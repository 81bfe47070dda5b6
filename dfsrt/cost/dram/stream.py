"""Streams: bytes that cross in runs, and what a layer's streams cost."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.base.errors import InputError


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes that cross in runs of consecutive addresses.

    ``bytes`` are those of use, ``run_bytes`` of them follow each other in a run. ``pitch_bytes`` is
    from a run's beginning to the next one's, where that is known: runs that lie in one row then
    share it. 0 is not known, and each run opens a row of its own.

    Raises:
        InputError: fewer than 0 bytes, or a run of none.
    """

    bytes: int
    run_bytes: int
    is_write: bool
    pitch_bytes: int = 0

    def __post_init__(self) -> None:
        if self.bytes < 0 or self.run_bytes < 1 or self.pitch_bytes < 0:
            raise InputError(
                f"a stream of {self.bytes} bytes in runs of {self.run_bytes}, every "
                f"{self.pitch_bytes}; give 0 bytes or more in runs of at least 1"
            )


@dataclass(frozen=True, slots=True)
class DramCost:
    """What the DRAM takes for a layer's streams.

    ``seconds`` at its own pace, ``access_j`` for activates and bursts. ``background_w`` flows while
    it works: standby with a row open and refresh; ``idle_w`` when nothing crosses: standby closed,
    or powered down, and refresh. ``crossed_bytes`` are of whole bursts.
    """

    seconds: float
    access_j: float
    background_w: float
    idle_w: float
    activates: int
    bursts: int
    row_hit_rate: float
    crossed_bytes: int
