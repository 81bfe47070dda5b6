"""Layouts of images in memory: which tensors are images, and what a channels-last layout costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.network.layer import Kind, Layer

PLAIN, CHANNELS_LAST = "nchw", "nhwc"
LAYOUTS = (CHANNELS_LAST, PLAIN)
"""How an image lies in memory: pixel by pixel with all its channels, or channel by channel."""

OF_IMAGES = frozenset(
    (
        "AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "DepthToSpace",
        "GlobalAveragePool", "GlobalMaxPool", "GroupNormalization", "InstanceNormalization", "LRN",
        "MaxPool", "Resize", "SpaceToDepth", "Upsample",
    )
)  # fmt: skip
"""Operators whose first operand with four axes is an image, wherever it comes from."""
_OF_ROWS = frozenset(("CumSum", "LayerNormalization", "LogSoftmax", "LpNormalization", "Softmax"))
"""Operators that keep a tensor's shape, but not each element to itself."""
_ENDS = frozenset(("Einsum", "Flatten", "Gather", "Gemm", "MatMul", "Reshape", "Transpose"))
"""Operators after which a tensor with four axes is no image any more."""
_TO_LAST, _FROM_LAST = (0, 2, 3, 1), (0, 3, 1, 2)
"""Transpositions that a channels-last image has done already."""


@dataclass(frozen=True, slots=True)
class ImageFlow:
    """What of some layers are images: names of tensors that lie channel-last, where that is wanted.

    ``free`` names the layers that then do nothing, ``turned`` the tensors that are put from one
    layout into the other, each once.
    """

    images: frozenset[str]
    free: frozenset[str]
    turned: tuple[str, ...]

    def layout(self, layer: Layer) -> str:
        """Return the layout in which ``layer`` runs where images lie channel-last."""
        touched = (*layer.inputs, *layer.outputs)
        on_images = any(t.name in self.images for t in touched) and not _is_alike(layer)
        return CHANNELS_LAST if on_images else PLAIN


def image_flow(layers: Sequence[Layer]) -> ImageFlow:
    """Follow images through ``layers``, which are in the order in which they run.

    Limits: images with two axes in space; a transposition is known by its shapes; a view that
    keeps both axes of space last is free.
    """
    any_image = any(_is_of_images(a) for a in layers)
    made = {t.name for a in layers for t in a.outputs}
    images: set[str] = set()
    free: list[str] = []
    turned: dict[str, None] = {}
    for layer in layers:
        data = [t for t in layer.inputs if len(t.shape) == 4]
        known = [t.name for t in data if t.name in images]
        if _is_of_images(layer):
            turned |= {t.name: None for t in data[:1] if t.name in made - images}
            images |= {t.name for t in (*data[:1], *layer.outputs)}
        elif layer.op == "Transpose" and any_image and _is_done(layer, bool(known)):
            free.append(layer.name)
            images |= set() if known else {t.name for t in layer.outputs}
        elif layer.op in _ENDS:
            turned |= {t.name: None for t in data if t.name in known and _is_copied(layer)}
        elif known:
            images |= {t.name for t in layer.outputs if len(t.shape) == 4}
    return ImageFlow(frozenset(images), frozenset(free), tuple(turned))


def _is_alike(layer: Layer) -> bool:
    """Whether a layer takes its operands element by element, in whichever order they lie."""
    if layer.kind is not Kind.VECTOR or layer.op in OF_IMAGES | _OF_ROWS:
        return False
    shape = layer.outputs[0].shape
    return all(t.shape == shape or t.elements == 1 for t in (*layer.inputs, *layer.weights))


def _is_of_images(layer: Layer) -> bool:
    return layer.op in OF_IMAGES and len(layer.outputs[0].shape) == 4 and bool(layer.inputs)


def _is_done(layer: Layer, of_image: bool) -> bool:
    """Whether a transposition only names an image's axes in the order in which they lie."""
    shape, out = layer.inputs[0].shape, layer.outputs[0].shape
    if len(shape) != 4:
        return False
    return out == tuple(shape[i] for i in (_TO_LAST if of_image else _FROM_LAST))


def _is_copied(layer: Layer) -> bool:
    """Whether a view of a channels-last image must be copied: its elements change their order."""
    _, channels, *space = layer.inputs[0].shape
    if layer.kind is not Kind.VIEW or min(channels, math.prod(space)) == 1:
        return False
    return tuple(layer.outputs[0].shape[-2:]) != tuple(space)
