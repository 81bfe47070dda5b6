"""The scheduler's arithmetic of one denoising step."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder


def build_scheduler(image: int, batch: int, precision: str = "fp32") -> onnx.ModelProto:
    """Return one step: guidance where ``batch`` is 2, the DDIM update, the UNet's next input.

    The latents become ``keep`` · latents + ``add`` · noise, with both numbers worked out on the
    host from the step's noise levels.
    Source: Song et al., Denoising Diffusion Implicit Models, 2021, equation 12 with sigma 0; Ho
    and Salimans, Classifier-Free Diffusion Guidance, 2022, equation 6.
    """
    b, side = Builder("sd2-scheduler", batch, precision), image // 8
    noise = b.input("noise", (batch, 4, side, side))
    latents = b.input("latents", (1, 4, side, side))
    mask = b.input("mask", (1, 1, side, side))
    masked = b.input("masked_latents", (1, 4, side, side))
    keep, add = b.input("keep", (1,)), b.input("add", (1,))
    if batch == 2:
        plain, told = b.halves(noise, "guidance.split", axis=0)
        more = b.node("Sub", [told, plain], "guidance.difference")
        more = b.node("Mul", [more, b.input("guidance", (1,))], "guidance.scale")
        noise = b.node("Add", [plain, more], "guidance")
    kept = b.node("Mul", [latents, keep], "ddim.keep")
    next_latents = b.node("Add", [kept, b.node("Mul", [noise, add], "ddim.add")], "ddim")
    joined = b.node("Concat", [next_latents, mask, masked], "join", axis=1)
    if batch == 2:
        joined = b.node("Concat", [joined, joined], "repeat", axis=0)
    b.output(next_latents, "next_latents", (1, 4, side, side))
    b.output(joined, "sample", (batch, 9, side, side))
    return b.model()
