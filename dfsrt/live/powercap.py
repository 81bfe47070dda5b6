"""Meters of powercap: ``/sys/class/powercap/ZONE/energy_uj``, which is only read."""

from __future__ import annotations

import time
from collections.abc import Callable

from dfsrt.base.units import parse_whole
from dfsrt.live.backend import Reading, ReadOnly
from dfsrt.live.errors import BoardError, board_error
from dfsrt.live.tree import Tree, names_in

FOLDER = "sys/class/powercap"


def powercap_zones(tree: Tree) -> tuple[str, ...]:
    """Return the zones of a tree that count energy, like ``intel-rapl:0``."""
    zones = names_in(tree, FOLDER)
    return tuple(z for z in zones if "energy_uj" in names_in(tree, f"{FOLDER}/{z}"))


class Powercap(ReadOnly):
    """A zone's energy counter, and watts between two looks at it.

    Limits: a counter that wraps more than once between two looks is short of whole turns; one of
    260 kJ at 200 W turns in 22 minutes.

    Raises, on use:
        BoardError: it has gone, or may not be read: since 2020 root alone may.
    """

    def __init__(
        self, tree: Tree, zone: str, now_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._tree, self._folder, self._now_ns = tree, f"{FOLDER}/{zone}", now_ns
        self.id = f"powercap:{zone}"
        self._last: tuple[int, int] | None = None
        self._turns_uj = 0

    @property
    def label(self) -> str:
        """What the zone is, like ``package-0``."""
        return self._read("name")

    def points(self) -> tuple[int, ...]:
        """Return nothing: a meter has no clock."""
        return ()

    def read(self) -> Reading:
        """Return that it has no clock."""
        return Reading(freq_hz=0)

    def energy_j(self) -> float:
        """Return the energy counted, in J; where the counter has wrapped it goes on."""
        return self._counted_uj() * 1e-6

    def watts(self) -> float | None:
        """Return the mean power since the last look, in W; None at the first."""
        before, turns = self._last, self._turns_uj
        total_uj = self._counted_uj()
        if before is None or self._last is None:
            return None
        took_ns = self._last[0] - before[0]
        return (total_uj - turns - before[1]) * 1e3 / took_ns if took_ns > 0 else None

    def _counted_uj(self) -> int:
        """Look at the counter; return it with all its turns."""
        uj, now_ns = self._number("energy_uj"), self._now_ns()
        if self._last is not None and uj < self._last[1]:
            self._turns_uj += self._number("max_energy_range_uj")
        self._last = (now_ns, uj)
        return self._turns_uj + uj

    def _number(self, name: str) -> int:
        text = self._read(name)
        number = parse_whole(text)
        if number is None:
            raise BoardError(f"'{self._folder}/{name}' holds '{text[:40]}', which is no count")
        return number

    def _read(self, name: str) -> str:
        path = f"{self._folder}/{name}"
        try:
            return self._tree.read(path)
        except PermissionError as error:
            raise BoardError(
                f"'{path}' is for root alone, since its steps betray what others compute; run as "
                "root, or let root grant it: chmod o+r"
            ) from error
        except OSError as error:
            raise board_error(error, path) from error
