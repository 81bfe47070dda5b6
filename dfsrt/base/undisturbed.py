"""A few steps that Ctrl-C and SIGTERM do not part."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep signals that Python answers waiting until the steps inside are done.

    Limits: one that ends the process by the system's own default ends it at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # where no signal is answered
        return
    came: list[int] = []

    def wait(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.getsignal(number) for number in _NUMBERS}
    answered = {number: handler for number, handler in before.items() if callable(handler)}
    try:
        for number in answered:
            signal.signal(number, wait)
        yield
    finally:
        for number, handler in answered.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
