"""Row-stationary mappings: how a convolution is cut into passes of an array of small processors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Shape:
    """One group of a convolution: ``images`` of ``channels``, ``filters`` of kh x kw a channel.

    ``out_h`` x ``out_w`` are its results, ``stride`` pixels apart.
    """

    images: int
    channels: int
    filters: int
    kernel_h: int
    kernel_w: int
    out_h: int
    out_w: int
    stride: int

    @property
    def in_w(self) -> int:
        """Pixels of an input row, padding included."""
        return (self.out_w - 1) * self.stride + self.kernel_w

    def in_rows(self, rows: int) -> int:
        """Return the input rows that ``rows`` neighbouring rows of results need."""
        return (rows - 1) * self.stride + self.kernel_h


@dataclass(frozen=True, slots=True)
class Array:
    """``rows`` x ``cols`` processors, each with room for words of every kind, around a buffer.

    The buffer's ``banks`` of ``bank_words`` hold inputs or sums, a bank one of the two.
    """

    rows: int
    cols: int
    pe_weights: int
    pe_inputs: int
    pe_sums: int
    banks: int
    bank_words: int

    def sets(self, kernel_h: int, strip: int) -> int:
        """Return how many sets of ``kernel_h`` x ``strip`` processors fit; wide ones are folded."""
        high = self.rows // kernel_h
        return high * (self.cols // strip) if strip <= self.cols else high // -(-strip // self.cols)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A pass by the seven parameters of its publication, in its letters.

    ``m`` filters' sums stay in the buffer; a pass takes ``n`` images and a strip of ``e`` rows of
    results; a processor works on ``p`` filters and ``q`` channels; ``r`` sets take different
    channels and ``t`` different filters.

    Source: Chen et al., JSSC 2017, section IV and the table of mapping parameters.
    """

    m: int
    n: int
    e: int
    p: int
    q: int
    r: int
    t: int

    def passes(self, shape: Shape) -> int:
        """Return the passes of each strip."""
        return (
            -(-shape.images // self.n)
            * -(-shape.channels // (self.q * self.r))
            * -(-shape.filters // (self.p * self.t))
        )

    def strips(self, shape: Shape) -> Iterator[tuple[int, int]]:
        """Yield the rows of results of a strip, and how many such strips there are."""
        whole, rest = divmod(shape.out_h, self.e)
        yield self.e, whole
        if rest:
            yield rest, 1

    def read_rows(self, shape: Shape) -> int:
        """Return the input rows that all strips read, those that two share counted twice."""
        return sum(shape.in_rows(rows) * count for rows, count in self.strips(shape))

    def input_fetches(self, shape: Shape) -> int:
        """Return how often an input crosses from DRAM: once for all sums that the buffer holds."""
        return -(-shape.filters // self.m)

    def weight_fetches(self, shape: Shape) -> int:
        """Return how often a weight crosses from DRAM: for each strip and group of images."""
        return -(-shape.images // self.n) * -(-shape.out_h // self.e)

    def dram_words(self, shape: Shape) -> int:
        """Return the words that cross from and to DRAM; results cross once."""
        inputs = shape.images * shape.channels * self.read_rows(shape) * shape.in_w
        weights = shape.channels * shape.filters * shape.kernel_h * shape.kernel_w
        results = shape.images * shape.filters * shape.out_h * shape.out_w
        return inputs * self.input_fetches(shape) + weights * self.weight_fetches(shape) + results


def fits(mapping: Mapping, shape: Shape, array: Array) -> bool:
    """Tell whether the processors, the sets and the buffer's banks have room for ``mapping``."""
    x = mapping
    if not (0 < x.r * x.t <= array.sets(shape.kernel_h, x.e)):
        return False
    row = x.q * shape.kernel_w
    if row > array.pe_inputs or row * x.p > array.pe_weights or x.p > array.pe_sums:
        return False
    return _banks(mapping, shape, array) <= array.banks


def least_traffic(shape: Shape, array: Array) -> list[Mapping]:
    """Return the mappings with the least traffic to DRAM of all that fit; none where none does.

    Source: mappings are chosen for the least energy (Chen et al., JSSC 2017), most of which is
    DRAM's; the rule finds the published mappings of AlexNet.
    """
    found: dict[int, list[Mapping]] = {}
    for strip, images in _frames(shape, array):
        frame = _most_filters(shape, array, strip, images)
        if frame is not None:
            found.setdefault(frame.dram_words(shape), []).append(frame)
    if not found:
        return []
    return [x for frame in found[min(found)] for x in _filled(frame, shape, array)]


def _frames(shape: Shape, array: Array) -> Iterator[tuple[int, int]]:
    """Strips and numbers of images that could make a pass."""
    if array.rows < shape.kernel_h:
        return
    widest = min(shape.out_h, array.cols * (array.rows // shape.kernel_h))
    groups = sorted({-(-shape.images // parts) for parts in range(1, shape.images + 1)})
    for strip in range(1, widest + 1):
        for images in groups:
            yield strip, images


def _most_filters(shape: Shape, array: Array, strip: int, images: int) -> Mapping | None:
    """The frame with as many filters in the buffer as fit beside one channel."""
    one = Mapping(1, images, strip, 1, 1, 1, 1)
    if not fits(one, shape, array):
        return None
    free = array.banks - _input_banks(one, shape, array)
    room = free * array.bank_words // (images * strip * shape.out_w)
    whole = next(m for m in range(min(room, shape.filters), 0, -1) if shape.filters % m == 0)
    return Mapping(whole, images, strip, 1, 1, 1, 1)


def _filled(frame: Mapping, shape: Shape, array: Array) -> Iterator[Mapping]:
    """All ways to fill the array in ``frame`` that fetch nothing more often."""
    sets = array.sets(shape.kernel_h, frame.e)
    for q in range(1, min(array.pe_inputs // shape.kernel_w, shape.channels) + 1):
        deepest = min(array.pe_sums, array.pe_weights // (q * shape.kernel_w))
        for t in _divisors(frame.m, sets):
            for r in _splits(-(-shape.channels // q), sets // t):
                if not fits(replace(frame, q=q, r=r, t=t), shape, array):
                    break  # more sets of channels need more room still
                for p in _divisors(frame.m // t, deepest):
                    yield Mapping(frame.m, frame.n, frame.e, p, q, r, t)


def _divisors(number: int, most: int) -> list[int]:
    return [d for d in range(1, min(number, most) + 1) if number % d == 0]


def _splits(count: int, most: int) -> list[int]:
    """The least sizes of each number of equal parts that ``count`` falls into, up to ``most``."""
    return [size for size in range(1, most + 1) if size == 1 or _parts(count, size)]


def _parts(count: int, size: int) -> bool:
    """Whether parts of ``size`` are fewer than parts of one less."""
    return -(-count // size) < -(-count // (size - 1))


def _banks(x: Mapping, shape: Shape, array: Array) -> int:
    sums = x.m * x.n * x.e * shape.out_w
    return _input_banks(x, shape, array) + -(-sums // array.bank_words)


def _input_banks(x: Mapping, shape: Shape, array: Array) -> int:
    words = x.n * x.q * x.r * shape.in_rows(x.e) * shape.in_w
    return -(-words // array.bank_words)
