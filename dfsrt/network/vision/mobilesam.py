"""The picture side of MobileSAM: TinyViT, whose attention looks through windows, and a neck.

Source: Wu et al., TinyViT: Fast Pretraining Distillation for Small Vision Transformers, ECCV 2022,
section 3.3 and table 1 (5M); Zhang et al., Faster Segment Anything, arXiv 2306.14289 (the neck is
that of Segment Anything; the last stage keeps the size of the map).
"""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import attention, layer_norm, linear, reshape, transpose
from dfsrt.network.vision.draft import ACTIVATIONS, Draft, Feature

STEM, CONVS, EXPANSION = 64, 2, 4
STAGES = ((128, 2, 4, 7, 2), (160, 6, 5, 14, 2), (320, 2, 10, 7, 1))
"""Channels, blocks, heads, a window's side, and the stride that leads into the stage."""
NECK = 256


def build_encoder(
    *, image: int, height: int, batch: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return the encoder, to a map of a 16th of the picture's size.

    Limits: a head's table of biases is stored spread out, a number for each pair of pixels, as
    exports have it.
    """
    d = Draft(Builder("mobilesam-encoder", batch, precision), "gelu")
    x = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    x = d.conv(d.conv(x, "stem.0", STEM // 2, 3, 2), "stem.1", STEM, 3, 2)
    for i in range(CONVS):
        x = _inverted(d, x, f"convs.{i}")
    sides = height // 4, image // 4
    for stage, (channels, blocks, heads, window, stride) in enumerate(STAGES):
        x = _merge(d, x, f"stage{stage}.merge", channels, stride)
        sides = sides[0] // stride, sides[1] // stride
        y = _flat(d.b, x, f"stage{stage}.flat")
        for i in range(blocks):
            y = _block(d, y, f"stage{stage}.{i}", channels, heads, window, sides)
        x = _picture(d.b, y, f"stage{stage}.picture", channels, sides)
    x = _neck(d, _neck(d, x, "neck.0", 1), "neck.1", 3)
    d.b.output(x.tensor, "embedding", (batch, NECK, *sides))
    return d.b.model()


def _inverted(d: Draft, x: Feature, name: str) -> Feature:
    y = d.conv(x, f"{name}.expand", EXPANSION * x.channels)
    y = d.conv(d.depthwise(y, f"{name}.depthwise"), f"{name}.project", x.channels, act="")
    total = d.add(x, y, f"{name}.add").tensor
    return Feature(ACTIVATIONS[d.act](d.b, total, f"{name}.act"), x.channels)


def _merge(d: Draft, x: Feature, name: str, channels: int, stride: int) -> Feature:
    y = d.depthwise(d.conv(x, f"{name}.in", channels), f"{name}.depthwise", 3, stride)
    return d.conv(y, f"{name}.out", channels, act="")


def _flat(b: Builder, x: Feature, name: str) -> str:
    """Turn a map into tokens, (batch, pixels, channels)."""
    return transpose(b, reshape(b, x.tensor, f"{name}.view", [0, x.channels, -1]), name, [0, 2, 1])


def _picture(b: Builder, x: str, name: str, channels: int, sides: tuple[int, int]) -> Feature:
    turned = transpose(b, x, f"{name}.transpose", [0, 2, 1])
    return Feature(reshape(b, turned, name, [0, channels, *sides]), channels)


def _block(
    d: Draft, x: str, name: str, width: int, heads: int, window: int, sides: tuple[int, int]
) -> str:
    """Add attention in windows, a depthwise convolution, and a feed-forward part."""
    b, inside = d.b, window * window
    y = _windows(b, x, f"{name}.windows", width, window, sides)
    y = layer_norm(b, y, f"{name}.norm1", width)
    bias = b.weight(f"{name}.attn.biases", (1, heads, inside, inside))
    y = attention(b, y, f"{name}.attn", width, heads, bias=True, added=bias)
    x = b.node("Add", [x, _joined(b, y, f"{name}.joined", width, window, sides)], f"{name}.add1")
    local = d.depthwise(_picture(b, x, f"{name}.picture", width, sides), f"{name}.local", act="")
    x = _flat(b, local, f"{name}.flat")
    y = linear(b, layer_norm(b, x, f"{name}.norm2", width), f"{name}.fc1", (width, 4 * width))
    y = linear(b, ACTIVATIONS["gelu"](b, y, f"{name}.act"), f"{name}.fc2", (4 * width, width))
    return b.node("Add", [x, y], f"{name}.add2")


def _windows(b: Builder, x: str, name: str, width: int, window: int, sides: tuple[int, int]) -> str:
    """Cut tokens into windows: (batch · windows, pixels of a window, channels)."""
    rows, columns = sides[0] // window, sides[1] // window
    cut = reshape(b, x, f"{name}.cut", [b.batch, rows, window, columns, window, width])
    turned = transpose(b, cut, f"{name}.transpose", [0, 1, 3, 2, 4, 5])
    return reshape(b, turned, name, [b.batch * rows * columns, window * window, width])


def _joined(b: Builder, x: str, name: str, width: int, window: int, sides: tuple[int, int]) -> str:
    rows, columns = sides[0] // window, sides[1] // window
    cut = reshape(b, x, f"{name}.cut", [b.batch, rows, columns, window, window, width])
    turned = transpose(b, cut, f"{name}.transpose", [0, 1, 3, 2, 4, 5])
    return reshape(b, turned, name, [b.batch, sides[0] * sides[1], width])


def _neck(d: Draft, x: Feature, name: str, kernel: int) -> Feature:
    """Add a convolution without bias and a normalization over the channels of each pixel."""
    y = d.conv(x, name, NECK, kernel, act="", bias=False)
    last = transpose(d.b, y.tensor, f"{name}.last", [0, 2, 3, 1])
    normed = layer_norm(d.b, last, f"{name}.norm", NECK)
    return Feature(transpose(d.b, normed, f"{name}.first", [0, 3, 1, 2]), NECK)
