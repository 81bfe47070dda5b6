"""Levels: every pair of a core's operating point and a memory point, in one numbering."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Ints, Scalar, freeze_arrays
from dfsrt.device.npu import Npu


@dataclass(frozen=True, slots=True)
class Levels:
    """Core points times memory points; a level is ``memory * n_core + core``.

    ``freqs_hz``, ``rails_uv``, ``core`` and ``memory`` have shape ``(n_levels,)``: the core's
    clock, the voltage that it needs, and which core and memory point a level stands for.
    ``memory_hz`` is ``(n_memory,)``, ascending, 0 where a device says no memory point: it has one
    then, and levels are the core's operating points.
    """

    freqs_hz: Ints
    rails_uv: Ints
    core: Ints
    memory: Ints
    memory_hz: Ints

    def __post_init__(self) -> None:
        freeze_arrays(self)

    def __len__(self) -> int:
        return len(self.freqs_hz)

    @property
    def n_memory(self) -> int:
        """Memory points."""
        return len(self.memory_hz)

    @property
    def n_core(self) -> int:
        """Operating points of the core."""
        return len(self.freqs_hz) // len(self.memory_hz)

    def at(self, memory: int) -> slice:
        """Return the levels at a memory point: the core's operating points, slow to fast.

        -1 is the highest, as in a list.
        """
        first = memory % self.n_memory * self.n_core
        return slice(first, first + self.n_core)

    def level_of(self, freq_hz: int, memory_hz: int | None = None) -> int:
        """Return the level of a core's clock and a memory clock, the memory's highest for None.

        Raises:
            ValueError: no such level.
        """
        clocks = self.freqs_hz[: self.n_core].tolist()
        memory = (
            self.n_memory - 1 if memory_hz is None else self.memory_hz.tolist().index(memory_hz)
        )
        return int(memory * self.n_core + clocks.index(freq_hz))

    def per_core(self, values: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return sums over memory points, ``(..., n_core)``, of ``values`` ``(..., n_levels)``."""
        shape = (*values.shape[:-1], self.n_memory, self.n_core)
        return np.asarray(values.reshape(shape).sum(axis=-2))


def levels_of(npu: Npu) -> Levels:
    """Return the levels of a device."""
    memory_hz = np.array([p.freq_hz for p in npu.memory.points] or [0], dtype=np.int64)
    n_memory, n_core = len(memory_hz), len(npu.opps)
    return Levels(
        freqs_hz=np.tile(np.array(npu.opps.freqs_hz, dtype=np.int64), n_memory),
        rails_uv=np.tile(np.array(npu.opps.rails_uv, dtype=np.int64), n_memory),
        core=np.tile(np.arange(n_core), n_memory),
        memory=np.repeat(np.arange(n_memory), n_core),
        memory_hz=memory_hz,
    )
