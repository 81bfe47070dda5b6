"""Small, sparse and shared weights: what a device's decoders read, and what its array skips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.network.coding import GAP_BITS, Coding
from dfsrt.network.precision import PRECISIONS

NARROW = ("int4", "int2")
"""Widths below a byte that a decoder may widen on the way in; one of floats counts as its width."""

_CODINGS = (Coding.ZEROS, Coding.SHARED, Coding.ZEROS_SHARED, Coding.MASK, Coding.BLOCKS)
DECODERS = (*NARROW, *map(str, _CODINGS))
"""What ``decode`` may list, beside patterns like ``2:4``."""

SKIPS = ("none", "zeros")
"""What ``skip`` may be, beside a pattern like ``2:4``."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Facts of a device's weights path.

    ``decode`` lists what its decoders read: ``int4``, ``int2`` (else such weights lie in DRAM a
    byte each), ``zeros``, ``shared``, ``zeros+shared``, ``mask``, ``blocks`` and patterns like
    ``2:4``. ``gap_bits`` are the widths of gaps that it knows, none for all of 1 to 8.
    ``decoded_per_cycle`` weights leave the decoders a cycle, 0 where nothing waits for them.
    With ``pointwise_only`` weights below a byte are decoded for products without a window and
    1 x 1 convolutions of stride 1 alone, and only where there are at least ``least_outputs``.
    ``skip`` is what takes no cycles: ``none``, ``zeros`` of weights, or what a pattern like ``2:4``
    leaves out; cycles are the share of the rest over ``skip_efficiency``. It is skipped in
    ``skip_precisions``, none for all, and where a tap has at least ``skip_inputs`` channels.
    """

    decode: tuple[str, ...] = NARROW
    gap_bits: tuple[int, ...] = ()
    decoded_per_cycle: float = 0.0
    pointwise_only: bool = False
    least_outputs: int = 0
    skip: str = "none"
    skip_efficiency: float = 1.0
    skip_precisions: tuple[str, ...] = ()
    skip_inputs: int = 0

    @property
    def skips_pattern(self) -> tuple[int, int] | None:
        """Kept of a group that the array works on, as (2, 4); None where it skips none."""
        return pattern_of(self.skip)


def pattern_of(text: str) -> tuple[int, int] | None:
    """Return a pattern like ``2:4`` as kept and group; None of any other text."""
    kept, colon, group = text.partition(":")
    if not (colon and kept.isdecimal() and group.isdecimal()):
        return None
    pair = int(kept), int(group)
    return pair if 0 < pair[0] < pair[1] <= 256 else None


def check_weights(weights: Weights, where: str) -> None:
    """Check the facts of a device's weights; errors begin with ``where``, like ``device 'x'``.

    Raises:
        DeviceError: a name that is unknown, or a number out of its range.
    """
    for name in weights.decode:
        _check_name(f"{where}: weights.decode", name, DECODERS)
    _check_name(f"{where}: weights.skip", weights.skip, SKIPS)
    if not set(weights.gap_bits) <= set(GAP_BITS):
        raise DeviceError(
            f"{where}: weights.gap_bits is {list(weights.gap_bits)}; allowed are widths from "
            f"{GAP_BITS[0]} to {GAP_BITS[-1]}"
        )
    if not 0 < weights.skip_efficiency <= 1:
        raise DeviceError(
            f"{where}: weights.skip_efficiency is {weights.skip_efficiency}; allowed is above 0 "
            "up to 1"
        )
    for name in weights.skip_precisions:
        if name not in PRECISIONS:
            message = unknown_name("precision", name, PRECISIONS)
            raise DeviceError(f"{where}: weights.skip_precisions: {message}")
    for key in ("decoded_per_cycle", "least_outputs", "skip_inputs"):
        value = getattr(weights, key)
        if not 0 <= value <= 1e12:
            raise DeviceError(f"{where}: weights.{key} is {value}; allowed is 0 to 1e+12")


def _check_name(where: str, name: str, known: Sequence[str]) -> None:
    if name not in known and pattern_of(name) is None:
        raise DeviceError(
            f"{where}: {unknown_name('coding', name, known)} or give a pattern like 2:4"
        )
