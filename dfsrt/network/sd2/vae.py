"""The autoencoder: pictures to latents, and latents to pictures."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder, Weights
from dfsrt.network.kit.parts import attention, conv, reshape, silu, transpose, upsample
from dfsrt.network.sd2.config import VaeConfig
from dfsrt.network.sd2.parts import group_norm, resnet

EPSILON = 1e-6


def _middle(b: Builder, x: str, width: int, side: int) -> str:
    """Two residual blocks with attention over all pixels between them."""
    x = resnet(b, x, "mid.resnet1", (width, width), side, EPSILON)
    y = group_norm(b, x, "mid.attention.norm", width, side, EPSILON)
    y = reshape(b, y, "mid.attention.flat", [0, width, side * side])
    y = transpose(b, y, "mid.attention.to_pixels", [0, 2, 1])
    y = attention(b, y, "mid.attention", width, 1, bias=True)
    y = transpose(b, y, "mid.attention.to_channels", [0, 2, 1])
    y = reshape(b, y, "mid.attention.picture", [0, width, side, side])
    x = b.node("Add", [y, x], "mid.attention.add")
    return resnet(b, x, "mid.resnet2", (width, width), side, EPSILON)


def build_encoder(
    image: int,
    batch: int,
    precision: str = "fp32",
    config: VaeConfig | None = None,
    weights: Weights | None = None,
) -> onnx.ModelProto:
    """Return the encoder; its output holds mean and log variance of the latents."""
    c = config or VaeConfig()
    b = Builder("sd2-vae-encoder", batch, precision, weights)
    x = conv(b, b.input("picture", (batch, 3, image, image)), "conv_in", (3, c.channels[0]))
    before, side = c.channels[0], image
    for level, width in enumerate(c.channels):
        for i in range(c.layers):
            x = resnet(b, x, f"down.{level}.{i}", (before, width), side, EPSILON)
            before = width
        if level < len(c.channels) - 1:
            # A pixel is added to the right and below, none to the left and above.
            x = conv(b, x, f"down.{level}.downsample", (width, width), 3, 2, (0, 0, 1, 1))
            side //= 2
    x = _middle(b, x, c.channels[-1], side)
    x = silu(b, group_norm(b, x, "norm_out", c.channels[-1], side, EPSILON), "act_out")
    x = conv(b, x, "conv_out", (c.channels[-1], 2 * c.latent))
    x = conv(b, x, "quant_conv", (2 * c.latent, 2 * c.latent), kernel=1)
    b.output(x, "moments", (batch, 2 * c.latent, side, side))
    return b.model()


def build_decoder(
    image: int,
    batch: int,
    precision: str = "fp32",
    config: VaeConfig | None = None,
    weights: Weights | None = None,
) -> onnx.ModelProto:
    """Return the decoder, from latents to a picture."""
    c = config or VaeConfig()
    b = Builder("sd2-vae-decoder", batch, precision, weights)
    channels = c.channels[::-1]
    side = image // 2 ** (len(channels) - 1)
    x = b.input("latents", (batch, c.latent, side, side))
    x = conv(b, x, "post_quant_conv", (c.latent, c.latent), kernel=1)
    x = conv(b, x, "conv_in", (c.latent, channels[0]))
    x = _middle(b, x, channels[0], side)
    before = channels[0]
    for level, width in enumerate(channels):
        for i in range(c.layers + 1):
            x = resnet(b, x, f"up.{level}.{i}", (before, width), side, EPSILON)
            before = width
        if level < len(channels) - 1:
            x = upsample(b, x, f"up.{level}.upsample.resize")
            x = conv(b, x, f"up.{level}.upsample", (width, width))
            side *= 2
    x = silu(b, group_norm(b, x, "norm_out", before, image, EPSILON), "act_out")
    x = conv(b, x, "conv_out", (before, 3))
    b.output(x, "picture", (batch, 3, image, image))
    return b.model()
