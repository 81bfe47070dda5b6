"""A board in our hands: locked, its settings kept, watched over, and put back at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import FileIO
from types import TracebackType

from dfsrt.base.errors import InputError
from dfsrt.base.notice import notice
from dfsrt.base.undisturbed import undisturbed
from dfsrt.live.devfreq import Devfreq
from dfsrt.live.errors import BoardError
from dfsrt.live.guard import Guard
from dfsrt.live.state import States

BEAT_S = 1.0
"""Between two signs of life: a tenth of the silence that a watchdog takes for death."""
Watch = Callable[[int], Guard]
"""Begins a guard, which shares the lock with this file's number."""


class Session:
    """A board that is written to, from ``with`` on; however that ends, it is restored.

    Order: lock, old settings read and kept in a file, watchdog begun; only then may ``write`` be.

    Raises, on entering:
        InputError: another process has the board, or an earlier one's settings wait there.
        BoardError: the settings cannot be read.
    Raises, on leaving:
        BoardError: something could not be put back; the file with the settings stays.
    """

    def __init__(self, board: Devfreq, states: States, watch: Watch) -> None:
        self.board, self._states, self._watch = board, states, watch
        self._lock: FileIO | None = None
        self._guard: Guard | None = None
        self._kept, self._wrote = False, False
        self._due_s = 0.0

    def __enter__(self) -> Session:
        with undisturbed():
            self._lock = self._states.lock(self.board.id)
        try:
            self._begin(self._lock)
        except BaseException:
            if self._kept:  # and nothing is written yet
                self._states.forget(self.board.id)
            self._end()
            raise
        return self

    def _begin(self, lock: FileIO) -> None:
        earlier = self._states.load(self.board.id)
        if earlier is not None:
            raise InputError(
                f"{self.board.id} still has settings of a live command of {earlier.when}, which "
                f"did not restore it; put them back first: {self._states.way_back}"
            )
        old = self.board.remember()
        with undisturbed():
            self._states.save(self.board.id, old)
            self._kept = True
            self._guard = self._watch(lock.fileno())

    def write(self, freq_hz: int) -> int:
        """Set a clock of the board's; return the one that it then runs at, in Hz.

        Raises:
            InputError: it may not be set.
            BoardError: the board refuses, has gone, or the watchdog has taken over.
        """
        self._beat()
        self._wrote = True
        return self.board.write(freq_hz)

    def beat(self) -> None:
        """Give a sign of life, once a second at most; it is to be asked for more often than that.

        Raises:
            BoardError: the watchdog has taken over.
        """
        if time.monotonic() >= self._due_s:
            self._beat()

    def _beat(self) -> None:
        self._due_s = time.monotonic() + BEAT_S
        if self._guard is not None:
            self._guard.beat()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with undisturbed():
            try:
                self._restore(error)
            finally:
                self._end()

    def _restore(self, error: BaseException | None) -> None:
        try:
            self.board.restore()
        except BoardError as failure:
            self._say_failure(failure, error)
        else:
            self._states.forget(self.board.id)
            if self._wrote:
                notice(f"{self.board.id} restored: {self.board.remember()}")

    def _say_failure(self, failure: BoardError, error: BaseException | None) -> None:
        text = (
            f"{self.board.id} could not be restored: {failure}; its settings were "
            f"{self.board.remember()}; when it is back: {self._states.way_back}"
        )
        if isinstance(error, KeyboardInterrupt):
            notice(text)  # of a command that a signal ends no error is said
        raise BoardError(
            f"{error}; and {text}" if isinstance(error, BoardError) else text
        ) from error

    def _end(self) -> None:
        """Let the watchdog and the lock go."""
        if self._guard is not None:
            self._guard.dismiss()
        if self._lock is not None:
            self._lock.close()
