"""Points to begin with: all of a small space, else a greedy way from most bits to fewest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product

from dfsrt.optimize.layer_choice import LayerChoice

Noises = Mapping[LayerChoice, float]
"""Noise over signal at the outputs, of one layer's choices."""


def greedy_way(elements: Sequence[int], noises: Sequence[Noises]) -> list[tuple[LayerChoice, ...]]:
    """Return points from each layer's widest choice on, one layer changed at a time.

    The next change is the one with the least noise for each bit that it saves; noises of layers
    are taken to add up. ``elements`` are those of each layer's weights.
    """
    now = [max(mine, key=lambda c: (c.stored_bits, -mine[c])) for mine in noises]
    way = [tuple(now)]
    while True:
        moves = [
            (_price(noises[i], now[i], to, elements[i]), i, to)
            for i in range(len(now))
            for to in noises[i]
            if to.stored_bits < now[i].stored_bits
        ]
        if not moves:
            return way
        _, layer, to = min(moves, key=lambda move: (move[0], move[1], str(move[2])))
        now[layer] = to
        way.append(tuple(now))


def _price(mine: Noises, now: LayerChoice, to: LayerChoice, elements: int) -> float:
    return (mine[to] - mine[now]) / ((now.stored_bits - to.stored_bits) * elements)


def spread(way: Sequence[tuple[LayerChoice, ...]], count: int) -> list[tuple[LayerChoice, ...]]:
    """Return at most ``count`` points of a way, evenly, its ends first among them."""
    if len(way) <= count:
        return list(way)
    last = len(way) - 1
    places = {round(i * last / max(count - 1, 1)) for i in range(count)}
    return [way[place] for place in sorted(places)]


def all_points(noises: Sequence[Noises], most: int) -> list[tuple[LayerChoice, ...]] | None:
    """Return every point of a space of at most ``most``; None of a larger one."""
    size = math.prod(len(mine) for mine in noises)
    return list(product(*noises)) if size <= most else None
