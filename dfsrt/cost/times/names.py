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
    '/' and '_' are the same where that tells two layers apart. An If or a loop stands for all
    layers in it.
    """

    def __init__(self, network: Network, running: Sequence[Layer]) -> None:
        self._exact: dict[str, Places] = {}
        self._plain: dict[str, Places | None] = {}
        self._constant = frozenset(map(plain, network.named.constant))
        numbers = {id(layer): place for place, layer in enumerate(running)}
        for name, inside in _held(network, running).items():
            self._add((name,), inside)
        for layer in network.layers:
            places: Places = (numbers[id(layer)],) if id(layer) in numbers else ()
            self._add((layer.name, *layer.nodes), places)
        self._add(network.named.settled, ())
        nodes = dict(self._exact)
        for tensor, node in network.named.makers:
            if tensor not in nodes and node in nodes:
                self._add((tensor,), nodes[node])

    def _add(self, names: Iterable[str], places: Places) -> None:
        for name in names:
            self._exact.setdefault(name, places)
            key = plain(name)
            self._plain[key] = places if self._plain.get(key, places) == places else None

    def places_of(self, rows: Iterable[TimedRow]) -> list[Places | None]:
        """Return the layers of each row: none where it needs no time, None where it is unknown."""
        return [self._places(row) for row in rows]

    def is_constant(self, row: TimedRow) -> bool:
        """Whether all that a row does is known without an input."""
        return bool(row.names) and self._constant.issuperset(map(plain, row.names))

    def _places(self, row: TimedRow) -> Places | None:
        known = [places for name in row.names if (places := self._of(name)) is not None]
        if row.names and not known:
            others = (self._of(name) for name in row.other_names)
            return next((places for places in others if places is not None), None)
        places = tuple(sorted(set(chain.from_iterable(known))))
        return tuple(range(places[0], places[-1] + 1)) if places and row.spans else places

    def _of(self, name: str) -> Places | None:
        return self._exact.get(name, self._plain.get(plain(name)))


def _held(network: Network, running: Sequence[Layer]) -> dict[str, Places]:
    """The layers inside each node that holds a graph, where there are any."""
    held: dict[str, list[int]] = {}
    holders = set(network.named.holders)
    for place, layer in enumerate(running if holders else ()):
        parts = layer.name.split("/")
        for end in range(1, len(parts)):
            if (name := "/".join(parts[:end])) in holders:
                held.setdefault(name, []).append(place)
    return {name: tuple(places) for name, places in held.items()}
