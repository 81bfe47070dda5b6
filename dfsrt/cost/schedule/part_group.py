"""Chains of layers that run part by part: each map cut into as many equal parts."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.cost.schedule.rows import RowInput, RowLayer, RowLayers, Rows
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor


@dataclass(slots=True)
class PartGroup:
    """Layers in a chain that run on one of ``parts`` equal parts of the rows after the other.

    Of several images each is cut so, one after the other. A part goes through all layers before
    the next one comes in, and what the next needs of it stays (the halo, one row less than a
    window). While a layer runs, its part of inputs and its part of results lie on chip, and the
    halos of all. What products multiply by streams through once a part, a kernel at a time, but for
    those weights that stay. Nothing is computed twice.

    Names in ``apart`` lie elsewhere on chip. With ``double`` parts and kernels that come and go
    take their room twice: the next ones move meanwhile.
    """

    layers: RowLayers
    parts: int
    apart: Collection[str]
    double: bool = False
    images: int = 1
    made: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    rows: Rows | None = None
    fixed_bytes: int = 0
    halo_bytes: int = 0
    part_bytes: int = 0
    kernel_bytes: int = 0
    coming_bytes: int = 0
    going_bytes: int = 0
    weights: dict[int, int] = field(default_factory=dict)
    by_size: list[tuple[int, int]] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """Bytes on chip while all weights stream through."""
        moving = self.coming_bytes + self.going_bytes + self.kernel_bytes if self.double else 0
        return self.fixed_bytes + self.halo_bytes + self.part_bytes + self.kernel_bytes + moving

    @property
    def passes(self) -> int:
        """How often weights that do not stay stream through: once a part of each image."""
        return self.parts * self.images

    def staying(self, chip_bytes: int) -> frozenset[int]:
        """Return the layers whose weights stay in so many bytes, the largest first."""
        left, stay = chip_bytes - self.bytes, set[int]()
        for size, layer in reversed(self.by_size):
            if size <= left:
                stay.add(layer)
                left -= size
        return frozenset(stay)

    def staying_bytes(self, staying: Collection[int]) -> int:
        """Bytes on chip where the weights of such layers stay."""
        return self.bytes + sum(self.weights.get(layer, 0) for layer in staying)

    def add(self, index: int, link: Collection[str] = ()) -> bool:
        """Let layer number ``index`` join; it reads what the one before made, named in ``link``.

        False where it cannot run part by part, has fewer rows than parts or other images.
        """
        layer, by_rows = self.layers[index], self.layers.by_rows(index, self.rows)
        if by_rows is None or not by_rows.inputs or len(layer.outputs) != 1:
            return False
        main = next((e for e in by_rows.inputs if e.tensor.name in link), by_rows.inputs[0])
        linked = [each for each in by_rows.inputs if each.tensor.name in link]
        same = (main.rows, _images(main)) == (self.rows, self.images)
        if self.rows is not None and (len(linked) != 1 or not same):
            return False
        if min(by_rows.rows.number, main.rows.number) < self.parts:
            return False
        self._take(by_rows, main, layer.outputs[0])
        self._take_constants(index, layer, by_rows)
        return True

    def _take(self, by_rows: RowLayer, main: RowInput, out: Tensor) -> None:
        """Add the rows of a layer's inputs and results."""
        coming = self.made if self.rows is not None else _evenly(main.rows.number, self.parts)
        new = _most_new(coming)
        active, done = new * main.rows.bytes_of(main.tensor), coming
        if self.rows is None:
            self.coming_bytes, self.images = active, _images(main)
        if not main.alike:
            stop = np.minimum(main.stop, main.rows.number)
            done = np.searchsorted(stop, coming, side="right")
            halo = (coming - np.append(main.first, main.rows.number)[done]).max()
            self.halo_bytes += max(int(halo), 0) * main.rows.bytes_of(main.tensor)
            new = _most_new(done)
        self.going_bytes = new * by_rows.rows.bytes_of(out)
        active += self.going_bytes
        for each in by_rows.inputs:
            if each is not main:
                side = _most_read(each, done) * each.rows.bytes_of(each.tensor)
                active += side * (1 + self.double)
        self.part_bytes = max(self.part_bytes, active)
        self.made, self.rows = done, by_rows.rows

    def _take_constants(self, index: int, layer: Layer, by_rows: RowLayer) -> None:
        multiplied = {t.name for t in layer.multiplied}
        here = [t for t in (*layer.weights, *by_rows.whole) if t.name not in self.apart]
        streamed = sum(t.touched_bytes for t in here if t.name in multiplied)
        self.fixed_bytes += sum(t.touched_bytes for t in here if t.name not in multiplied)
        if streamed:
            kernels = max(sum(gemm.n * gemm.count for gemm in layer.gemms), 1)
            self.kernel_bytes = max(self.kernel_bytes, -(-streamed // kernels))
            self.weights[index] = streamed
            insort(self.by_size, (streamed, index))


def _images(each: RowInput) -> int:
    """Return the images of an input that are cut one by one."""
    return each.tensor.shape[0] if each.rows.of_images else 1


def _evenly(rows: int, parts: int) -> Ints:
    """Return the rows that have come after each of equal parts, ``(n_parts,)``."""
    return -(-np.arange(1, parts + 1) * rows // parts)


def _most_new(made: Ints) -> int:
    return max(int(made[0]), int((made[1:] - made[:-1]).max(initial=0)))


def _most_read(each: RowInput, done: Ints) -> int:
    """Return the most rows of an input from outside that the results of a part need."""
    before = np.concatenate([[0], done[:-1]])
    some = done > before
    stop = np.minimum(each.stop, each.rows.number)
    read = stop[done[some] - 1] - each.first[before[some]]
    return int(read.max(initial=1))
