"""Which layers a row's names are of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from dfsrt.cost.naming import plain
from dfsrt.cost.times.measured import TimedRow
from dfsrt.network.layer import Layer
from dfsrt.network.network import Network

Places = tuple[int, ...]
"""Numbers of layers among those that run."""


class Names:
    """The names that a network's ``running`` layers go by.

    Their own, those of their nodes and, where no node is called so, of the tensors that they make;
    '/' and '_' are the same where that tells two layers apart.
    """

    def __init__(self, network: Network, running: Sequence[Layer]) -> None:
        self._exact: dict[str, Places] = {}
        self._plain: dict[str, Places | None] = {}
        numbers = {id(layer): place for place, layer in enumerate(running)}
        made: list[tuple[str, Places]] = []
        for layer in network.layers:
            places: Places = (numbers[id(layer)],) if id(layer) in numbers else ()
            self._add((layer.name, *layer.nodes), places)
            made += [(tensor.name, places) for tensor in layer.outputs]
        self._add(network.settled, ())
        for name, places in made:
            if name not in self._exact:
                self._add((name,), places)

    def _add(self, names: Iterable[str], places: Places) -> None:
        for name in names:
            self._exact.setdefault(name, places)
            key = plain(name)
            self._plain[key] = places if self._plain.get(key, places) == places else None

    def places_of(self, rows: Iterable[TimedRow]) -> list[Places | None]:
        """Return the layers of each row: none where it needs no time, None where it is unknown."""
        return [self._places(row) for row in rows]

    def _places(self, row: TimedRow) -> Places | None:
        known = [places for name in row.names if (places := self._of(name)) is not None]
        if row.names and not known:
            return None
        return tuple(sorted(set(chain.from_iterable(known))))

    def _of(self, name: str) -> Places | None:
        return self._exact.get(name, self._plain.get(plain(name)))
