"""Stable Diffusion v2 inpainting, and the UNet of 1.5, as ONNX graphs, built here without any weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import unknown_name

if TYPE_CHECKING:
    import onnx

STEP = 64
"""Pictures are multiples of it: latents are an eighth, and the UNet halves them three times."""

_DEFAULTS = {"image": 512, "batch": 1, "tokens": 77}
_RANGES = {"image": (STEP, 4096), "batch": (1, 64), "tokens": (1, 77)}
_DIMS = {
    "sd2-vae-encoder": ("image", "batch"),
    "sd2-text-encoder": ("tokens", "batch"),
    "sd2-unet": ("image", "batch", "tokens"),
    "sd2-scheduler": ("image", "batch"),
    "sd2-vae-decoder": ("image", "batch"),
    "sd15-unet": ("image", "batch", "tokens"),
}


def built_names() -> tuple[str, ...]:
    """Return the networks that are built rather than read."""
    return tuple(_DIMS)


def build_network(
    name: str, dims: Mapping[str, int] | None = None, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return the model called ``name`` for sizes ``image``, ``batch`` and ``tokens``.

    Raises:
        NetworkError: a size that the network does not have, or one out of range.
    """
    from dfsrt.network.sd2.config import SD15_UNET
    from dfsrt.network.sd2.scheduler import build_scheduler
    from dfsrt.network.sd2.text import build_text_encoder
    from dfsrt.network.sd2.unet import build_unet
    from dfsrt.network.sd2.vae import build_decoder, build_encoder

    image, batch, tokens = _sizes(name, dims or {})
    if precision not in ("fp32", "fp16"):
        raise NetworkError(f"precision '{precision}' cannot be built; use fp32 or fp16")
    if name == "sd2-vae-encoder":
        return build_encoder(image, batch, precision)
    if name == "sd2-text-encoder":
        return build_text_encoder(batch, tokens, precision)
    if name == "sd2-unet":
        return build_unet(image, batch, tokens, precision)
    if name == "sd15-unet":
        return build_unet(image, batch, tokens, precision, SD15_UNET, name=name)
    if name == "sd2-vae-decoder":
        return build_decoder(image, batch, precision)
    return build_scheduler(image, batch, precision)


def _sizes(name: str, dims: Mapping[str, int]) -> tuple[int, int, int]:
    for dim, size in dims.items():
        if dim not in _DIMS[name]:
            raise NetworkError(f"network '{name}': {unknown_name('dimension', dim, _DIMS[name])}")
        low, high = _RANGES[dim]
        if not _is_whole(size) or not low <= size <= high or (dim == "image" and size % STEP):
            step = f" in steps of {STEP}" if dim == "image" else ""
            raise NetworkError(
                f"network '{name}': {dim}={size!r} is out of range; "
                f"allowed is {low} to {high}{step}"
            )
    if name == "sd2-scheduler" and dims.get("batch", 1) > 2:
        raise NetworkError("network 'sd2-scheduler': batch is 1, or 2 with guidance")
    sizes = {**_DEFAULTS, **dims}
    return sizes["image"], sizes["batch"], sizes["tokens"]


def _is_whole(size: object) -> bool:
    return isinstance(size, int) and not isinstance(size, bool)
