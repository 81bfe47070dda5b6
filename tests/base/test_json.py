"""JSON out: what is written is JSON, and what is no number is refused."""

from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.base.json import encode, json_text, quoted

NO_NUMBERS = (math.nan, -math.nan, math.inf, -math.inf)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda each: st.lists(each, max_size=4) | st.dictionaries(TEXTS, each, max_size=4),
    max_leaves=12,
)


class Point(msgspec.Struct):
    """A point with a number."""

    x: float
    rest: tuple[float, ...] = ()


def strict(text):
    """Read JSON as the standard has it."""

    def refuse(word):
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


@given(PLAIN)
def test_another_reader_of_json_reads_the_same_document(value):
    assert strict(encode(value)) == value
    assert json_text(value).encode() == encode(value)


@given(PLAIN, st.sampled_from(NO_NUMBERS))
def test_a_document_with_a_number_that_is_none_is_refused_wherever_it_stands(value, none):
    for document in ([value, none], {"a": {"b": [value, [none]]}}, Point(1.0, (2.0, none))):
        with pytest.raises(InputError):
            encode(document)


def test_the_place_of_what_is_no_number_is_said():
    with pytest.raises(InputError, match=r"^points\[1\]\.x comes to inf, which is no number"):
        encode({"points": [Point(1.0), Point(math.inf)]})


@pytest.mark.parametrize("number", [0xCB7FF0 << 40, 0x7FF0CB, -(0xCBFFF8 << 16)])
def test_whole_numbers_with_the_bytes_of_what_is_none_are_written(number):
    value = {"ids": [number, number + 1], "text": "\u02ff\x7f"}
    assert strict(encode(value)) == value


@pytest.mark.parametrize("text", ["a", 'q"\\', "\n\x00\x1b", "ü€😀", "\ud800"])
def test_a_quoted_text_is_read_as_itself(text):
    assert json.loads(quoted(text)) == text
    assert quoted(text).isascii()


def test_a_name_that_is_no_utf_8_is_written_and_read_as_itself():
    value = {"path": "a\udcff", "ü": [1.5, None]}
    assert json.loads(encode(value)) == value
    with pytest.raises(InputError, match="x comes to nan"):
        encode({"path": "a\udcff", "x": math.nan})


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**400])
def test_whole_numbers_that_readers_would_not_hold_are_refused(number):
    with pytest.raises(InputError, match="whole number of"):
        encode({"n": [number]})
