"""Arm's Vela on an LSTM: cycles of all that it writes a layer out to.

``python -m tests.helpers.vela_lstm`` prints those that ``tests/cost/test_recurrent_cost.py`` holds.
It needs ``pip install --group oracles``. Vela's cycles are its own estimates, not a meter's.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from tests.helpers.tflite import ACTIVATIONS, TfliteModel
from tests.helpers.vela import cycles, rows_of

SIZES = (
    (4, 1, 24, 32), (3, 1, 64, 16), (3, 1, 64, 64), (3, 1, 128, 128), (3, 1, 40, 256),
    (2, 2, 64, 64), (2, 1, 512, 512),
)  # fmt: skip
"""Steps, batch, inputs, hidden units."""
NONE = -1
"""An operand that is left out."""


def lstm(steps: int, batch: int, inputs: int, hidden: int) -> bytes:
    """An LSTM in int8 with weights drawn from a normal distribution, as TFLite stores it."""
    m, rng = TfliteModel("lstm"), np.random.default_rng(0)

    def drawn(name: str, width: int) -> list[int]:
        shape = (hidden, width)
        values = [np.clip(rng.normal(0, 30, shape), -127, 127).round() for _ in range(4)]
        return [m.weight(f"{name}{i}", v, [0.01]) for i, v in enumerate(values)]

    x = m.tensor("x", (batch, steps, inputs))
    weights = drawn("w", inputs) + drawn("r", hidden)
    biases = [m.bias(f"b{i}", rng.integers(-100, 100, hidden), [0.0005]) for i in range(4)]
    states = [m.tensor("h", (batch, hidden), 1 / 128), m.tensor16("c", (batch, hidden), 2**-11)]
    y = m.tensor("y", (batch, steps, hidden), 1 / 128)
    m.inner[y] = [*(m.tensor16(f"i{i}", (0,), 2**-12) for i in range(4)), m.tensor("o", (0,))]
    operands = [x, *weights, *[NONE] * 3, *biases, NONE, NONE, *states, *[NONE] * 4]
    clips = {"cell_clip": 0.0, "projection_clip": 0.0}
    m.operator("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, y, act=ACTIVATIONS["tanh"], **clips)
    return m.to_bytes([x], [y])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for sizes in SIZES:
            print(sizes, cycles(rows_of(lstm(*sizes), "lstm", Path(folder))))
