"""What a power model promises to a runtime, whoever trained it."""

from __future__ import annotations

from typing import Protocol

from dfsrt.device.npu import Npu
from dfsrt.power.workload import Floats, Workload


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
