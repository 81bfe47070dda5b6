"""The command's end of its watchdog."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from dfsrt.live.errors import BoardError

SILENT_S = 10.0
"""After so long without a sign of life the watchdog restores."""
BEAT, BYE = b".", b"!"
_END_S = 5.0


class Guard(Protocol):
    """Somebody who restores the board if this process cannot."""

    def beat(self) -> None:
        """Give a sign of life."""
        ...

    def dismiss(self) -> None:
        """Say that nothing is left to do."""
        ...


class Watchdog:
    """A process of its own, in a session of its own, so that no signal to a group ends both.

    It shares the board's lock, so that nobody else begins before it has ended, too.

    Raises, on beginning:
        BoardError: no process can be begun.
    """

    def __init__(
        self, root: Path, state: Path, board: str, lock: int, silent_s: float = SILENT_S
    ) -> None:
        words = [str(root.absolute()), str(state.absolute()), board, f"{silent_s:g}"]
        self._board = board
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dfsrt.live.watchdog", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(lock,),
                bufsize=0,
            )
        except OSError as error:
            raise BoardError(
                f"the watchdog of {board} cannot be begun ({error.strerror}), and nothing is "
                "written without one; end other processes"
            ) from error

    def beat(self) -> None:
        """Give a sign of life.

        Raises:
            BoardError: the watchdog has gone, after it restored or by somebody's hand.
        """
        try:
            self._send(BEAT)
        except BrokenPipeError as error:
            raise BoardError(
                f"the watchdog of {self._board} has ended, as it does where this command stood "
                "still; begin again"
            ) from error

    def dismiss(self) -> None:
        """Let it end, and wait for that."""
        with suppress(BrokenPipeError):
            self._send(BYE)
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, byte: bytes) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(byte)
