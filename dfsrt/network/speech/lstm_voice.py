"""A voice detector: the spectrum of each chunk of sound, four convolutions, an LSTM over chunks."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder

SAMPLES, PADDING = 576, 64
"""Of a chunk of 32 ms, 64 of them of the one before; and those that are mirrored behind it."""
WINDOW, HOP, LINES = 256, 128, 129
"""Samples of a spectrum, from one to the next, and its lines, a real and an imaginary part each."""
ENCODER = ((128, 1), (64, 2), (64, 2), (128, 1))
"""Channels and stride of the convolutions, three wide."""
UNITS = 128
"""Source: snakers4/silero-vad (MIT), src/silero_vad/tinygrad_model.py, for all of these shapes."""


def build_lstm_voice(*, chunks: int, batch: int, precision: str = "fp32") -> onnx.ModelProto:
    """Return the detector on ``chunks`` in a row of ``batch`` recordings; states go in and out."""
    b = Builder("lstm-voice", batch, precision)
    x = b.input("chunks", (chunks * batch, 1, SAMPLES))
    x = _encode(b, _spectrum(b, x))
    x = b.node("Reshape", [x, b.ints("steps", (chunks, batch, UNITS))], "reshape")
    state = (1, batch, UNITS)
    before = [b.input(f"{name}.before", state) for name in ("h", "c")]
    wide = 4 * UNITS
    weights = [
        b.weight("lstm.W", (1, wide, UNITS), 1 / UNITS),
        b.weight("lstm.R", (1, wide, UNITS), 1 / UNITS),
        b.weight("lstm.B", (1, 2 * wide)),
    ]
    every, h, c = b.outputs_of(
        "LSTM", [x, *weights, "", *before], "lstm", ("every", "h", "c"), hidden_size=UNITS
    )
    y = b.node("Relu", [every], "decoder.act")
    y = b.node("Reshape", [y, b.ints("rows", (chunks * batch, UNITS, 1))], "decoder.reshape")
    y = _conv(b, y, "decoder", (1, UNITS, 1))
    b.output(b.node("Sigmoid", [y], "sigmoid"), "speech", (chunks * batch, 1, 1))
    b.output(h, "h", state)
    b.output(c, "c", state)
    return b.model()


def _spectrum(b: Builder, x: str) -> str:
    """Magnitudes of four spectra of a chunk, by a convolution with sines and cosines."""
    pads = b.ints("mirror.pads", (0, 0, 0, 0, 0, PADDING))
    x = b.node("Pad", [x, pads], "mirror", mode="reflect")
    basis = b.weight("spectrum.basis", (2 * LINES, 1, WINDOW), 1 / WINDOW)
    x = b.node("Conv", [x, basis], "spectrum", kernel_shape=[WINDOW], strides=[HOP])
    parts = b.halves(x, "spectrum.parts", 1)
    squares = [b.node("Mul", [part, part], f"spectrum.square{i}") for i, part in enumerate(parts)]
    return b.node("Sqrt", [b.node("Add", squares, "spectrum.sum")], "spectrum.magnitude")


def _encode(b: Builder, x: str) -> str:
    """Four spectra of a chunk become one column of features."""
    before = LINES
    for number, (channels, stride) in enumerate(ENCODER):
        name = f"encoder{number}"
        x = _conv(b, x, name, (channels, before, 3), stride)
        x = b.node("Relu", [x], f"{name}.act")
        before = channels
    return x


def _conv(b: Builder, x: str, name: str, shape: tuple[int, int, int], stride: int = 1) -> str:
    filters, channels, kernel = shape
    weight = b.weight(f"{name}.weight", shape, 1 / (channels * kernel))
    return b.node(
        "Conv", [x, weight, b.weight(f"{name}.bias", (filters,))], name,
        kernel_shape=[kernel], strides=[stride], pads=[kernel // 2] * 2,
    )  # fmt: skip
