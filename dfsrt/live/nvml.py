"""NVIDIA cards through NVML, which are only read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dfsrt.live.backend import Reading, ReadOnly
from dfsrt.live.errors import BoardError
from dfsrt.power.measure.nvml import Card

Value = TypeVar("Value")


class Nvml(ReadOnly):
    """A card's SM clock, power and busy share; ``pip install 'dfsrt[nvidia]'`` brings NVML.

    Raises, on opening:
        InputError: no NVML, no driver, or no such card.
    Raises, on use:
        BoardError: the card does not show it, or has gone.
    """

    def __init__(self, index: int = 0) -> None:
        self._card = Card(index)
        self.id = f"nvml:{index}"

    @property
    def label(self) -> str:
        """The card's name."""
        return self._card.name

    def points(self) -> tuple[int, ...]:
        """Return the SM clocks that the card offers beside its highest memory clock, ascending."""
        return self._ask(self._card.clocks_hz)

    def read(self) -> Reading:
        """Return the SM clock, and the busy share of the driver's last stretch."""
        freq_hz = round(self._ask(self._card.sm_clock_hz))
        return Reading(freq_hz=freq_hz, load=self._ask(self._card.load))

    def watts(self) -> float | None:
        """Return what the board draws, in W; it moves once in 100 ms."""
        return self._ask(self._card.power_w)

    def _ask(self, question: Callable[[], Value]) -> Value:
        try:
            return question()
        except self._card.error as error:
            raise BoardError(f"{self.id} does not answer: {error}") from error
