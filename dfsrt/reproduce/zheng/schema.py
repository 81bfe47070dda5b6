"""What the experiment comes to, as JSON has it."""

from __future__ import annotations

import msgspec


class Scheduled(msgspec.Struct, frozen=True, kw_only=True):
    """A network under a schedule, and what changes, less 1.

    ``bytes``, ``energy_per_byte``, ``energy`` and ``seconds`` (of the DRAM at its own pace) are
    against layer by layer with the best tiles, ``bytes_of_fixed`` against one kind of reuse.
    """

    schedule: str
    dram_bytes: int
    bytes: float
    energy_per_byte: float
    energy: float
    seconds: float
    bytes_of_fixed: float


class AtSize(msgspec.Struct, frozen=True, kw_only=True):
    """A buffer: layer by layer with the best tiles, with one kind of reuse, and all schedules.

    ``fixed`` is the kind of reuse that moves the most bytes, if all layers keep to it.
    """

    buffer: str
    buffer_bytes: int
    layerwise_bytes: int
    fixed: str
    fixed_bytes: int
    schedules: tuple[Scheduled, ...]

    def of(self, schedule: str) -> Scheduled:
        """Return the bytes of a schedule."""
        return next(each for each in self.schedules if each.schedule == schedule)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The layers before the first fully connected one, or all.

    ``floor_bytes`` cross under any schedule and with any buffer: weights, what comes, what goes.
    """

    scope: str
    floor_bytes: int
    weight_bytes: int
    sizes: tuple[AtSize, ...]

    @property
    def most_saved(self) -> float:
        """What changes where nothing but the floor crosses, at the size where that is most."""
        return min(self.floor_bytes / size.layerwise_bytes - 1 for size in self.sizes)


class NetworkSchedules(msgspec.Struct, frozen=True, kw_only=True):
    """A network: the two ends of the paper's range if it is in it, and in words what that means."""

    network: str
    paper: tuple[float, ...] | None
    verdict: str
    scopes: tuple[Scope, ...]


class ZhengReport(msgspec.Struct, frozen=True, kw_only=True):
    """``dfsrt reproduce zheng``."""

    schema_version: int
    experiment: str
    paper: str
    paper_source: str
    recalled: str
    precision: str
    dram: str
    networks: tuple[NetworkSchedules, ...]
