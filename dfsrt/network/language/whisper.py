"""Whisper tiny's encoder: two convolutions over a spectrogram, then a transformer."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder, Weights
from dfsrt.network.kit.parts import layer_norm, transpose
from dfsrt.network.kit.transformer import encoder_layer, gelu
from dfsrt.network.language.config import WhisperConfig


def build_whisper_encoder(
    *,
    frames: int,
    batch: int,
    precision: str = "fp32",
    config: WhisperConfig | None = None,
    weights: Weights | None = None,
) -> onnx.ModelProto:
    """Return the encoder of ``frames`` of a log-mel spectrogram, 100 a second, to half as many
    vectors.

    Limits: for fewer than 3000 frames the table of places has only so many rows, and the
    parameters are fewer by the rest.
    """
    c = config or WhisperConfig()
    places = frames // 2
    b = Builder("whisper-tiny-encoder", batch, precision, weights)
    x = b.input("mels", (batch, c.mels, frames))
    x = gelu(b, _conv(b, x, "conv1", (c.mels, c.width)), "conv1.gelu")
    x = gelu(b, _conv(b, x, "conv2", (c.width, c.width), stride=2), "conv2.gelu")
    x = transpose(b, x, "tokens", [0, 2, 1])
    x = b.node("Add", [x, b.weight("places.weight", (places, c.width), 0.01)], "places")
    for i in range(c.layers):
        x = encoder_layer(b, x, f"layers.{i}", c.width, c.heads, c.inner, key_bias=False)
    b.output(layer_norm(b, x, "norm", c.width), "states", (batch, places, c.width))
    return b.model()


def _conv(b: Builder, x: str, name: str, channels: tuple[int, int], stride: int = 1) -> str:
    """A convolution over time, three frames wide."""
    weight = b.weight(f"{name}.weight", (channels[1], channels[0], 3), 1 / (3 * channels[0]))
    operands = [x, weight, b.weight(f"{name}.bias", (channels[1],))]
    return b.node("Conv", operands, name, kernel_shape=[3], strides=[stride], pads=[1, 1])
