"""What a power model promises to a runtime, whoever trained it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from numpy import bool_
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats
from dfsrt.device.npu import Npu
from dfsrt.power.workload import Workload


class PowerModel(Protocol):
    """Predicts the power of domain ``npu`` for layers that it has not measured."""

    @property
    def name(self) -> str:
        """Name for reports."""
        ...

    def predict_w(self, load: Workload, npu: Npu, freqs_hz: Floats, volts: Floats) -> Floats:
        """Return watts of shape ``(n_layers, n_levels)`` with the rail held at ``volts``.

        ``freqs_hz`` and ``volts`` have shape ``(n_levels,)``. The value is what a governor
        plans with: where a model has a margin or a bound, it is inside.
        """
        ...


@runtime_checkable
class RangedPowerModel(PowerModel, Protocol):
    """A power model that knows where it was trained."""

    def in_range(self, load: Workload, npu: Npu, freqs_hz: Floats, volts: Floats) -> NDArray[bool_]:
        """Return where the training samples reach, ``(n_layers, n_levels)``."""
        ...


@runtime_checkable
class NotedPowerModel(PowerModel, Protocol):
    """A power model of which a report's reader must know something, where ``note`` is not empty."""

    @property
    def note(self) -> str:
        """One line, or nothing."""
        ...
