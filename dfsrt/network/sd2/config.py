"""The configuration of Stable Diffusion v2 inpainting, and how to make it smaller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnetConfig:
    """The UNet; attention has ``heads``, or where that is None as many as are ``head`` wide.

    Source: Stability-AI, configs/stable-diffusion/v2-inpainting-inference.yaml.
    """

    in_channels: int = 9
    out_channels: int = 4
    channels: tuple[int, ...] = (320, 640, 1280, 1280)
    layers: int = 2
    head: int = 64
    heads: int | None = None
    context: int = 1024

    def heads_of(self, width: int) -> int:
        """Return the heads of attention that is ``width`` wide."""
        return self.heads or width // self.head

    @property
    def time(self) -> int:
        """Width of the time's embedding."""
        return 4 * self.channels[0]


SD15_UNET = UnetConfig(in_channels=4, heads=8, context=768)
"""The UNet of Stable Diffusion 1.5.

Source: Rombach et al., CVPR 2022; CompVis, configs/stable-diffusion/v1-inference.yaml.
"""


@dataclass(frozen=True, slots=True)
class VaeConfig:
    """The autoencoder: pictures to latents and back. Source: as above."""

    channels: tuple[int, ...] = (128, 256, 512, 512)
    layers: int = 2
    latent: int = 4


@dataclass(frozen=True, slots=True)
class TextConfig:
    """OpenCLIP's ViT-H text encoder up to the layer before the last. Source: as above."""

    width: int = 1024
    heads: int = 16
    layers: int = 23
    inner: int = 4096
    words: int = 49_408
    positions: int = 77
