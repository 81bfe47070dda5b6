"""Our own mappers pass the conformance tests that we publish, and each test sees its fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.cost.layer_traffic import layer_traffic
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.mapper.exhaustive import Exhaustive
from dfsrt.cost.traffic import Buffer, Fetches, Mapping, Tile
from dfsrt.testing import MapperConformance
from dfsrt.testing.products import make_product


def conformance(name):
    return type(f"Test_{name}", (MapperConformance,), {"make": lambda self: make_mapper(name)})


TestExhaustive = conformance("exhaustive")
TestHalfBuffer = conformance("half-buffer")
TestWeight = conformance("weight")
TestInput = conformance("input")
TestOutput = conformance("output")
TestSmartShuttle = conformance("smartshuttle")
TestRomaNet = conformance("romanet")
TestEngine = conformance("engine")


class OneTooMany(Exhaustive):
    def map(self, nests, buffer):
        return (*super().map(nests, buffer), Mapping(Tile(1, 1, 1, 1), "ckpq"))


class MissesALoop(Exhaustive):
    def map_nest(self, nest, buffer):
        return replace(super().map_nest(nest, buffer), order="ckp")


class TooWide(Exhaustive):
    def map_nest(self, nest, buffer):
        return Mapping(nest.whole, "ckpq")


class LargerThanTheLayer(Exhaustive):
    def map_nest(self, nest, buffer):
        return Mapping(Tile(1, 1, 1, nest.cols.size_out + 1), "ckpq")


class WithDice(Exhaustive):
    def map_nest(self, nest, buffer):
        mapping = super().map_nest(nest, buffer)
        return replace(mapping, order="".join(np.random.default_rng().permutation(list("ckpq"))))


class SaysNothing(Exhaustive):
    def map_nest(self, nest, buffer):
        try:
            return super().map_nest(nest, buffer)
        except InputError:
            raise InputError("no") from None


class Forgetful(Exhaustive):
    def map_nest(self, nest, buffer):
        return Mapping(nest.whole, "ckpq", Fetches(1, 1, 1))


FAULTS = {
    OneTooMany: "test_every_product_has_a_mapping_that_can_run",
    MissesALoop: "test_every_product_has_a_mapping_that_can_run",
    TooWide: "test_every_product_has_a_mapping_that_can_run",
    LargerThanTheLayer: "test_every_product_has_a_mapping_that_can_run",
    WithDice: "test_the_same_products_and_buffer_give_the_same_mappings",
    SaysNothing: "test_a_buffer_too_small_for_any_tile_is_refused_with_the_least_that_does",
    Forgetful: "test_nothing_moves_less_than_the_bound",
}


@pytest.mark.parametrize("mapper", FAULTS)
def test_each_fault_is_seen(mapper):
    suite = type("Suite", (MapperConformance,), {"make": lambda self: mapper()})()
    with pytest.raises(AssertionError):
        getattr(suite, FAULTS[mapper])()


@pytest.mark.parametrize(
    ("mapper", "message"),
    [
        (OneTooMany, "returned 2 for 1 products; try it with dfsrt.testing.MapperConformance"),
        (MissesALoop, "returned the order 'ckp' for one of the loops c, k, p and q, each once"),
        (TooWide, r"returned the tile \(64, 48, 40, 1\), which does not fit in the buffer"),
        (LargerThanTheLayer, r"returned the tile \(1, 1, 1, 2\) of a product of \(64, 48, 40, 1\)"),
    ],
)
def test_a_run_refuses_what_cannot_run_in_one_line(mapper, message):
    with pytest.raises(InputError, match=message) as error:
        layer_traffic(make_product(), mapper(), Buffer(1_000))
    assert "\n" not in str(error.value)


def test_a_suite_that_names_no_mapper_says_so():
    with pytest.raises(NotImplementedError, match="set 'mapper' to a name"):
        MapperConformance().make()
