"""The UNet: predicts the noise in a latent picture, told the time and the prompt."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder, Weights
from dfsrt.network.kit.parts import (
    attention,
    conv,
    layer_norm,
    linear,
    reshape,
    silu,
    transpose,
    upsample,
)
from dfsrt.network.sd2.config import SD15_UNET, UnetConfig
from dfsrt.network.sd2.parts import group_norm, resnet

EPSILON = 1e-5


class _Unet:
    """The graph in the making, for one size."""

    def __init__(self, b: Builder, config: UnetConfig) -> None:
        self.b, self.c = b, config
        self.time, self.context = "", ""

    def embed_time(self, sinusoid: str) -> None:
        first, width = self.c.channels[0], self.c.time
        x = linear(self.b, sinusoid, "time_embedding.linear_1", (first, width))
        x = silu(self.b, x, "time_embedding.act")
        self.time = linear(self.b, x, "time_embedding.linear_2", (width, width))

    def resnet(self, x: str, name: str, before: int, after: int, side: int) -> str:
        return resnet(self.b, x, name, (before, after), side, EPSILON, self.time, self.c.time)

    def transformer(self, x: str, name: str, width: int, side: int) -> str:
        """Attention over pixels, to the prompt, and a feed-forward part, around a residual."""
        b = self.b
        y = group_norm(b, x, f"{name}.norm", width, side, 1e-6)
        y = transpose(b, y, f"{name}.to_pixels", [0, 2, 3, 1])
        y = reshape(b, y, f"{name}.pixels", [0, side * side, width])
        y = linear(b, y, f"{name}.proj_in", (width, width))
        y = self._block(y, f"{name}.block", width)
        y = linear(b, y, f"{name}.proj_out", (width, width))
        y = reshape(b, y, f"{name}.picture", [0, side, side, width])
        y = transpose(b, y, f"{name}.to_channels", [0, 3, 1, 2])
        return b.node("Add", [y, x], f"{name}.add")

    def _block(self, x: str, name: str, width: int) -> str:
        b, heads = self.b, self.c.heads_of(width)
        y = attention(b, layer_norm(b, x, f"{name}.norm1", width), f"{name}.attn1", width, heads)
        x = b.node("Add", [y, x], f"{name}.add1")
        y = attention(
            b, layer_norm(b, x, f"{name}.norm2", width), f"{name}.attn2", width, heads,
            context=self.context, context_width=self.c.context,
        )  # fmt: skip
        x = b.node("Add", [y, x], f"{name}.add2")
        y = layer_norm(b, x, f"{name}.norm3", width)
        y = linear(b, y, f"{name}.ff.in", (width, 8 * width))
        value, gate = b.halves(y, f"{name}.ff.split", axis=-1)
        y = b.node("Mul", [value, b.node("Gelu", [gate], f"{name}.ff.gelu")], f"{name}.ff.gate")
        y = linear(b, y, f"{name}.ff.out", (4 * width, width))
        return b.node("Add", [y, x], f"{name}.add3")

    def down(self, x: str, side: int) -> tuple[str, list[tuple[str, int]], int]:
        """Add the way down; return what it ends in, what the way up takes, and the side."""
        b, channels, last = self.b, self.c.channels, len(self.c.channels) - 1
        kept, before = [(x, channels[0])], channels[0]
        for level, width in enumerate(channels):
            for i in range(self.c.layers):
                name = f"down.{level}.{i}"
                x = self.resnet(x, f"{name}.resnet", before, width, side)
                if level < last:
                    x = self.transformer(x, f"{name}.transformer", width, side)
                kept.append((x, width))
                before = width
            if level < last:
                x = conv(b, x, f"down.{level}.downsample", (width, width), stride=2)
                side //= 2
                kept.append((x, width))
        return x, kept, side

    def middle(self, x: str, side: int) -> str:
        """Add the lowest part."""
        width = self.c.channels[-1]
        x = self.resnet(x, "mid.resnet1", width, width, side)
        x = self.transformer(x, "mid.transformer", width, side)
        return self.resnet(x, "mid.resnet2", width, width, side)

    def up(self, x: str, kept: list[tuple[str, int]], side: int) -> str:
        """Add the way up, which takes what the way down has kept."""
        b, channels = self.b, self.c.channels[::-1]
        before = channels[0]
        for level, width in enumerate(channels):
            for i in range(self.c.layers + 1):
                name = f"up.{level}.{i}"
                skip, more = kept.pop()
                x = b.node("Concat", [x, skip], f"{name}.concat", axis=1)
                x = self.resnet(x, f"{name}.resnet", before + more, width, side)
                if level > 0:
                    x = self.transformer(x, f"{name}.transformer", width, side)
                before = width
            if level < len(channels) - 1:
                x = upsample(b, x, f"up.{level}.upsample.resize")
                x = conv(b, x, f"up.{level}.upsample", (width, width))
                side *= 2
        return x


def build_unet(
    image: int,
    batch: int,
    tokens: int,
    precision: str = "fp32",
    config: UnetConfig | None = None,
    weights: Weights | None = None,
    name: str = "sd2-unet",
) -> onnx.ModelProto:
    """Return the UNet for pictures of ``image`` pixels a side.

    Inputs are the latents with mask and masked picture, the sinusoid of the time, computed on the
    host, and the prompt's embedding.
    """
    config = config or UnetConfig()
    b, side = Builder(name, batch, precision, weights), image // 8
    first = config.channels[0]
    unet = _Unet(b, config)
    sample = b.input("sample", (batch, config.in_channels, side, side))
    unet.embed_time(b.input("time_sinusoid", (batch, first)))
    unet.context = b.input("prompt", (batch, tokens, config.context))
    x = conv(b, sample, "conv_in", (config.in_channels, first))
    x, kept, low = unet.down(x, side)
    x = unet.up(unet.middle(x, low), kept, low)
    x = silu(b, group_norm(b, x, "norm_out", first, side, EPSILON), "act_out")
    x = conv(b, x, "conv_out", (first, config.out_channels))
    b.output(x, "noise", (batch, config.out_channels, side, side))
    return b.model()


def build_sd15_unet(
    image: int, batch: int, tokens: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return the UNet of Stable Diffusion 1.5 for pictures of ``image`` pixels a side."""
    return build_unet(image, batch, tokens, precision, SD15_UNET, name="sd15-unet")
