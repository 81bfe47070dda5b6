"""What becomes of the weights of each layer, as people type it: ``8/4/8x2of4/4x0.5``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dfsrt.base.errors import InputError

_ENTRY = re.compile(r"(8|4)(?:x(\d+of\d+|0?\.\d+))?")


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """Bits of one layer's weights, and which of them become zero.

    ``bits`` is 8 or 4. ``sparsity`` is empty, a pattern like ``2of4``, or a share like ``0.5``.
    """

    bits: int = 8
    sparsity: str = ""

    def __str__(self) -> str:
        return f"{self.bits}x{self.sparsity}" if self.sparsity else str(self.bits)

    @property
    def prune(self) -> str:
        """The step that sets weights to zero; empty where all stay."""
        if not self.sparsity:
            return ""
        return f"prune:{'nm' if 'of' in self.sparsity else 'ratio'}={self.sparsity}"

    @property
    def stored_bits(self) -> float:
        """Bits of a weight with its share of masks, before scales."""
        if not self.sparsity:
            return self.bits
        if "of" in self.sparsity:
            kept, group = map(int, self.sparsity.split("of"))
            return (self.bits + (group - 1).bit_length()) * kept / group
        return self.bits * (1 - float(self.sparsity)) + 1


def parse_choice(text: str) -> LayerChoice:
    """Return the choice that ``text`` names.

    Raises:
        InputError: bits that are not 8 or 4, or a sparsity that is none.
    """
    match = _ENTRY.fullmatch(text.strip())
    if match is None:
        raise InputError(
            f"'{text}' is no choice for a layer's weights; write 8 or 4 bits, with zeros like "
            "8x2of4 or 4x0.5"
        )
    return LayerChoice(int(match[1]), match[2] or "")


def parse_choices(text: str, between: str = "/") -> tuple[LayerChoice, ...]:
    """Return the choices of all layers, in order.

    Raises:
        InputError: one that is none.
    """
    return tuple(parse_choice(entry) for entry in text.split(between))
