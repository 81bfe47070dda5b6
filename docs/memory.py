"""The generated parts of docs/memory.md: what its commands print."""

from __future__ import annotations

OUTPUTS = {
    "layers": "dfsrt memory tiny-images --buffer 8KiB",
    "part": "dfsrt memory alexnet --schedule depth-first --dram lpddr4-3200:channels=2",
    "compare": "dfsrt memory compare resnet50 --buffer 128KiB..1MiB",
}
"""Commands whose output docs/memory.md shows."""

FIGURES = {
    "memory_resnet50.svg": "dfsrt memory resnet50 --schedule resident --buffer 1152KiB",
    "memory_compare_vgg19.svg": "dfsrt memory compare vgg19 --buffer 64KiB..2MiB",
}
"""Figures of docs/memory.md, with the commands that draw them."""
