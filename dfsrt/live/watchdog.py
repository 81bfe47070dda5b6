"""A process beside a live command: it restores the board when that dies or falls silent.

``python -m dfsrt.live.watchdog ROOT STATE BOARD SILENT_S``; standard input is the command's end of
a pipe. Each byte is a sign of life; ``BYE`` says that all has been restored.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from pathlib import Path

from dfsrt.base.errors import DfsrtError
from dfsrt.base.notice import notice
from dfsrt.live.devfreq import Devfreq
from dfsrt.live.guard import BYE
from dfsrt.live.state import States
from dfsrt.live.tree import Sysfs

_IGNORED = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
_AT_ONCE = 4096


def main(words: list[str]) -> int:
    """Watch over a command until it says goodbye; else restore. Returns the exit code."""
    for number in _IGNORED:  # they are meant for the command, which restores by itself
        signal.signal(number, signal.SIG_IGN)
    root, state, board, silent_s = words
    why = _why_alone(float(silent_s))
    return put_back(Path(root), Path(state), board, why) if why else 0


def _why_alone(silent_s: float) -> str:
    """Wait for the command's end; return how it ended, nothing where it said goodbye."""
    handle = sys.stdin.fileno()
    while True:
        ready, _, _ = select.select([handle], [], [], silent_s)
        if not ready:
            return f"gave no sign of life for {silent_s:g} s"
        said = os.read(handle, _AT_ONCE)
        if BYE in said:
            return ""
        if not said:
            return "ended without restoring"


def put_back(root: Path, state: Path, board: str, why: str) -> int:
    """Restore a board in place of a command, and say so on standard error; 0 where it went well."""
    states = States(state, root)
    try:
        saved = states.load(board)
        if saved is None:
            return 0
        name = board.partition(":")[2]
        Devfreq(Sysfs(root), name, old=saved.settings).restore()
        states.forget(board)
    except DfsrtError as error:
        notice(f"watchdog: the live command {why}, and {board} could not be restored: {error}")
        return 1
    notice(f"watchdog: the live command {why}; {board} restored: {saved.settings}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
