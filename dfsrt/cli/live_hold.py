"""``dfsrt live hold``: one clock, until the command ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from dfsrt.base.units import parse_freq_hz
from dfsrt.cli.command import takes
from dfsrt.cli.live_options import (
    BoardOptions,
    For,
    Yes,
    board_of,
    for_ns_of,
    say_pending,
    states_of,
)
from dfsrt.cli.live_writing import NOTHING, mhz, rehearsal_of, session_of
from dfsrt.cli.said_line import tell

LOOK_NS = 1_000_000_000
"""Time from one look at the clock that is held to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOptions(BoardOptions):
    """What is held, and for how long."""

    clock: Annotated[
        str, typer.Argument(metavar="CLOCK", help="One of the board's clocks, like 800MHz.")
    ]
    for_: For = None
    yes: Yes = False


@takes(HoldOptions)
def hold(said: HoldOptions) -> None:
    """Hold a board at one clock of its table, and put everything back at the end."""
    freq_hz, for_ns = parse_freq_hz(said.clock, "CLOCK"), for_ns_of(said.for_)
    if not said.yes:
        _rehearse(said, freq_hz)
        return
    from dfsrt.live.ticks import real_ticks

    board_of(said).check(freq_hz)
    with session_of(said) as session:
        last_hz = session.write(freq_hz)
        _say(session.board.id, last_hz, freq_hz)
        for _ in real_ticks(LOOK_NS, for_ns):
            session.beat()
            now_hz = session.board.read().freq_hz
            if now_hz != last_hz:
                _say(session.board.id, now_hz, freq_hz)
            last_hz = now_hz


def _rehearse(said: HoldOptions, freq_hz: int) -> None:
    say_pending(states_of(said))
    board = rehearsal_of(said)
    board.remember()
    board.write(freq_hz)
    tell("and at the end:")
    board.restore()
    tell(NOTHING)


def _say(board: str, real_hz: int, freq_hz: int) -> None:
    tell(f"{board} runs at {mhz(real_hz)}" + (f", told {mhz(freq_hz)}" * (real_hz != freq_hz)))
