"""``dfsrt live restore``: what a killed command left behind, put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli.command import takes
from dfsrt.cli.live_options import Board, TreeOptions, Yes, states_of, tree_of
from dfsrt.cli.live_writing import NOTHING, said_rehearsal
from dfsrt.cli.said_line import tell

if TYPE_CHECKING:
    from dfsrt.live import States, Tree
    from dfsrt.live.state import Saved


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOptions(TreeOptions):
    """Which boards, and whether it is done."""

    board: Board = None
    forget: Annotated[
        bool, typer.Option("--forget", help="Drop the kept settings, and write nothing.")
    ] = False
    yes: Yes = False


@takes(RestoreOptions)
def restore(said: RestoreOptions) -> None:
    """Put boards back to the settings from before a live command that was killed."""
    states, tree = states_of(said), tree_of(said)
    pending = [saved for saved in states.pending() if said.board in (None, saved.board)]
    if not pending:
        tell("nothing to restore")
    for saved in pending:
        if not (said.yes or said.forget):
            _restore(saved, said_rehearsal(tree))
            continue
        with states.lock(saved.board):
            if said.forget:
                states.forget(saved.board)
                tell(f"{saved.board}: forgot {saved.settings}")
            else:
                _restore_kept(saved, tree, states)
    if pending and not (said.yes or said.forget):
        tell(NOTHING)


def _restore_kept(saved: Saved, tree: Tree, states: States) -> None:
    from dfsrt.live import BoardError

    try:
        _restore(saved, tree)
    except BoardError as error:
        raise InputError(
            f"{saved.board} could not be restored: {error}; if it is gone for good: "
            f"{states.way_back.replace('--yes', '--forget')}"
        ) from error
    states.forget(saved.board)
    tell(f"{saved.board} restored: {saved.settings}")


def _restore(saved: Saved, tree: Tree) -> None:
    from dfsrt.live import Devfreq

    Devfreq(tree, saved.board.partition(":")[2], old=saved.settings).restore()
