"""Ctrl-C and SIGTERM: the first ends a command in order, more of them disturb nothing."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time

EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_TERMINATED = 128 + signal.SIGTERM
AT_ONCE_S = 1.0
"""Signals so soon after the first mean the same; later ones are of somebody who will not wait."""

_USUAL = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


class Stopping:
    """What has come to end the command: ``number``, at first none.

    Where a signal is ignored, as Ctrl-C is behind ``&`` in a script, it stays so.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._since_s = 0.0
        self._leaving: int | None = None
        self._code_at_end: int | None = None
        for number, usual in _USUAL.items():
            now = signal.getsignal(number)
            if now == usual or isinstance(getattr(now, "__self__", None), Stopping):
                signal.signal(number, self._stop)

    @property
    def word(self) -> str:
        """What has happened to the command."""
        return "terminated" if self.number == signal.SIGTERM else "interrupted"

    @property
    def code(self) -> int:
        """The exit code that says so."""
        return EXIT_TERMINATED if self.number == signal.SIGTERM else EXIT_INTERRUPTED

    def say(self) -> int:
        """Say what has happened, in one line; returns the exit code that says so."""
        # Where Ctrl-C came while source was run from a text, as imports do, Python would end by it.
        exec("")
        try:
            sys.stderr.write(f"dfsrt: {self.word}; nothing was half-written\n")
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):  # closed, or there is none
            pass
        return self.code

    def leave(self, code: int) -> None:
        """Let signals end the process without a word where it is ending by itself, with ``code``.

        All was said and written by then.
        """
        if self.number is None:
            self._code_at_end = code  # whoever called may have more to do
            atexit.register(self._go, code)
        else:
            self._go(code)

    def _go(self, code: int) -> None:
        self._leaving = code

    def _waits_for_threads(self) -> bool:
        """Whether the interpreter is at its end and waits for threads, before ``atexit``."""
        threads = sys.modules.get("threading")
        return threads is not None and not threads.main_thread().is_alive()

    def _stop(self, number: int, _frame: object) -> None:
        if self._code_at_end is not None and self._waits_for_threads():
            self._go(self._code_at_end)
        if self._leaving is not None:
            os._exit(self._leaving)
        if self.number is not None and time.monotonic() - self._since_s < AT_ONCE_S:
            return
        self._since_s = time.monotonic()
        self.number = self.number or number
        raise KeyboardInterrupt
