"""What commands that write to a board share: a session, or a rehearsal that prints each write."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dfsrt.cli.live_options import BoardOptions, board_of, states_of, tree_of
from dfsrt.cli.said_line import tell

if TYPE_CHECKING:
    from dfsrt.live import Devfreq, Session, Tree
    from dfsrt.live.rehearsal import Rehearsal

Say = Callable[[str], None]
NOTHING = "nothing was written; --yes writes"


def session_of(said: BoardOptions) -> Session:
    """Return the board that is named as a session, which a watchdog guards."""
    from dfsrt.live import Session
    from dfsrt.live.guard import Guard, Watchdog

    board, states = board_of(said), states_of(said)

    def watch(lock: int) -> Guard:
        return Watchdog(said.root, states.folder, board.id, lock)

    return Session(board, states, watch)


def rehearsal_of(said: BoardOptions, say: Say = tell) -> Devfreq:
    """Return the board that is named, where each write is only said."""
    from dfsrt.live import Devfreq

    tree, name = said_rehearsal(tree_of(said), say), board_of(said).name
    return Devfreq(tree, name, said.method, pause=lambda _s: None)


def said_rehearsal(tree: Tree, say: Say = tell) -> Rehearsal:
    """Return a tree where each write is only said."""
    from dfsrt.live.rehearsal import Rehearsal

    def on_write(path: str, text: str, before: str) -> None:
        say(f"would write {text} to {path}" + (f", now {before}" if before else ""))

    return Rehearsal(tree, on_write)


def mhz(freq_hz: int) -> str:
    """Return a clock as people read it."""
    return f"{freq_hz / 1e6:g} MHz"
