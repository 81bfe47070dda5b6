"""Counts of zeros: in what a model's file holds, and in what its nodes make when they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.network.samples.feeds import Feed
from dfsrt.network.samples.samples import Samples
from dfsrt.network.samples.session import model_bytes, open_session, run_session, session_options
from dfsrt.network.samples.tensors import Tensors, chunks

if TYPE_CHECKING:
    import onnx

HELD = 2**27
"""Elements that are held at once; a model with more runs again for the rest."""
_THREADS = 1


@dataclass(slots=True)
class Counts:
    """Zeros and elements of each tensor, all samples together."""

    zeros: dict[str, int] = field(default_factory=dict)
    elements: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, value: Feed, zero: Feed | int) -> None:
        """Count in one tensor what equals ``zero``, which fits its shape."""
        self.zeros[name] = self.zeros.get(name, 0) + int((value == zero).sum())
        self.elements[name] = self.elements.get(name, 0) + value.size

    def name_as(self, others: Mapping[str, str]) -> None:
        """Give tensors the counts of ``others``, under which they were looked at."""
        for name, other in others.items():
            self.zeros[name] = self.zeros.get(other, 0)
            self.elements[name] = self.elements.get(other, 0)

    def share(self, names: Iterable[str]) -> float | None:
        """Return the share of zeros in tensors together; None where none was counted."""
        counted = [name for name in names if self.elements.get(name)]
        total = sum(self.elements[name] for name in counted)
        return sum(self.zeros[name] for name in counted) / total if total else None


@dataclass(frozen=True, slots=True)
class Runs:
    """A model that runs for the sake of its tensors; ``path`` is its file."""

    model: onnx.ModelProto
    name: str
    path: Path | None
    tensors: Tensors

    def of(self, samples: Samples, names: list[str]) -> Iterator[Mapping[str, Feed]]:
        """Yield the values of tensors for each sample, those of what is given included.

        Raises:
            NetworkError: onnxruntime cannot load or run the model.
        """
        asked = [name for name in names if name not in self.tensors.inputs]
        model = self.tensors.exposed(self.model, asked)
        options = session_options(_THREADS, "disable", self.path)
        session = open_session(model_bytes(model, self.name), options, self.name)
        for feeds in samples:
            made = run_session(session, feeds, self.name) if asked else []
            yield {**feeds, **dict(zip(asked, made, strict=True))}


def stored_zeros(tensors: Tensors, names: Iterable[str]) -> Counts:
    """Return the zeros of those of ``names`` that the file holds."""
    counts = Counts()
    for name in names:
        if name in tensors.stored:
            value = tensors.value(name)
            counts.add(name, value, _zero(name, value, tensors, {}))
    return counts


def count_zeros(
    runs: Runs,
    sizes: Mapping[str, int],
    samples: Samples,
    counts: Counts,
    on_run: Callable[[int], None],
) -> int:
    """Add to ``counts`` the zeros of tensors with ``sizes`` elements; return the samples.

    ``on_run`` is told how many samples have run, beginning anew where tensors come in groups.
    """
    done = 0
    for group in chunks(sizes, HELD):
        done, points = 0, _made_points(group, runs.tensors)
        for values in runs.of(samples, [*group, *points]):
            for name in group:
                counts.add(name, values[name], _zero(name, values[name], runs.tensors, values))
            done += 1
            on_run(done)
    return done


def _made_points(names: Iterable[str], tensors: Tensors) -> list[str]:
    """Zero points of tensors that are known at run time alone, and are none of ``names``."""
    points = {tensors.zero_points[n].tensor for n in names if n in tensors.zero_points}
    return sorted(points - set(names) - set(tensors.stored))


def _zero(name: str, value: Feed, tensors: Tensors, values: Mapping[str, Feed]) -> Feed | int:
    """What counts as zero in a tensor with this ``value``; ``values`` are those of its run."""
    point = tensors.zero_points.get(name)
    if point is None:
        return 0
    zero = values[point.tensor] if point.tensor in values else tensors.value(point.tensor)
    return point.of(zero, value.ndim)
