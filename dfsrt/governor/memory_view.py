"""What a governor may know of the memory's clock."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dfsrt.base.arrays import Floats, Ints, freeze_arrays


@dataclass(frozen=True, slots=True)
class MemoryView:
    """The memory's points, and how layers do at each; a view's own arrays are those of ``level``.

    ``freqs_hz`` is ``(n_memory,)``, ascending. ``duration_ns`` is ``(n_layers, n_memory,
    n_levels)`` and ``predicted_w`` ``(n_layers, n_memory, n_levels, n_set_points)``, watts in the
    capped domain. A change takes effect at the first layer boundary ``delay_ns`` after it was asked
    for, and stalls all for ``stall_ns`` there. With ``free`` a plan may say memory points; else the
    memory has a governor of its own, and ``level`` is the point now. ``idle_w``, ``(n_memory,)``,
    is what each point adds in the capped domain while nothing runs; that of ``level`` is in the
    view's ``rest`` already. ``npu_predicted_w`` is
    ``predicted_w`` for the NPU's own domain, None where that is the capped one.
    """

    freqs_hz: Ints
    level: int
    duration_ns: Ints
    predicted_w: Floats
    stall_ns: int
    delay_ns: int
    free: bool
    idle_w: Floats
    npu_predicted_w: Floats | None = None

    def __post_init__(self) -> None:
        freeze_arrays(self)

    def of_layers(self, layers: slice | list[int]) -> MemoryView:
        """Return the same of some layers alone."""
        npu_w = self.npu_predicted_w
        return replace(
            self,
            duration_ns=self.duration_ns[layers],
            predicted_w=self.predicted_w[layers],
            npu_predicted_w=None if npu_w is None else npu_w[layers],
        )

    def narrowed(self, levels: int, set_points: Ints) -> MemoryView:
        """Return the same of the slowest ``levels`` and some ``set_points``, ``(n,)``, alone."""
        npu_w = self.npu_predicted_w
        return replace(
            self,
            duration_ns=self.duration_ns[:, :, :levels],
            predicted_w=self.predicted_w[:, :, :levels][..., set_points],
            npu_predicted_w=None if npu_w is None else npu_w[:, :, :levels][..., set_points],
        )
