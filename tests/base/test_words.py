"""Arguments of machine code: their words and their layout."""

from __future__ import annotations

import ctypes
import struct
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.record import as_record, as_records
from dfsrt.base.words import layout_of, words_of


@dataclass
class State:
    count: int = 7
    share: float = 0.5
    on: bool = True


Pair = namedtuple("Pair", ["left", "right"])


def test_words_of_a_small_case_by_hand():
    table = np.arange(6, dtype=np.int64).reshape(2, 3)
    words = words_of((3, table, 1.0, True))
    assert words == [3, 0, 0, 6, 8, table.ctypes.data, 2, 3, 24, 8, 0x3FF0000000000000, 1]
    assert layout_of((3, table, 1.0, True)) == "(0=int; 1=dense2 <i8; 2=float; 3=bool)"


def test_a_record_is_where_it_lies():
    record = as_record(State())
    (place,) = words_of(record)
    assert ctypes.c_int64.from_address(place).value == 7
    ctypes.c_double.from_address(place + 8).value = 0.25
    assert record.share == 0.25
    assert layout_of(record) == "record 24[count:<i8@0,share:<f8@8,on:|b1@16]"


WHOLE = st.integers(-(2**63), 2**63 - 1)
NESTED = st.recursive(
    WHOLE | st.floats(allow_nan=False) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
)


def flat(value):
    return [one for item in value for one in flat(item)] if isinstance(value, tuple) else [value]


@given(NESTED)
def test_words_are_the_numbers_in_order_and_keep_every_bit(value):
    packed = [struct.pack("d" if isinstance(n, float) else "q", n) for n in flat(value)]
    assert b"".join(struct.pack("q", word) for word in words_of(value)) == b"".join(packed)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.sampled_from(["i8", "f8"]))
def test_an_array_has_five_words_and_two_for_each_axis(shape, kind):
    array = np.zeros(shape, dtype=kind)
    words = words_of(array)
    assert len(words) == 5 + 2 * len(shape)
    assert words[5:] == [*array.shape, *array.strides]


def test_numbers_of_numpy_are_as_those_of_python():
    assert words_of((np.int64(-3), np.float64(2.5))) == words_of((-3, 2.5))
    assert layout_of((np.int64(-3), np.float64(2.5))) == layout_of((-3, 2.5))


def frozen(array):
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), np.zeros(3, dtype=np.int64)),
        (np.zeros((3, 3)), np.zeros((3, 6))[:, ::2]),
        (np.zeros(3), frozen(np.zeros(3))),
        (as_record(State()), as_records([State()], State)),
        (Pair(1, 2), (1, 2)),
        (Pair(1, 2), namedtuple("Pair", ["right", "left"])(1, 2)),
        ((1, (2, 3)), ((1, 2), 3)),
    ],
)
def test_what_machine_code_tells_apart_has_another_layout(one, other):
    assert layout_of(one) != layout_of(other)


def test_the_layout_does_not_depend_on_contents_or_sizes():
    assert layout_of((np.zeros(3), 5)) == layout_of((np.ones(30), -1))


@pytest.mark.parametrize("value", ["text", None, [1, 2]])
def test_what_machine_code_cannot_take_is_refused(value):
    with pytest.raises(TypeError, match="no argument of machine code"):
        layout_of((1, value))
