"""The space of a search over layers: what each layer's weights, and all maps, may become."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dfsrt.base.errors import InputError
from dfsrt.optimize.layer_choice import LayerChoice, parse_choices
from dfsrt.optimize.layer_noise import layer_noises
from dfsrt.optimize.layers import Layers, layer_weights
from dfsrt.study.dimension import Dimension
from dfsrt.study.layers.bench import Bench
from dfsrt.study.layers.starts import Noises, all_points, greedy_way, spread

MAPS = "maps"
SAVES = 1e-3
"""Share of the energy that an option must save to be worth a search."""


@dataclass(frozen=True, slots=True)
class LayerSpace:
    """Dimensions by layer, the points to begin with, and ``notes`` on what was left out."""

    layers: tuple[str, ...]
    noises: tuple[Noises, ...]
    maps: tuple[str, ...]
    refit: bool
    starts: tuple[Mapping[str, str], ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def exhaustive(self) -> bool:
        """Whether the points to begin with are all that there are."""
        return len(self.starts) == math.prod(len(d.choices) for d in self.dimensions.values())

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """The bits of maps, and what each layer's weights may become."""
        pairs = zip(self.layers, self.noises, strict=True)
        weights = {name: Dimension(choices=tuple(map(str, mine))) for name, mine in pairs}
        return {MAPS: Dimension(choices=self.maps), **weights}

    def typed(self, drawn: Mapping[str, str | float]) -> dict[str, str]:
        """Return what was drawn as text, in the space's order."""
        return {name: str(drawn[name]) for name in self.dimensions}

    def how(self, typed: Mapping[str, str]) -> Layers:
        """Return the transform of a point; zeros are fitted only where there are some."""
        weights = "/".join(typed[name] for name in self.layers)
        return Layers(weights, typed[MAPS], self.refit and "x" in weights)


def layer_space(bench: Bench) -> LayerSpace:
    """Return the space of a search: options that save energy on the device, and where to begin.

    Raises:
        InputError: a model without layers to choose for, or no option that can run.
    """
    search = bench.search
    weights, notes = layer_weights(bench.ready), list[str]()
    options = _worth(bench, parse_choices(search.options), notes)
    maps = tuple(m for m in search.maps if _runs(bench, m, notes))
    noises = tuple(layer_noises(bench.chooser, options, refit=search.refit))
    names = tuple(w.name for w in weights)
    space = LayerSpace(names, noises, maps, search.refit)
    sizes = [w.array.size for w in weights]
    return LayerSpace(
        names, noises, maps, search.refit, _starts(space, sizes, search.trials), tuple(notes)
    )


def _worth(
    bench: Bench, options: Sequence[LayerChoice], notes: list[str]
) -> tuple[LayerChoice, ...]:
    """The options that cost less energy than those with more bits, all layers alike."""
    ordered = sorted(dict.fromkeys(options), key=lambda c: (-c.bits, c.sparsity != "", str(c)))
    energies: dict[LayerChoice, float] = {}
    for option in ordered:
        try:
            mine = bench.energy_j(Layers(str(option), bench.search.maps[0]))
        except InputError as error:
            notes.append(f"{option} is not searched: {error}")
            continue
        others = [e for c, e in energies.items() if c.bits == option.bits or not option.sparsity]
        if others and mine >= min(others) * (1 - SAVES):
            notes.append(
                f"{option} is not searched: it saves under {SAVES:.1%} of the energy on this device"
            )
            continue
        energies[option] = mine
    if not energies:
        raise InputError(f"none of the options can run; the first says: {notes[0]}")
    return tuple(energies)


def _runs(bench: Bench, maps: str, notes: list[str]) -> bool:
    if maps == bench.search.maps[0]:
        return True
    try:
        bench.energy_j(Layers("8", maps))
    except InputError as error:
        notes.append(f"maps of {maps} bits are not searched: {error}")
        return False
    return True


def _starts(space: LayerSpace, sizes: list[int], trials: int) -> tuple[Mapping[str, str], ...]:
    every = all_points(space.noises, trials // len(space.maps))
    if every is not None:
        return tuple(_typed(space, m, point) for m in space.maps for point in every)
    way = greedy_way(sizes, space.noises)
    points = spread(way, max(trials // 2, 2))
    wide = [_typed(space, m, way[0]) for m in space.maps[1:]]
    return (*(_typed(space, space.maps[0], p) for p in points), *wide)


def _typed(space: LayerSpace, maps: str, point: Sequence[LayerChoice]) -> dict[str, str]:
    return {MAPS: maps, **dict(zip(space.layers, map(str, point), strict=True))}
