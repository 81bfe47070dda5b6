"""The comparison: two models on the same samples, of which sums are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.network import from_onnx_model
from dfsrt.network.samples import Feed, chunks
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.fidelity.answers import Answers
from dfsrt.optimize.fidelity.running import Running
from dfsrt.optimize.fidelity.sums import Sums
from dfsrt.optimize.fidelity.twins import Twin, twins

if TYPE_CHECKING:
    import onnx

HELD = 2**25
"""Elements of one model that are held at once; a model with more runs again for the rest."""


@dataclass(slots=True)
class Compared:
    """Sums of tensors by name; ``whole`` are of whole numbers, ``other`` could not be compared."""

    sums: dict[str, Sums] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    other: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, original: object, smaller: object) -> None:
        """Add a tensor of one sample in both models."""
        if not _comparable(original, smaller):
            self.other[name] += 1
            return
        x, y = np.asarray(original), np.asarray(smaller)
        if x.dtype.kind in "iub":
            self.whole.add(name)
        self.sums.setdefault(name, Sums()).add(x, y)


def _comparable(original: object, smaller: object) -> bool:
    pair = (original, smaller)
    tensors = [x for x in pair if isinstance(x, np.ndarray) and x.dtype.kind in "fiub"]
    return len(tensors) == 2 and tensors[0].shape == tensors[1].shape


@dataclass(slots=True)
class Comparison:
    """Outputs and layers compared, the answers, and how many layers the smaller model lacks."""

    outputs: Compared = field(default_factory=Compared)
    layers: Compared = field(default_factory=Compared)
    answers: Answers = field(default_factory=Answers)
    lacking: int = 0


def compare(
    original: onnx.ModelProto,
    smaller: onnx.ModelProto,
    outputs: Sequence[str],
    data: Calibration,
) -> Comparison:
    """Return two models compared on all samples of ``data``.

    Raises:
        InputError: samples without an input, or labels that do not fit.
        NetworkError: onnxruntime cannot load or run one of the models.
    """
    layers, lacking = twins(original, smaller)
    done = Comparison(lacking=lacking)
    labels = [None] * len(data.samples) if data.labels is None else data.labels.tolist()
    groups = list(_groups(original, layers)) or [[]]
    for number, group in enumerate(groups):
        asked = [] if number else list(outputs)
        for label, (x, y) in zip(labels, _runs(original, smaller, asked, group, data), strict=True):
            for name in asked:
                done.outputs.add(name, x[name], y[name])
            for twin in group:
                done.layers.add(twin.layer, x[twin.original], y[twin.smaller])
            if asked:
                done.answers.add(x[asked[0]], y[asked[0]], label)
    return done


def _groups(model: onnx.ModelProto, layers: Sequence[Twin]) -> Iterator[list[Twin]]:
    """Layers whose outputs together are small enough to be held."""
    network = from_onnx_model(model, "original", fuse=False, unknown_ops="memory")
    sizes = {t.name: t.elements for layer in network.layers for t in layer.outputs}
    by_layer = {twin.layer: twin for twin in layers}
    elements = {twin.layer: sizes.get(twin.original, HELD) for twin in layers}
    for names in chunks(elements, HELD):
        yield [by_layer[name] for name in names]


def _runs(
    original: onnx.ModelProto,
    smaller: onnx.ModelProto,
    outputs: Sequence[str],
    layers: Sequence[Twin],
    data: Calibration,
) -> Iterator[tuple[dict[str, Feed], dict[str, Feed]]]:
    """The tensors that are asked for, by name, in both models, sample by sample."""
    names = list(dict.fromkeys([*outputs, *(twin.original for twin in layers)]))
    others = list(dict.fromkeys([*outputs, *(twin.smaller for twin in layers)]))
    first = Running(original, "original").on(data.samples, names)
    second = Running(smaller, "smaller").on(data.samples, others)
    for x, y in zip(first, second, strict=True):
        yield dict(zip(names, x, strict=True)), dict(zip(others, y, strict=True))
