"""ViT-B/16: a transformer's encoder over patches of a picture."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import conv, layer_norm, reshape, transpose
from dfsrt.network.kit.transformer import encoder_layer

WIDTH, HEADS, LAYERS, INNER, PATCH = 768, 12, 12, 3072, 16
"""Source: Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021, table 1."""
_FIRST = (("start", 0), ("end", 1), ("axis", 1))


def build_vit_b_16(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return ViT-B/16; its places are as many as the picture has patches, and one for the class.

    Limits: in a batch each picture has a class token of its own, that of the others.
    """
    b = Builder("vit_b_16", batch, precision)
    patches = (height // PATCH) * (image // PATCH)
    x = conv(b, b.input("picture", (batch, 3, height, image)), "patches", (3, WIDTH), PATCH, PATCH,
             [0] * 4)  # fmt: skip
    x = transpose(b, reshape(b, x, "flat", [0, WIDTH, patches]), "tokens", [0, 2, 1])
    x = b.node("Concat", [_class_token(b), x], "class", axis=1)
    x = b.node("Add", [x, b.weight("places.weight", (1, patches + 1, WIDTH), 0.01)], "places")
    for i in range(LAYERS):
        x = encoder_layer(b, x, f"layers.{i}", WIDTH, HEADS, INNER)
    x = layer_norm(b, x, "norm", WIDTH)
    first = b.node("Slice", [x, *(b.ints(f"pick.{k}", [v]) for k, v in _FIRST)], "pick")
    weight = b.weight("classes.weight", (WIDTH, classes), 1 / WIDTH)
    flat, bias = reshape(b, first, "picked", [0, WIDTH]), b.weight("classes.bias", (classes,))
    b.output(b.node("Gemm", [flat, weight, bias], "classes"), "scores", (batch, classes))
    return b.model()


def _class_token(b: Builder) -> str:
    token = b.weight("class.weight", (1, 1, WIDTH), 0.01)
    if b.batch == 1:
        return token
    return b.node("Expand", [token, b.ints("class.shape", (b.batch, 1, 1))], "class.each")
