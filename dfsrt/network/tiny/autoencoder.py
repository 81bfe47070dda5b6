"""The autoencoder of MLPerf Tiny: ten products, narrow in the middle."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder

WIDTHS = (128, 128, 128, 128, 8, 128, 128, 128, 128)
"""Behind each product a batch norm, which is folded into it, and a ReLU; the last has none."""


def build_autoencoder(*, inputs: int, batch: int, precision: str = "fp32") -> onnx.ModelProto:
    """Return the autoencoder of spectrograms, ``inputs`` wide."""
    b = Builder("tiny-anomaly", batch, precision)
    x, before = b.input("spectrogram", (batch, inputs)), inputs
    for number, width in enumerate((*WIDTHS, inputs)):
        name = f"dense{number}"
        weight = b.weight(f"{name}.weight", (before, width), 1 / before)
        x = b.node("Gemm", [x, weight, b.weight(f"{name}.bias", (width,))], name)
        x = b.node("Relu", [x], f"{name}.act") if number < len(WIDTHS) else x
        before = width
    b.output(x, "again", (batch, inputs))
    return b.model()
