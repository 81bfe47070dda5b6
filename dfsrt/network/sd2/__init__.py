"""Stable Diffusion v2 inpainting, and the UNet of 1.5, as ONNX graphs without any weights."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.network.kit.recipe import Recipe, Size

STEP = 64
"""Pictures are multiples of it: latents are an eighth, and the UNet halves them three times."""

_WHAT = "Stable Diffusion v2 inpainting, built by dfsrt; sizes as NAME:image=512:batch=1"
_WHAT_15 = "Stable Diffusion 1.5's UNet, built by dfsrt; sizes as NAME:image=512:batch=1"
_IMAGE = Size(512, STEP, 4096, STEP)
_BATCH = Size(1, 1, 64)
_TOKENS = Size(77, 1, 77)
_GUIDED = Size(1, 1, 2)
"""A batch of two is guidance: the UNet's answers with the prompt and without it."""


def _recipe(maker: str, what: str = _WHAT, **sizes: Size) -> Recipe:
    return Recipe(what, sizes, f"dfsrt.network.sd2.{maker}")


RECIPES: Mapping[str, Recipe] = {
    "sd2-vae-encoder": _recipe("vae:build_encoder", image=_IMAGE, batch=_BATCH),
    "sd2-text-encoder": _recipe("text:build_text_encoder", tokens=_TOKENS, batch=_BATCH),
    "sd2-unet": _recipe("unet:build_unet", image=_IMAGE, batch=_BATCH, tokens=_TOKENS),
    "sd2-scheduler": _recipe("scheduler:build_scheduler", image=_IMAGE, batch=_GUIDED),
    "sd2-vae-decoder": _recipe("vae:build_decoder", image=_IMAGE, batch=_BATCH),
    "sd15-unet": _recipe(
        "unet:build_sd15_unet", _WHAT_15, image=_IMAGE, batch=_BATCH, tokens=_TOKENS
    ),
}
"""By name; those of v2 in the order in which a frame runs them."""
