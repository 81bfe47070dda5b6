"""Each policy keeps what it promises, and none moves less than exhaustive."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from dfsrt.base.errors import InputError
from dfsrt.cost.mapper import make_mapper, mapper_names
from dfsrt.cost.mapper.romanet import by_reuse
from dfsrt.cost.traffic import Buffer, Mapping, Tile, crossing
from dfsrt.cost.traffic.crossing import repeats, steps_of
from dfsrt.cost.traffic.nests import nests_of
from tests.cost.mapper.small_nests import BUFFERS, NESTS, bytes_of
from tests.helpers import loop_walk
from tests.helpers.convolutions import VGG16, convolution

OURS = ("engine", "exhaustive", "input", "output", "romanet", "smartshuttle", "weight")


def mapped(name, nest, buffer):
    (mapping,) = make_mapper(name).map([nest], buffer)
    return mapping


def total(name, nest, buffer):
    return crossing(nest, mapped(name, nest, buffer), buffer.lines).total


def test_all_policies_have_a_name():
    assert {*OURS, "half-buffer"} == set(mapper_names())


@settings(max_examples=12)
@given(NESTS, BUFFERS)
def test_a_stationary_policy_is_the_best_of_all_walks_in_which_its_operand_crosses_once(
    nest, buffer
):
    walks = list(loop_walk.search(nest, buffer))
    assume(walks)
    for at, name in enumerate(("input", "weight", "output")):
        allowed = [
            bytes_of(nest, walked)
            for tile, order, walked in walks
            if repeats(order, steps_of(nest, Tile(*tile)))[at] == 1
        ]
        mapping = mapped(name, nest, buffer)
        assert mapping.fetches is None
        assert loop_walk.fit(nest, mapping.tile, buffer)
        assert total(name, nest, buffer) == min(allowed)


@settings(max_examples=30)
@given(NESTS, BUFFERS)
def test_exhaustive_is_never_above_a_policy(nest, buffer):
    try:
        least = total("exhaustive", nest, buffer)
    except InputError:
        for name in OURS:
            with pytest.raises(InputError, match="give at least"):
                mapped(name, nest, buffer)
        return
    others = {name: total(name, nest, buffer) for name in OURS}
    assert min(others.values()) == least
    assert others["smartshuttle"] == min(others["output"], others["weight"])
    assert others["romanet"] == min(others["output"], others["weight"], others["input"])


def test_romanet_ranks_operands_by_multiplications_an_element():
    (early,), (late,) = nests_of(VGG16[0]), nests_of(VGG16[12])
    # 224 x 224 results a weight, 64 x 9 an input, 3 x 9 a result; then 14 x 14, 512 x 9, 512 x 9.
    assert by_reuse(early) == ("weight", "input", "output")
    assert by_reuse(late)[2] == "weight"


def test_romanet_keeps_the_operand_with_more_reuse_where_bytes_are_equal():
    (nest,) = nests_of(convolution(64, 8, 64, 1))
    buffer = Buffer(2_000)
    assert by_reuse(nest)[2] != "output"
    best = mapped("romanet", nest, buffer)
    equal = [
        name for name in by_reuse(nest) if total(name, nest, buffer) == crossing(nest, best).total
    ]
    assert best == mapped(equal[0], nest, buffer)


def test_half_buffer_says_itself_how_often_operands_cross():
    (nest,) = nests_of(VGG16[8])
    mapping = mapped("half-buffer", nest, Buffer(256 * 1024))
    assert isinstance(mapping, Mapping) and mapping.fetches is not None
    # Weights are 18 pieces of 128 KiB, inputs 3.06, so four: 18 times the 401,408 bytes of inputs
    # and once the 2,359,296 of weights are less than once and four times.
    assert tuple(mapping.fetches) == (18, 1, 1)
