"""Power meters of hwmon: ``/sys/class/hwmon/CHIP/powerN_input``, which are only read."""

from __future__ import annotations

import re

from dfsrt.base.units import parse_whole
from dfsrt.live.backend import Reading, ReadOnly
from dfsrt.live.errors import BoardError, board_error
from dfsrt.live.tree import Tree, names_in

FOLDER = "sys/class/hwmon"
_POWER = re.compile(r"(power\d{1,3})_(?:input|average)")


def hwmon_meters(tree: Tree) -> tuple[str, ...]:
    """Return the power meters of a tree, like ``hwmon3/power1``."""
    meters: dict[str, None] = {}
    for chip in names_in(tree, FOLDER):
        for name in names_in(tree, f"{FOLDER}/{chip}"):
            if match := _POWER.fullmatch(name):
                meters[f"{chip}/{match[1]}"] = None
    return tuple(meters)


class Hwmon(ReadOnly):
    """One power input of a chip like INA226 or INA3221, in the kernel's microwatts.

    Raises, on use:
        BoardError: it has gone, or shows no number.
    """

    def __init__(self, tree: Tree, meter: str) -> None:
        self._tree, self._path = tree, f"{FOLDER}/{meter}"
        self.id = f"hwmon:{meter}"

    @property
    def label(self) -> str:
        """What the driver or the board's maker calls it; nothing where nobody does."""
        for path in (f"{self._path}_label", f"{self._path.rpartition('/')[0]}/name"):
            try:
                return self._tree.read(path)
            except OSError:
                continue
        return ""

    def points(self) -> tuple[int, ...]:
        """Return nothing: a meter has no clock."""
        return ()

    def read(self) -> Reading:
        """Return that it has no clock."""
        return Reading(freq_hz=0)

    def watts(self) -> float | None:
        """Return what it reads, in W."""
        try:
            text = self._tree.read(f"{self._path}_input")
        except FileNotFoundError:
            text = self._average()
        except OSError as error:
            raise board_error(error, f"{self._path}_input") from error
        number = parse_whole(text.removeprefix("-"))
        if number is None:
            raise BoardError(f"'{self._path}_input' holds '{text[:40]}', which is no power in µW")
        return (-number if text.startswith("-") else number) * 1e-6

    def _average(self) -> str:
        path = f"{self._path}_average"
        try:
            return self._tree.read(path)
        except OSError as error:
            raise board_error(error, path) from error
