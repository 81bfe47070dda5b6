"""Open sizes of a network's inputs, and sizes to try where nobody has given any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import onnx

from dfsrt.network.file.plain import plain_text
from dfsrt.network.shapes.open_dims import asked_name, open_dims

_LIKELY = (
    (re.compile(r"batch|^(n|b|bs)$|_(n|b)$", re.IGNORECASE), 1),
    (re.compile(r"height|width|image|pixel|^(h|w)$", re.IGNORECASE), 224),
    (re.compile(r"channel|^c$", re.IGNORECASE), 3),
    (re.compile(r"sample|audio|wave", re.IGNORECASE), 16_000),
    (re.compile(r"seq|len|token|text|time|frame|^(t|s|l)$", re.IGNORECASE), 128),
)
"""What people mean by a name: one picture, text or second of sound of a usual size."""
_WIDE = 128
"""A size that windows of several layers fit into."""
_FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16}


@dataclass(frozen=True, slots=True)
class OpenSize:
    """An open size as ``--dim`` names it, and where it stands: ``INPUT.AXIS``."""

    name: str
    places: tuple[str, ...]
    likely: int
    ends: bool = False
    """Whether it is the last axis wherever it stands: samples, or steps in time."""

    @property
    def leads(self) -> bool:
        """Whether it is an input's first: how many pictures or texts there are."""
        return any(place.endswith(".0") for place in self.places)


def open_sizes_of(
    inputs: Iterable[onnx.ValueInfoProto], features: Mapping[str, int] | None = None
) -> tuple[OpenSize, ...]:
    """Return the open sizes of ``inputs``, each once, with a likely size.

    ``features`` are last axes by input, where something is known of them.
    """
    places: dict[str, list[str]] = {}
    likely: dict[str, int] = {}
    within: set[str] = set()
    for value in inputs:
        last = len(value.type.tensor_type.shape.dim) - 1
        for axis, place, dim in open_dims(value):
            name = plain_text(asked_name(dim, place))
            places.setdefault(name, []).append(place)
            of_name = 0 if name == place else _by_name(name)
            own = _feature(value, axis, features or {}) or of_name or _by_place(value, axis)
            likely.setdefault(name, own)
            if not 0 < axis == last:
                within.add(name)
    return tuple(
        OpenSize(n, tuple(at), _sum(n, likely) or likely[n], ends=n not in within)
        for n, at in places.items()
    )


def sizes_to_try(
    sizes: Iterable[OpenSize], given: Mapping[str, int]
) -> tuple[Mapping[str, int], ...]:
    """Return what to give for ``sizes`` that are not ``given``: likely ones, then 1, then wide."""
    waiting = [s for s in sizes if not {s.name, *s.places} & given.keys()]
    tries = [
        {s.name: s.likely for s in waiting},
        {s.name: 1 for s in waiting},
        {s.name: s.likely if s.leads else max(s.likely, _WIDE) for s in waiting},
        {s.name: max(s.likely, 4 * _WIDE) if s.ends else s.likely for s in waiting},
        {s.name: 1 if _by_name(s.name) == 1 else max(s.likely, _WIDE) for s in waiting},
        {s.name: 1 if _by_name(s.name) == 1 else max(s.likely, 4 * _WIDE) for s in waiting},
    ]
    return tuple(t for k, t in enumerate(tries) if t not in tries[:k])


def _feature(value: onnx.ValueInfoProto, axis: int, features: Mapping[str, int]) -> int:
    rank = len(value.type.tensor_type.shape.dim)
    return features.get(value.name, 0) if axis == rank - 1 and axis > 0 else 0


def _by_name(name: str) -> int:
    """A name that says so; past lengths count as any other."""
    return next((size for pattern, size in _LIKELY if pattern.search(name)), 0)


def _by_place(value: onnx.ValueInfoProto, axis: int) -> int:
    """Pictures are (batch, channels, height, width), or channels come last; texts are (batch,
    length).
    """
    kind = value.type.tensor_type
    rank = len(kind.shape.dim)
    if axis == 0 or rank < 2:
        return 1
    if kind.elem_type in _FLOATS and rank == 4:
        channels = 3 if 1 <= kind.shape.dim[3].dim_value <= 4 else 1
        return 3 if axis == channels else 224
    return 128 if kind.elem_type not in _FLOATS and axis == 1 else 1


def _sum(name: str, likely: Mapping[str, int]) -> int:
    """The size of a name that is a sum of others: ``past + 1``, or the total of past and present.

    0 where it is none.
    """
    if name.lower().startswith("total"):
        past = next((size for n, size in likely.items() if n.lower().startswith("past")), 0)
        return past and past + likely[name]
    parts = [likely.get(p, int(p) if p.isascii() and p.isdigit() and len(p) < 7 else 0)
             for p in map(str.strip, name.split("+"))]  # fmt: skip
    return sum(parts) if len(parts) > 1 and all(parts) else 0
