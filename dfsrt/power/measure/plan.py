"""The plan of a measuring run: which subjects, in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from dfsrt.network.layer import Kind
from dfsrt.network.layout import CHANNELS_LAST, PLAIN, image_flow
from dfsrt.network.probe import Probe, network_probes
from dfsrt.network.reading import Reading
from dfsrt.power.measure.sample import Subject
from dfsrt.power.measure.sweep import FAMILIES, sweep_of, sweep_probes
from dfsrt.power.measure.sweep_images import IMAGE_FAMILIES, ON_IMAGES

DRIFT_LAYERS = 3
"""Layers that come again and again, to show drift."""
DRIFT_EVERY = 40
"""Subjects between two such repeats."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures: layers of networks at some batch sizes, a sweep, repeats for drift.

    ``networks`` are names or files; a network with an open dimension ``batch`` is taken at each of
    ``batches``. ``dtypes`` are element types with their share of the layers.
    ``per_network`` is how many different layers of each network are taken, at most; ``sweep`` how
    many layers are made up. ``seed`` picks and orders them.
    ``like`` are subjects of an earlier run, to be measured again; ``layout`` is that of images.
    """

    networks: Sequence[str]
    dtypes: Mapping[str, float]
    batches: Sequence[int] = (1,)
    reading: Reading = field(default_factory=Reading)
    per_network: int = 100
    sweep: int = 500
    seed: int = 0
    operators: frozenset[str] | None = None
    like: Sequence[Subject] = ()
    layout: str = PLAIN

    def subjects(self, part: int = 0, parts: int = 1) -> tuple[Subject, ...]:
        """Return the subjects of one of ``parts``, mixed, so that any stretch is a sample.

        Every part repeats the same few layers, so that drift and cards can be compared.

        Raises:
            NetworkError: a network cannot be read.
        """
        rng = np.random.default_rng(self.seed)
        found = [*self.like, *self._of_networks(rng), *self._of_sweep()]
        mixed = [found[i] for i in rng.permutation(len(found))]
        return tuple(with_repeats(mixed[part::parts], _drift_layers(mixed)))

    def _of_networks(self, rng: np.random.Generator) -> Iterable[Subject]:
        for source in self.networks:
            name = source.rsplit("/", 1)[-1].removesuffix(".onnx")
            found = list(self._distinct(source))
            for i in _draw_layers(rng, [probe for probe, _ in found], self.per_network):
                probe, layout = found[i]
                probe = probe.as_type(_draw(rng, self.dtypes))
                yield Subject(probe=probe, source=name, group=family_of(name), layout=layout)

    def _distinct(self, source: str) -> Iterable[tuple[Probe, str]]:
        """The network's layers at every batch size, each shape once, and their layouts."""
        seen = set()
        for batch in self.batches:
            probes = network_probes(source, self.reading, batch, views=True)
            flow = image_flow([probe.layer for probe in probes])
            for probe in probes:
                layout = flow.layout(probe.layer) if self.layout == CHANNELS_LAST else PLAIN
                free = self.layout == CHANNELS_LAST and probe.layer.name in flow.free
                shape = (signature(probe), layout)
                if shape not in seen and self._can(probe) and not free:
                    seen.add(shape)
                    yield probe, layout

    def _of_sweep(self) -> Iterable[Subject]:
        for index, (dtype, share) in enumerate(self.dtypes.items()):
            count = round(self.sweep * share)
            for family, probe in self._made_up(count, self.seed + index, dtype):
                if self._can(probe):
                    layout = self._layout_of(family, probe)
                    group = f"sweep/{family}"
                    yield Subject(probe=probe, source="sweep", group=group, layout=layout)

    def _made_up(self, count: int, seed: int, dtype: str) -> Iterator[tuple[str, Probe]]:
        if self.layout == PLAIN:
            return sweep_probes(count, seed, dtype)
        of_images = {family.name for family in IMAGE_FAMILIES}
        others = [f for f in FAMILIES if f.name not in of_images]
        return sweep_of([*others, *IMAGE_FAMILIES], count, seed, dtype)

    def _layout_of(self, family: str, probe: Probe) -> str:
        """Made-up layers are on images where their family is, and alone else."""
        if self.layout == PLAIN or len(probe.layer.outputs[0].shape) != 4:
            return PLAIN
        return CHANNELS_LAST if family in ON_IMAGES else PLAIN

    def _can(self, probe: Probe) -> bool:
        if probe.layer.kind is Kind.VIEW:
            return False
        return self.operators is None or probe.layer.op in self.operators


def signature(probe: Probe) -> str:
    """Return what makes two layers the same to hardware: operator, shapes, types, attributes."""
    layer = probe.layer
    tensors = [(t.shape, t.dtype) for t in (*layer.inputs, *layer.weights, *layer.outputs)]
    return repr((layer.op, tensors, sorted(probe.attributes.items())))


def family_of(name: str) -> str:
    """Return the network's name without what only says its size of input, like ``_384``."""
    return re.sub(r"[_-]\d{3}$", "", name)


def _draw(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    weights = np.array(list(shares.values()), dtype=float)
    return str(rng.choice(list(shares), p=weights / weights.sum()))


def _draw_layers(rng: np.random.Generator, probes: Sequence[Probe], count: int) -> list[int]:
    """Positions of ``count`` layers; products, which draw most power, are twice as likely."""
    weights = np.array([2.0 if p.layer.kind is Kind.MATRIX else 1.0 for p in probes])
    size = min(count, len(probes))
    return sorted(rng.choice(len(probes), size, replace=False, p=weights / weights.sum()).tolist())


def _drift_layers(mixed: Sequence[Subject]) -> list[Subject]:
    """A few layers from heavy to light among the first."""
    heaviest = sorted(mixed[:48], key=lambda s: -s.probe.layer.macs)
    return heaviest[: 8 * DRIFT_LAYERS : 8]


def with_repeats(subjects: Sequence[Subject], again: Sequence[Subject]) -> Iterator[Subject]:
    """Let ``again`` come in turn through the whole run, each time under a new number."""
    for index, subject in enumerate(subjects):
        if again and index % DRIFT_EVERY == 0:
            turn, count = again[index // DRIFT_EVERY % len(again)], index // DRIFT_EVERY
            yield msgspec.structs.replace(turn, repeat=count // len(again) + 1)
        yield subject
