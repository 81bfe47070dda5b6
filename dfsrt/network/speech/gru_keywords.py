"""A GRU on the spectrum of a second of sound, whose last state is classified."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder

COEFFICIENTS = 10
"""Of a frame, every 40 ms in the smallest of three networks, every 20 ms in the others.

Source: Zhang et al., Hello Edge, arXiv 1711.07128, GRU: 154, 250 and 400 units (S, M, L), and its
training commands (ARM-software/ML-KWS-for-MCU).
"""
GATES = 3


def build_gru_keywords(
    *, frames: int, units: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return the GRU on ``frames`` of ten coefficients each; a gate has one bias, and one of 0."""
    b = Builder("gru-keywords", batch, precision)
    x = b.input("spectrum", (frames, batch, COEFFICIENTS))
    wide = GATES * units
    weights = [
        b.weight("gru.W", (1, wide, COEFFICIENTS), 1 / COEFFICIENTS),
        b.weight("gru.R", (1, wide, units), 1 / units),
        b.weight("gru.B", (1, 2 * wide)),
    ]
    last = b.outputs_of("GRU", [x, *weights], "gru", ("", "last"), hidden_size=units)[1]
    flat = b.node("Reshape", [last, b.ints("flat", (batch, units))], "reshape")
    dense = [b.weight("classes.weight", (units, classes)), b.weight("classes.bias", (classes,))]
    scores = b.node("Softmax", [b.node("Gemm", [flat, *dense], "classes")], "softmax", axis=-1)
    b.output(scores, "scores", (batch, classes))
    return b.model()
