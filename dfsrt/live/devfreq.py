"""Boards under devfreq: ``/sys/class/devfreq/NAME``."""

from __future__ import annotations

import time
from collections.abc import Callable

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_whole
from dfsrt.live.backend import Reading
from dfsrt.live.devfreq_files import DevfreqFiles
from dfsrt.live.errors import BoardError
from dfsrt.live.load import devfreq_load, rknpu_load
from dfsrt.live.settings import Settings
from dfsrt.live.tree import Tree, names_in

FOLDER = "sys/class/devfreq"
RKNPU_LOAD = "sys/kernel/debug/rknpu/load"
METHODS = ("auto", "userspace", "limits")
SETTLE_S = 0.1
"""A write has taken effect by then; boards take 1 to 8 ms."""
FIRST_S = 0.004
"""From the write to the first look at what became of it."""


def devfreq_names(tree: Tree) -> tuple[str, ...]:
    """Return the devfreq devices of a tree."""
    return names_in(tree, FOLDER)


class Devfreq:
    """A devfreq device; ``method`` is how a clock is set.

    ``userspace`` makes that the governor and tells it the clock, and leaves limits alone;
    ``limits`` puts both limits there, never outside those that were found; ``auto`` is the first
    where the device has that governor.

    Raises, on use:
        BoardError: it has gone, refuses, or may not be touched.
    """

    def __init__(
        self,
        tree: Tree,
        name: str,
        method: str = "auto",
        old: Settings | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._files = DevfreqFiles(tree, f"{FOLDER}/{name}", pause)
        self.name, self._method, self._pause = name, method, pause
        self._old = old
        self._points: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """What it is called on the command line."""
        return f"devfreq:{self.name}"

    @property
    def method(self) -> str:
        """How a clock is set: ``userspace`` or ``limits``."""
        if self._method == "auto":
            has = "userspace" in self._files.governors()
            self._method = "userspace" if has else "limits"
        return self._method

    def points(self) -> tuple[int, ...]:
        """Return the clocks that it offers, in Hz, ascending; they are asked for once."""
        if not self._points:
            self._points = self._files.points()
        return self._points

    def read(self) -> Reading:
        """Return how it stands."""
        return Reading(freq_hz=self._files.number("cur_freq"), load=self.load())

    def load(self) -> float | None:
        """Return the busy share that it shows, its own or that of Rockchip's NPU; else None."""
        text = self._files.read_if_there("load")
        if text is None and self.name.endswith(".npu"):
            text = self._files.outside(RKNPU_LOAD)
            return None if text is None else rknpu_load(text)
        return None if text is None else devfreq_load(text)

    def settings(self) -> Settings:
        """Return what can be set, as it is now."""
        files = self._files
        governor = files.read("governor")
        told = files.read_if_there("userspace/set_freq") if governor == "userspace" else None
        return Settings(
            governor=governor,
            min_freq_hz=files.number("min_freq"),
            max_freq_hz=files.number("max_freq"),
            set_freq_hz=None if told is None else parse_whole(told),
        )

    def remember(self) -> Settings:
        """Return the settings that ``restore`` puts back: those now, once read."""
        if self._old is None:
            self._old = self.settings()
        return self._old

    def allowed(self) -> tuple[int, ...]:
        """Return the clocks of ``points`` within the limits that were found, ascending."""
        low_hz, high_hz = self.limits()
        return tuple(point for point in self.points() if low_hz <= point <= high_hz)

    def limits(self) -> tuple[int, int]:
        """Return the lowest and the highest clock that it may be set to, as they were found."""
        old = self.remember()
        return old.min_freq_hz, old.max_freq_hz or max(self.points(), default=0)

    def check(self, freq_hz: int) -> None:
        """Check that a clock may be set.

        Raises:
            InputError: it is not in the board's table, or outside of its limits.
        """
        if freq_hz not in self.points():
            offered = ", ".join(_mhz(point) for point in self.points()) or "none"
            raise InputError(
                f"{self.id} does not offer {_mhz(freq_hz)}, and nothing else is ever written; "
                f"offered: {offered}"
            )
        low_hz, high_hz = self.limits()
        if not low_hz <= freq_hz <= high_hz:
            raise InputError(
                f"{_mhz(freq_hz)} is outside of the limits of {self.id}, {_mhz(low_hz)} to "
                f"{_mhz(high_hz)}, which are never widened; give a clock within"
            )

    def steps(self, freq_hz: int) -> tuple[tuple[str, str], ...]:
        """Return what is written to set a clock: each file, and the text for it.

        Raises:
            InputError: it may not be set.
        """
        self.check(freq_hz)
        if self.method == "limits":
            return self._files.limit_steps(freq_hz, freq_hz)
        first = () if self._files.read("governor") == "userspace" else (("governor", "userspace"),)
        return (*first, ("userspace/set_freq", str(freq_hz)))

    def write(self, freq_hz: int) -> int:
        """Set a clock of ``points``; return the one that it then runs at.

        Raises:
            InputError: it may not be set.
        """
        before_hz = self._files.number("cur_freq")
        for file, text in self.steps(freq_hz):
            self._files.write(file, text)
        return self._settled(before_hz, freq_hz)

    def _settled(self, before_hz: int, freq_hz: int) -> int:
        """Wait for a clock, or another that stays, twice as long each time; return it."""
        waited_s, step_s, last_hz = 0.0, FIRST_S, before_hz
        while True:
            self._pause(step_s)
            waited_s, step_s = waited_s + step_s, 2 * step_s
            real_hz = self._files.number("cur_freq")
            stays = real_hz == last_hz != before_hz
            if real_hz == freq_hz or stays or waited_s >= SETTLE_S:
                return real_hz
            last_hz = real_hz

    def restore(self) -> None:
        """Put back what was there before the first write, as far as that goes.

        Raises:
            BoardError: a file that could not be put back, each by name.
        """
        if self._old is None:
            return
        failed = []
        for step in (self._restore_limits, self._restore_clock, self._restore_governor):
            try:
                step(self._old)
            except BoardError as error:
                failed.append(str(error))
        if failed:
            raise BoardError("; ".join(dict.fromkeys(failed)))

    def _restore_limits(self, old: Settings) -> None:
        for file, text in self._files.limit_steps(old.min_freq_hz, old.max_freq_hz):
            self._files.write(file, text)

    def _restore_clock(self, old: Settings) -> None:
        if old.set_freq_hz is not None and self._files.read("governor") == "userspace":
            self._files.write("userspace/set_freq", str(old.set_freq_hz))

    def _restore_governor(self, old: Settings) -> None:
        if self._files.read("governor") == old.governor:
            return
        self._files.write("governor", old.governor)
        now = self._files.read("governor")
        if now != old.governor:
            raise BoardError(f"{self.id} is under governor '{now}' after '{old.governor}' was set")

    def watts(self) -> float | None:
        """Return None: devfreq knows no power."""
        return None


def _mhz(freq_hz: int) -> str:
    return f"{freq_hz / 1e6:g} MHz"
