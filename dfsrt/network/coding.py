"""Sizes of codings: the bits that a constant takes as a decoder reads it, indices and all.

Source: relative gaps with filler zeros and code books, Han, Mao, Dally, Deep Compression (ICLR
2016, arXiv 1510.00149); kept of a group, NVIDIA's 2:4 (Mishra et al., arXiv 2104.08378).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum

from dfsrt.network.packing import Packing
from dfsrt.network.tensor import Tensor


class Coding(StrEnum):
    """How the elements of a constant are written down."""

    DENSE = "dense"  # every element
    GROUPS = "n:m"  # those kept of each group, each with its place in the group
    BLOCKS = "blocks"  # a bit for each block of output channels, and blocks that are not zero
    MASK = "mask"  # a bit for each element, and those that are not zero
    ZEROS = "zeros"  # those that are not zero, each with the gap before it, and filler zeros
    SHARED = "shared"  # an index into a code book for each element
    ZEROS_SHARED = "zeros+shared"  # gaps, and indices into a code book


CODINGS = tuple(Coding)
GAP_BITS = tuple(range(1, 9))
"""Widths of gaps that coders choose from."""


def coded_bits(
    elements: int, bits: int, packing: Packing, coding: str, gap_bits: int | None = None
) -> int:
    """Return what ``elements`` of so many ``bits`` take in a coding; scales are not counted.

    Those of plain storage where ``packing`` does not allow the coding: no groups, no code book.
    Gaps are ``gap_bits`` wide, or as wide as takes the fewest bits.
    """
    plain, nonzero = elements * bits, round(elements * packing.density)
    match Coding(coding):
        case Coding.MASK:
            return elements + nonzero * bits
        case Coding.BLOCKS if packing.blocks > 1:
            blocks = -(-elements // packing.blocks)
            return blocks + round(elements * (1 - packing.zero_blocks)) * bits
        case Coding.GROUPS if packing.group:
            groups, rest = divmod(elements, packing.group)
            kept = groups * packing.kept
            return kept * (bits + index_bits(packing.group)) + rest * bits
        case Coding.ZEROS:
            return _gapped(nonzero, bits, packing, gap_bits)
        case Coding.SHARED if packing.values:
            return elements * index_bits(packing.values) + codebook_bits(packing, bits)
        case Coding.ZEROS_SHARED if packing.values:
            indices = _gapped(nonzero, index_bits(packing.values), packing, gap_bits)
            return indices + codebook_bits(packing, bits)
    return plain


def index_bits(choices: int) -> int:
    """Return the whole bits that tell ``choices`` apart; none of a single one."""
    return max(choices - 1, 0).bit_length()


def codebook_bits(packing: Packing, bits: int) -> int:
    """Return what the shared values themselves take, of so many ``bits`` each."""
    return packing.values * packing.codebooks * bits


def scale_bits(rows: int, inputs: int, block: int, bits: int) -> int:
    """Return what the scales of ``rows`` by ``inputs`` take, one for each ``block`` of inputs.

    A block of 0 is a whole row; the last block of a row may be shorter.
    """
    return rows * (-(-inputs // block) if block else 1) * bits


def expected_fillers(density: float, gap_bits: int) -> float:
    """Return filler zeros per nonzero where zeros lie at random.

    A gap is at least so long with ``(1 - density) ** length``; a filler ends each ``2 ** gap_bits``
    of it.

    Limits: real zeros cluster in rows and columns, which takes fewer or more.
    """
    if not 0 < density < 1:
        return 0.0
    length = 2**gap_bits * math.log1p(-density)  # of exp(length), as 1 - it would be 0 if sparse
    return math.exp(length) / -math.expm1(length)


def least_coded(
    tensor: Tensor, codings: Iterable[str] = CODINGS, gap_bits: int | None = None
) -> tuple[Coding, int]:
    """Return the coding of ``codings``, or plain storage, that takes the fewest bytes, and them.

    Bytes are those of the whole constant with its scales.
    """
    best = Coding.DENSE, coded_bytes(tensor, Coding.DENSE)
    for coding in map(Coding, codings):
        size = coded_bytes(tensor, coding, gap_bits)
        if size < best[1]:
            best = coding, size
    return best


def coded_bytes(tensor: Tensor, coding: str, gap_bits: int | None = None) -> int:
    """Return the bytes of a whole constant in a coding, with its scales and zero points."""
    packing = tensor.packing or Packing()
    bits = coded_bits(tensor.elements, tensor.bits, packing, coding, gap_bits)
    return -(-bits // 8) + tensor.side_bytes


def _gapped(nonzero: int, bits: int, packing: Packing, gap_bits: int | None) -> int:
    """Values of so many ``bits``, each with the gap before it."""
    widths = GAP_BITS if gap_bits is None else (gap_bits,)
    return min((nonzero + _fillers(nonzero, packing, w)) * (bits + w) for w in widths)


def _fillers(nonzero: int, packing: Packing, gap_bits: int) -> int:
    """Counted ones where somebody did, else the expected ones."""
    if gap_bits <= len(packing.fillers):
        return packing.fillers[gap_bits - 1]
    return math.ceil(nonzero * expected_fillers(packing.density, gap_bits))
