"""What the paper's tables say of each layer, and how many weights its layers have."""

from __future__ import annotations

from typing import NamedTuple

TITLE = "Deep Compression (Han, Mao, Dally; ICLR 2016, arXiv 1510.00149)"
SOURCE = (
    "totals of AlexNet and VGG-16 read in the paper; layers as recalled, for no copy of its tables "
    "was to be had"
)
PLAIN_BITS = 32


class PaperLayer(NamedTuple):
    """A row of a table: what stays, bits of value index and gap, the rate before Huffman coding.

    ``weights`` follow from the layer's shape.
    """

    name: str
    weights: int
    kept: float
    value_bits: int
    gap_bits: int
    rate: float


class PaperNetwork(NamedTuple):
    """A table; ``rate`` is that of the whole network."""

    name: str
    rate: float
    layers: tuple[PaperLayer, ...]


ALEXNET = PaperNetwork(
    "alexnet",
    0.037,
    (
        PaperLayer("conv1", 96 * 3 * 121, 0.84, 8, 4, 0.326),
        PaperLayer("conv2", 256 * 48 * 25, 0.38, 8, 4, 0.145),
        PaperLayer("conv3", 384 * 256 * 9, 0.35, 8, 4, 0.131),
        PaperLayer("conv4", 384 * 192 * 9, 0.37, 8, 4, 0.141),
        PaperLayer("conv5", 256 * 192 * 9, 0.37, 8, 4, 0.140),
        PaperLayer("fc6", 4096 * 9216, 0.09, 5, 4, 0.030),
        PaperLayer("fc7", 4096 * 4096, 0.09, 5, 4, 0.030),
        PaperLayer("fc8", 1000 * 4096, 0.25, 5, 4, 0.073),
    ),
)
VGG16 = PaperNetwork(
    "vgg16",
    0.032,
    (
        PaperLayer("conv1_1", 64 * 3 * 9, 0.58, 8, 5, 0.400),
        PaperLayer("conv1_2", 64 * 64 * 9, 0.22, 8, 5, 0.098),
        PaperLayer("conv2_1", 128 * 64 * 9, 0.34, 8, 5, 0.143),
        PaperLayer("conv2_2", 128 * 128 * 9, 0.36, 8, 5, 0.147),
        PaperLayer("conv3_1", 256 * 128 * 9, 0.53, 8, 5, 0.217),
        PaperLayer("conv3_2", 256 * 256 * 9, 0.24, 8, 5, 0.097),
        PaperLayer("conv3_3", 256 * 256 * 9, 0.42, 8, 5, 0.170),
        PaperLayer("conv4_1", 512 * 256 * 9, 0.32, 8, 5, 0.131),
        PaperLayer("conv4_2", 512 * 512 * 9, 0.27, 8, 5, 0.109),
        PaperLayer("conv4_3", 512 * 512 * 9, 0.34, 8, 5, 0.140),
        PaperLayer("conv5_1", 512 * 512 * 9, 0.35, 8, 5, 0.143),
        PaperLayer("conv5_2", 512 * 512 * 9, 0.29, 8, 5, 0.117),
        PaperLayer("conv5_3", 512 * 512 * 9, 0.36, 8, 5, 0.148),
        PaperLayer("fc6", 4096 * 25088, 0.04, 5, 5, 0.016),
        PaperLayer("fc7", 4096 * 4096, 0.04, 5, 5, 0.015),
        PaperLayer("fc8", 1000 * 4096, 0.23, 5, 5, 0.071),
    ),
)
NETWORKS = (ALEXNET, VGG16)
BOOKS = ((4, 4, 4), (64, 64, 16), (512, 4608, 16), (512, 4608, 256))
"""Outputs, inputs and shared values: the paper's figure of a matrix by hand, and real layers."""
