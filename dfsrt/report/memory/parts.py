"""Parts of the reports of memory, as JSON has them."""

from __future__ import annotations

import msgspec


class OperandBytes(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that cross, by operand.

    ``input`` is what products multiply on the left or a layer without a product reads, ``weight``
    what they multiply it by, constant or not. ``output`` is written, with partial sums that are
    written and read back. ``residual`` is a map that joins on the way out, ``constants`` are biases
    and what else no product multiplies.
    """

    input: int = 0
    weight: int = 0
    output: int = 0
    residual: int = 0
    constants: int = 0

    @property
    def total(self) -> int:
        """All of them together."""
        return self.input + self.weight + self.output + self.residual + self.constants

    def __add__(self, other: OperandBytes) -> OperandBytes:
        return OperandBytes(
            **{name: getattr(self, name) + getattr(other, name) for name in OPERANDS}
        )


OPERANDS = OperandBytes.__struct_fields__


class Tile(msgspec.Struct, frozen=True):
    """Channels, kernels, rows and columns of results that are worked on at once."""

    c: int
    k: int
    p: int
    q: int


class SplitBytes(msgspec.Struct, frozen=True):
    """A buffer's part for each operand."""

    input: int
    weight: int
    output: int


class MemoryBuffer(msgspec.Struct, frozen=True, kw_only=True):
    """The buffer of one core: what tiles of all operands share, or a part for each in ``split``."""

    bytes: int
    shared: bool
    split: SplitBytes | None


class MemoryDram(msgspec.Struct, frozen=True, kw_only=True):
    """The DRAM's part, and how addresses and maps lie in it."""

    part: str
    channels: int
    map: str
    layout: str
    peak_bytes_per_s: float


class MemoryPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where maps lie on chip: how many, and the most bytes of them at a time.

    ``size_bytes`` is null where nobody says how much there is.
    """

    place: str
    size_bytes: int | None
    peak_bytes: int
    maps: int


class MemoryMap(msgspec.Struct, frozen=True, kw_only=True):
    """A map that lives from layer ``first`` to layer ``last``, numbers of the report's layers.

    ``place`` is where it lies: ``dram``, ``buffer``, ``system sram``, or ``rows``, of which only
    some lie on chip at a time.
    """

    name: str
    bytes: int
    first: int
    last: int
    place: str


class MemoryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What a mapper with a schedule would move; null where no tile fits, and ``why`` says it."""

    mapper: str
    schedule: str
    dram_bytes: int | None
    why: str | None = None


class MemoryPrefetch(msgspec.Struct, frozen=True, kw_only=True):
    """The time of a network with one choice of what is fetched ahead, and what may come so."""

    prefetch: str
    may_come_bytes: int
    time_s: float


class MemoryOverlap(msgspec.Struct, frozen=True, kw_only=True):
    """What fetching for the next layer saves at the clock ``freq_hz``.

    ``flow_shop_s`` is the time of whole layers, each fetched before it is computed, with room for
    all; ``least_s`` the longer of all bytes and all work, below which nothing comes.
    """

    prefetch: str
    freq_hz: int
    choices: list[MemoryPrefetch]
    flow_shop_s: float
    least_s: float
