"""Conformance of mappers: subclass, name yours or say how to make it; pytest collects the rest.

class TestMine(MapperConformance):
    mapper = "mine.py:Mine:share=0.5"


class TestOther(MapperConformance):
    def make(self):
        return Other()
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dfsrt.base.errors import InputError
from dfsrt.cost.bound import layer_bound_bytes
from dfsrt.cost.mapper import Mapper, make_mapper
from dfsrt.cost.mapper.checked import fault_of
from dfsrt.cost.traffic import Buffer, Mapping, crossing, nests_of
from dfsrt.cost.traffic.least import has_room, least_rooms
from dfsrt.network.layer import Layer
from dfsrt.testing.products import odd_buffers, odd_layers

Case = tuple[str, Layer, Buffer, tuple[Mapping, ...]]


class MapperConformance:
    """What every mapper must do, whatever its policy.

    ``mapper`` names the one under test as ``--mapper`` does, a Python file's path from where pytest
    is run.
    """

    mapper: ClassVar[str] = ""

    def make(self) -> Mapper:
        """Return a fresh mapper; each test calls this anew.

        Raises:
            NotImplementedError: a subclass that neither names one nor makes one.
        """
        if not self.mapper:
            raise NotImplementedError("set 'mapper' to a name, or return an instance from 'make'")
        return make_mapper(self.mapper)

    def cases(self) -> Iterator[Case]:
        """Yield what a fresh mapper makes of each layer in each buffer that its least tile fits."""
        for (what, layer), (size, buffer) in _pairs():
            nests = nests_of(layer)
            if all(has_room(nest, buffer) for nest in nests):
                yield f"{what} in {size}", layer, buffer, tuple(self.make().map(nests, buffer))

    def test_every_product_has_a_mapping_that_can_run(self) -> None:
        """One for each product: an order of all loops, a tile inside the product and the buffer.

        A mapper that says itself how often operands cross need not fit.
        """
        for what, layer, buffer, mappings in self.cases():
            fault = fault_of(mappings, nests_of(layer), buffer)
            assert not fault, f"{what}: {fault}"

    def test_a_layer_without_a_product_has_no_mapping(self) -> None:
        """No products, no mappings."""
        assert tuple(self.make().map((), Buffer(1_000))) == ()

    def test_the_same_products_and_buffer_give_the_same_mappings(self) -> None:
        """A mapper has no memory and no dice: dfsrt asks once for layers that are alike."""
        for what, layer, buffer, mappings in self.cases():
            assert tuple(self.make().map(nests_of(layer), buffer)) == mappings, what

    def test_a_buffer_too_small_for_any_tile_is_refused_with_the_least_that_does(self) -> None:
        """One line, an InputError, with the bytes that are enough.

        Raises:
            AssertionError: an error that says anything else.
        """
        for what, layer in odd_layers().items():
            nests = nests_of(layer)
            needed = max(sum(least_rooms(nest, Buffer(0))) for nest in nests)
            try:
                mappings = tuple(self.make().map(nests, Buffer(0)))
            except InputError as error:
                text = str(error)
                says_least = any(str(sum(least_rooms(nest, Buffer(0)))) in text for nest in nests)
                assert "\n" not in text and (says_least or str(needed) in text), (what, text)
            else:
                assert all(mapping.fetches is not None for mapping in mappings), what

    def test_nothing_moves_less_than_the_bound(self) -> None:
        """Inputs, weights and results once, and more where the buffer is small."""
        for what, layer, buffer, mappings in self.cases():
            pairs = zip(nests_of(layer), mappings, strict=True)
            moved = sum(crossing(nest, mapping, buffer.lines).total for nest, mapping in pairs)
            assert moved >= layer_bound_bytes(layer, buffer), what


def _pairs() -> Iterator[tuple[tuple[str, Layer], tuple[str, Buffer]]]:
    for layer in odd_layers().items():
        for buffer in odd_buffers().items():
            yield layer, buffer
