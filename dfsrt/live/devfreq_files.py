"""The files of a devfreq device, and what stands in them."""

from __future__ import annotations

import errno
from collections.abc import Callable

from dfsrt.base.units import parse_whole
from dfsrt.live.errors import BoardError, board_error
from dfsrt.live.tree import Tree

_APPEARS_S = 1.0
"""A governor's own attributes are there at once with the kernel, later with a fake."""
_STEP_S = 0.001


class DevfreqFiles:
    """Attributes of the device at ``folder`` of a tree, by name.

    Raises, on use:
        BoardError: one has gone, refuses, may not be touched, or holds what cannot be understood.
    """

    def __init__(self, tree: Tree, folder: str, pause: Callable[[float], None]) -> None:
        self._tree, self._folder, self._pause = tree, folder, pause

    def read(self, name: str) -> str:
        """Return the text of an attribute."""
        path = f"{self._folder}/{name}"
        try:
            return self._tree.read(path)
        except OSError as error:
            raise board_error(error, path) from error

    def read_if_there(self, name: str) -> str | None:
        """Return the text of an attribute that not every device has; None where it has not."""
        return self.outside(f"{self._folder}/{name}")

    def outside(self, path: str) -> str | None:
        """Return the text of another file of the tree; None where it cannot be read."""
        try:
            return self._tree.read(path)
        except OSError:
            return None

    def number(self, name: str) -> int:
        """Return the whole number in an attribute.

        Raises:
            BoardError: there is none in it.
        """
        text = self.read(name)
        number = parse_whole(text)
        if number is None:
            path = f"{self._folder}/{name}"
            raise BoardError(f"'{path}' holds '{text[:40]}', which is no clock in Hz")
        return number

    def points(self) -> tuple[int, ...]:
        """Return the clocks of ``available_frequencies``, in Hz, ascending."""
        words = self.read("available_frequencies").split()
        return tuple(sorted({freq_hz for word in words if (freq_hz := parse_whole(word))}))

    def governors(self) -> tuple[str, ...]:
        """Return the governors that the device can have."""
        return tuple((self.read_if_there("available_governors") or "").split())

    def write(self, name: str, text: str) -> None:
        """Write an attribute; one that a governor brings along is waited for.

        Raises:
            BoardError: it cannot be written.
        """
        path, waited_s = f"{self._folder}/{name}", 0.0
        while True:
            try:
                return self._tree.write(path, text)
            except OSError as error:
                comes = error.errno == errno.ENOENT and "/" in name and waited_s < _APPEARS_S
                if not comes:
                    raise board_error(error, path, text) from error
            self._pause(_STEP_S)
            waited_s += _STEP_S

    def limit_steps(self, low_hz: int, high_hz: int) -> tuple[tuple[str, str], ...]:
        """Return what is written to put the limits there, in an order that kernels take.

        The maximum comes first, unless it would be below the minimum of now; older kernels refuse
        limits that cross. What is there already is not written.
        """
        low_now, high_now = self.number("min_freq"), self.number("max_freq")
        steps = [("max_freq", high_hz, high_now), ("min_freq", low_hz, low_now)]
        if high_hz and high_hz < low_now:
            steps.reverse()
        return tuple((name, str(new)) for name, new, now in steps if new != now)
