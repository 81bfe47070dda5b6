"""A learned power model of a simulated NPU: physical features in, bounded watts out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.device.npu import Npu
from dfsrt.power.bundle import Bundle
from dfsrt.power.card import device_digest
from dfsrt.power.conformal import Bound
from dfsrt.power.features import features, moved_by_activity, names
from dfsrt.power.valid_range import within
from dfsrt.power.workload import Workload


@dataclass(frozen=True)
class LearnedPowerModel:
    """Watts of a fitted regression, and an upper bound where a confidence is asked for.

    ``watts_of`` maps features ``(n_rows, n_features)`` to watts. With ``confidence`` every
    prediction is the bound that at most 1 - confidence of unseen layers exceed: the bound's factor
    is on what the layer switches. ``guard`` is a margin on top. ``memory_hz`` are the memory points
    at which it was trained, none where that was the highest alone. ``note`` says what a reader of a
    report must know of where the model comes from; empty where there is nothing.

    Limits: knows a layer only by its counts; the hidden activity of one layer is its error.
    """

    name: str
    watts_of: Callable[[Floats], Floats]
    bound: Bound
    valid_low: Floats
    valid_high: Floats
    guard: float = 0.0
    confidence: float | None = None
    note: str = ""
    memory_hz: tuple[int, ...] = ()

    def predict_w(self, load: Workload, npu: Npu, freqs_hz: Floats, volts: Floats) -> Floats:
        """Return watts of shape ``(n_layers, n_levels)``, bound and guard included."""
        columns = features(load, npu, freqs_hz, volts)
        flat = columns.reshape(-1, columns.shape[-1])
        watts = self.watts_of(flat).reshape(columns.shape[:2])
        if self.confidence is not None:
            # Clock tree and leakage are the same for every layer: only its activity is unknown.
            moving = self.watts_of(moved_by_activity(flat)).reshape(columns.shape[:2])
            watts = watts + moving * (self.bound.of(load.kinds, self.confidence) - 1.0)[:, None]
        return watts * (1.0 + self.guard)

    def in_range(
        self, load: Workload, npu: Npu, freqs_hz: Floats, volts: Floats
    ) -> NDArray[np.bool_]:
        """Return where each feature lies within the training samples, ``(n_layers, n_levels)``."""
        columns = features(load, npu, freqs_hz, volts)
        return within(columns, self.valid_low, self.valid_high)

    def at(self, confidence: float | None, guard: float) -> LearnedPowerModel:
        """Return the model with another confidence and guard.

        Raises:
            InputError: a confidence that the samples cannot carry.
        """
        if confidence is not None:
            self.bound.of([], confidence)
        return replace(self, confidence=confidence, guard=guard)


def of_bundle(bundle: Bundle, npu: Npu, name: str) -> LearnedPowerModel:
    """Return the shipped or trained model in ``bundle`` for ``npu``.

    Raises:
        InputError: a model of another kind, or of another device than this one.
    """
    card = bundle.card
    if card.kind != "npu":
        raise InputError(
            f"power model '{card.name}' predicts layers of {card.device}, which no simulated "
            f"device is; use it with 'dfsrt predict NETWORK --power-model {card.name}'"
        )
    if card.device_digest != device_digest(npu):
        raise InputError(
            f"power model '{card.name}' was trained on {card.device} as it was then, not on this "
            f"{npu.name}; train one with 'dfsrt measure' and 'dfsrt train', or use 'fitted'"
        )
    if tuple(card.features) != names(npu):
        raise InputError(
            f"power model '{card.name}' was trained on other features than this dfsrt computes; "
            "train it anew"
        )
    return LearnedPowerModel(
        name=name,
        watts_of=lambda columns: bundle.run(columns)["power_w"],
        bound=card.bounds.as_bound(),
        valid_low=np.array(card.valid_low),
        valid_high=np.array(card.valid_high),
        memory_hz=tuple(card.memory_hz or ()),
    )
