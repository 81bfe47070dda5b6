"""Parts: networks with their layer tables, worked out once for loads that have them in common."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeAlias

from dfsrt.device import Npu
from dfsrt.network import Network
from dfsrt.power.table import LayerTable

Part: TypeAlias = tuple[Network, LayerTable]


class Parts:
    """Parts by what they are of; the last ``most`` are held.

    A pipeline of 20 steps has the networks of one of 50, on the same device. Devices are compared
    by their numbers.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._kept: dict[Hashable, list[tuple[Npu, Part]]] = {}
        self._order: list[Hashable] = []

    def of(self, key: Hashable, npu: Npu, make: Callable[[], Part]) -> Part:
        """Return the part of ``key`` on ``npu``, made where none is held.

        Raises:
            NetworkError: what ``make`` raises; nothing is held then.
        """
        for on, part in self._kept.get(key, ()):
            if on == npu:
                return part
        part = make()
        self._kept.setdefault(key, []).append((npu, part))
        self._order.append(key)
        if len(self._order) > self._most:
            oldest = self._order.pop(0)
            del self._kept[oldest][0]
        return part
