"""What mappers and schedules of others return: one line where it makes no sense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.cost.layer_traffic import layer_traffic
from dfsrt.cost.memory import memory_plan
from dfsrt.cost.schedule import LayerPlan, MemoryPlan
from dfsrt.cost.traffic import Buffer, Mapping, Tile
from tests.helpers.memory import conv, work_of


class _Maps:
    def __init__(self, answer):
        self.answer = answer

    def map(self, nests, buffer):
        return self.answer


class _Plans:
    def __init__(self, answer):
        self.answer = answer

    def plan(self, work):
        return self.answer


ONES = Tile(1, 1, 1, 1)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "returned None for a tuple of Mapping"),
        (7, "returned 7 for a tuple of Mapping"),
        (["abc"], "returned 'abc' for a Mapping"),
        ([Mapping(ONES, None)], "the order 'None'"),
        ([Mapping((1, 1), "ckpq")], r"the tile \(1, 1\) for four whole numbers"),
        ([Mapping(None, "ckpq")], "the tile None for four"),
        ([Mapping(Tile("1", 1, 1, 1), "ckpq")], "for four whole numbers"),
        ([Mapping(Tile(1.5, 1, 1, 1), "ckpq")], "for four whole numbers"),
        ([Mapping(Tile(-1, 1, 1, 1), "ckpq")], r"the tile \(-1, 1, 1, 1\) of a product"),
        ([Mapping(ONES, "ckpq", (1, "x", None))], "three whole numbers from 1 on"),
        ([Mapping(ONES, "ckpq", (1.5, 2, 1))], "three whole numbers from 1 on"),
        ([Mapping(ONES, "ckpq", 7)], "fetches of 7"),
    ],
)
def test_a_mappers_nonsense_is_one_line(answer, message):
    with pytest.raises(InputError, match=message) as caught:
        layer_traffic(conv(1, 8, 8, 8, 3, 1, 1), _Maps(answer), Buffer(9999))
    assert "\n" not in str(caught.value)


def test_a_mappers_numbers_of_numpy_and_plain_tuples_are_numbers():
    layer, buffer = conv(1, 8, 8, 8, 3, 1, 1), Buffer(9999)
    odd = [Mapping(tuple(np.ones(4, np.int64)), "ckpq")]
    traffic = layer_traffic(layer, _Maps(odd), buffer)
    assert all(type(n) is int for n in traffic.mappings[0].tile)
    assert traffic == layer_traffic(layer, _Maps([Mapping(ONES, "ckpq")]), buffer)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "the plan is None"),
        (MemoryPlan(3), "for its layers"),
        (MemoryPlan(("x",)), "layer number 0 is 'x'; give a LayerPlan"),
        (MemoryPlan((LayerPlan(),), ["m1"]), "for its places"),
        (MemoryPlan((LayerPlan("5"),)), "kept_bytes of layer number 0 is '5'"),
        (MemoryPlan((LayerPlan(-5),)), "kept_bytes of layer number 0 is -5"),
        (MemoryPlan((LayerPlan(1.5),)), "kept_bytes of layer number 0 is 1.5"),
        (MemoryPlan((LayerPlan(0, (1, 1), 0),)), "fetches of layer number 0"),
        (MemoryPlan((LayerPlan(0, (1, 1, 1), "g"),)), "group of layer number 0 is 'g'"),
        (MemoryPlan((LayerPlan(0, (1, 1, 1), 0, parts=-1),)), "parts of layer number 0 is -1"),
        (MemoryPlan((LayerPlan(on_chip="m1"),)), "on_chip of layer number 0 is 'm1'"),
    ],
)
def test_a_schedules_nonsense_is_one_line(answer, message):
    work = work_of([conv(1, 8, 8, 8, 3, 1, 1)], 9999, ("m0", "m1"), "exhaustive")
    work = replace(work, memory=replace(work.memory, schedule=_Plans(answer)))
    with pytest.raises(InputError, match=message) as caught:
        memory_plan(work)
    assert "\n" not in str(caught.value)
