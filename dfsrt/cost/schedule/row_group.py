"""Groups of layers that run row by row, and the bytes that they take on chip."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.cost.schedule.lifetimes import Map
from dfsrt.cost.schedule.rows import RowInput, RowLayer, RowLayers, Rows
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor

_ALIKE = 1e-9
"""Share of the time of a map: what is no further apart happens at once."""


@dataclass(slots=True)
class _Inner:
    """A map that the group makes: when each of its rows is made, and how many lie on chip."""

    tensor: Tensor
    rows: Rows
    made_at: Floats
    held: int = 0

    def bytes(self, double: bool) -> int:
        """Bytes of the rows on chip; of a map that no layer of the group reads, those that go."""
        return (self.held or 1 + double) * self.rows.bytes_of(self.tensor)

    def is_like(self, each: RowInput) -> bool:
        """Whether a reader that knows the map by another view has the same rows of it."""
        same = not self.rows.of_images or self.tensor.shape[0] == each.tensor.shape[0]
        return each.rows == self.rows and same


@dataclass(slots=True)
class RowGroup:
    """Layers that run row by row, each row as soon as what it needs is there.

    On chip lie all their weights, and of each map the rows between the newest and the oldest that
    a layer still needs: where paths meet again, the shorter one waits with as many rows as the
    longer is behind. Maps from outside come in a window at a time, as they are needed; those that
    a layer needs whole stay whole. Nothing is computed or, by one layer, read twice.

    ``layers`` are those of the network, ``maps`` the maps by each name; weights in ``apart`` lie
    elsewhere on chip. With ``double`` rows that come and go take their room twice: the next ones
    move meanwhile.
    """

    layers: RowLayers
    maps: Mapping[str, Map]
    apart: Collection[str]
    double: bool = False
    inner: dict[int, _Inner] = field(default_factory=dict)
    fixed: dict[str, int] = field(default_factory=dict)
    stream_bytes: int = 0

    @property
    def bytes(self) -> int:
        """Bytes on chip while the group runs."""
        lines = sum(each.bytes(self.double) for each in self.inner.values())
        return sum(self.fixed.values()) + self.stream_bytes + lines

    def add(self, index: int) -> bool:
        """Let layer number ``index`` join after all in the group; False where it cannot run so."""
        layer = self.layers[index]
        known = [self._made(t) for t in layer.inputs]
        like = next((each.rows for each in known if each is not None), None)
        by_rows = self.layers.by_rows(index, like)
        if by_rows is None or not by_rows.inputs or any(self._made(t) for t in by_rows.whole):
            return False
        pairs = [(each, self._made(each.tensor)) for each in by_rows.inputs]
        inner = [(each, source) for each, source in pairs if source is not None]
        if not all(source.is_like(each) for each, source in inner):
            return False
        made_at = _made_at(inner or pairs)
        for each, source in inner:
            alone = len(inner) == 1
            source.held = max(source.held, _held(each, source, made_at, alone))
        self._take(layer, by_rows, [each for each, source in pairs if source is None], made_at)
        return True

    def _made(self, tensor: Tensor) -> _Inner | None:
        each = self.maps.get(tensor.name)
        return None if each is None else self.inner.get(id(each))

    def _take(
        self, layer: Layer, by_rows: RowLayer, outside: list[RowInput], made_at: Floats
    ) -> None:
        for tensor in (*layer.weights, *by_rows.whole):
            if tensor.name not in self.apart:
                size = max(tensor.touched_bytes, self.fixed.get(tensor.stored_as, 0))
                self.fixed[tensor.stored_as] = size
        for each in outside:
            coming = each.most * (1 + self.double)
            self.stream_bytes += coming * each.rows.bytes_of(each.tensor)
        for tensor in layer.outputs:
            inner = _Inner(tensor, by_rows.rows, made_at)
            each_map = self.maps.get(tensor.name)
            if each_map is None:
                self.stream_bytes += inner.bytes(self.double)
            else:
                self.inner[id(each_map)] = inner


def _made_at(pairs: Sequence[tuple[RowInput, _Inner | None]]) -> Floats:
    """Return when each row of results is made, ``(n_rows,)``, as soon as its inputs are there.

    Time goes from 0 to 1 while rows of what comes from outside arrive at an even pace, and on at
    the pace of each map for rows that need padding below the last: so the end is as the middle is.
    """
    at = []
    for each, source in pairs:
        if source is None:
            at.append(each.stop / each.rows.number)
        else:
            beyond = np.maximum(each.stop - each.rows.number, 0) / each.rows.number
            at.append(source.made_at[np.minimum(each.stop, each.rows.number) - 1] + beyond)
    latest: Floats = np.max(at, axis=0)
    return latest


def _held(each: RowInput, made: _Inner, made_at: Floats, alone: bool) -> int:
    """Return the rows of a map that lie on chip for a reader, the newest included.

    When a row arrives, what the reader's next row needs is there and all since. A reader that waits
    for nothing else has done what it could before; one that does, what was due before.
    """
    rows = np.arange(each.rows.number)
    if alone:
        done: Ints = np.searchsorted(each.stop, rows, side="right")
    else:
        done = np.searchsorted(made_at, made.made_at - _ALIKE, side="left")
    first = np.append(each.first, each.rows.number)[done]
    return max(int((rows + 1 - first).max(initial=1)), 1)
