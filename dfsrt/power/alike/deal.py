"""Made-up layers dealt to made-up networks."""

from __future__ import annotations

import numpy as np

from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer
from dfsrt.network.precision import PRECISIONS
from dfsrt.power.alike import image, tokens
from dfsrt.power.alike.draw import Make

NETWORKS = 8
"""Networks that layers are dealt to: each has layers of all kinds, so that a model that has not
seen one of them has seen all kinds elsewhere, as it has with real networks."""

_ROUND: tuple[Make, ...] = (
    image.conv, image.pointwise, image.vector, image.conv, tokens.projection, tokens.move,
    image.depthwise, image.pointwise, tokens.vector, image.stem_or_grouped, tokens.attention,
    image.classifier, image.move, image.conv, image.pointwise, image.vector,
)  # fmt: skip
"""One round of the deal: 11 products, 3 layers of vector work, 2 copies, about as networks have."""


def alike_layers(npu: Npu, count: int, seed: int) -> tuple[tuple[str, Layer], ...]:
    """Return ``count`` layers, each with the name of its made-up network."""
    rng = np.random.default_rng([seed, 1])
    dtype = PRECISIONS[npu.precision]
    return tuple(
        (f"alike/{i // len(_ROUND) % NETWORKS}", _ROUND[i % len(_ROUND)](rng, f"alike_{i}", dtype))
        for i in range(count)
    )
