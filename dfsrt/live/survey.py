"""A survey of a machine: every board and meter, as it stands; as JSON, too."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from dfsrt.live.backend import Backend
from dfsrt.live.boards import METERS
from dfsrt.live.devfreq import Devfreq
from dfsrt.live.errors import BoardError
from dfsrt.report.schema import SCHEMA_VERSION

LOOK_S = 0.1
"""Between two looks at counters of energy."""
CARD = "nvml:"
"""What the ids of cards begin with, which are boards and meters, too."""


class BoardNow(msgspec.Struct, frozen=True, kw_only=True):
    """A board as it stands: its clock, who sets it and within what, and all clocks it offers.

    ``load`` is the busy share of the last stretch that the board counted; null is what it does not
    show. ``error`` says why it could not be read.
    """

    board: str
    freq_hz: int | None = None
    governor: str | None = None
    lowest_hz: int | None = None
    highest_hz: int | None = None
    load: float | None = None
    points_hz: list[int] = []
    error: str | None = None


class MeterNow(msgspec.Struct, frozen=True, kw_only=True):
    """A meter as it stands: what it is of, and what it reads; null where it shows nothing (yet)."""

    meter: str
    of: str = ""
    power_w: float | None = None
    error: str | None = None


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """The boards and meters of a machine at one moment."""

    schema_version: int = SCHEMA_VERSION
    boards: list[BoardNow]
    meters: list[MeterNow]


def survey(backends: Sequence[Backend]) -> Survey:
    """Return how each of ``backends`` stands; counters of energy are read twice, ``LOOK_S`` apart.

    Limits: a board that cannot be read is there with its error alone.
    """
    boards = [each for each in backends if not each.id.startswith(METERS) or _is_card(each)]
    meters = [each for each in backends if each.id.startswith(METERS)]
    for meter in meters:
        _meter(meter)
    time.sleep(LOOK_S if meters else 0)
    return Survey(
        boards=[_board(each) for each in boards], meters=[_meter(each) for each in meters]
    )


def _is_card(backend: Backend) -> bool:
    return backend.id.startswith(CARD)


def _board(board: Backend) -> BoardNow:
    try:
        now, points = board.read(), list(board.points())
        governor, lowest, highest = _set_by(board)
    except BoardError as error:
        return BoardNow(board=board.id, error=str(error))
    return BoardNow(
        board=board.id,
        freq_hz=now.freq_hz or None,
        governor=governor,
        lowest_hz=lowest,
        highest_hz=highest,
        load=now.load,
        points_hz=points,
    )


def _set_by(board: Backend) -> tuple[str, int | None, int | None]:
    """Who sets a board's clock, and within which limits."""
    if not isinstance(board, Devfreq):
        return "firmware", None, None
    return (board.settings().governor, *board.limits())


def _meter(meter: Backend) -> MeterNow:
    try:
        return MeterNow(meter=meter.id, of=str(getattr(meter, "label", "")), power_w=meter.watts())
    except BoardError as error:
        return MeterNow(meter=meter.id, error=str(error))
