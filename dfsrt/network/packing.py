"""What of a constant's values lets it be stored in fewer bits without loss: facts that travel."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.base.errors import NetworkError


@dataclass(frozen=True, slots=True)
class Packing:
    """Facts of a stored constant's values; what a device makes of them is the device's.

    ``zeros`` is the share of elements that are zero (of a quantized tensor: its zero point). At
    most ``kept`` of ``group`` neighbours along the reduction axis are not zero, in every group, 0
    of 0 where there is no such pattern; ``blocks`` is the number of neighbouring output channels
    that are zero together, 0 or 1 where none are, and ``zero_blocks`` the share of the elements in
    such blocks. ``values`` is how many values a codebook has, 0 where values are not shared; there
    are ``codebooks`` of them. ``fillers`` are, for gaps of 1 to 8 bits, the zeros that must be
    stored so that no gap between nonzeros is too long, empty where nobody counted.

    Raises:
        NetworkError: a number that is none of these.
    """

    zeros: float = 0.0
    kept: int = 0
    group: int = 0
    blocks: int = 0
    zero_blocks: float = 0.0
    values: int = 0
    codebooks: int = 1
    fillers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        counts = (self.kept, self.blocks, self.values, *self.fillers)
        shares = (self.zeros, self.zero_blocks)
        if not all(0 <= s <= 1 for s in shares) or min(counts) < 0 or self.codebooks < 1:
            raise NetworkError(
                f"a tensor's packing is {self}; allowed are zeros from 0 to 1 and counts from 0: "
                "write the file again with dfsrt optimize"
            )
        if not 0 <= self.kept <= self.group <= 256:
            raise NetworkError(
                f"a tensor's packing keeps {self.kept} of {self.group}; allowed is at most all of "
                "up to 256: write the file again with dfsrt optimize"
            )

    @property
    def density(self) -> float:
        """Share of elements that are not zero."""
        return 1 - self.zeros

    def zeros_pay(self, bits: int) -> bool:
        """Whether a mask of zeros saves more than it takes, of elements of so many ``bits``.

        Rounding leaves zeros, too, but seldom so many.
        """
        return self.zeros * bits > 1

    def follows(self, kept: int, group: int) -> bool:
        """Whether at most ``kept`` of each ``group`` neighbours are not zero, by what is known.

        1 of 2 and 1 of 4 are 2 of 4, too; 2 of 8 need not be.
        """
        if not self.group:
            return False
        if group % self.group == 0:
            return self.kept * (group // self.group) <= kept
        return self.group % group == 0 and self.kept <= kept
