"""What a user wants measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dfsrt.network.layout import CHANNELS_LAST
from dfsrt.network.reading import Reading


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asked for; None leaves the choice to the bench.

    ``settle_s`` and ``window_s`` are how long a real card is waited for and read. ``points`` is at
    how many operating points a simulated device runs each layer, at most.
    ``alike`` layers are made up as networks have them, ``sweep`` layers spread over all sizes; with
    ``corners`` each layer is read at the slowest and at the fastest point too.
    ``layout`` is that of images on a real card.
    ``reading`` says how networks are read; its sizes go to those that have them open.
    ``like`` is an earlier samples file whose layers are measured again, in place of networks.
    """

    device: str
    networks: Sequence[str] | None = None
    batches: Sequence[int] = (1,)
    reading: Reading = field(default_factory=Reading)
    per_network: int = 60
    sweep: int = 400
    alike: int = 0
    precisions: Mapping[str, float] | None = None
    seed: int = 0
    settle_s: float | None = None
    window_s: float | None = None
    points: int = 6
    corners: bool = False
    like: str | None = None
    layout: str = CHANNELS_LAST
