"""Sizes of a buffer as they are typed, and what takes the place of a device's own."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import InputError
from dfsrt.cost.buffer_size import BufferSize, parse_buffer, parse_buffers
from dfsrt.cost.choice import with_memory
from dfsrt.device import load_device

KIB = 1024


@pytest.mark.parametrize(
    ("text", "total", "split"),
    [
        ("108KiB", 108 * KIB, None),
        ("1.5 MiB", 1536 * KIB, None),
        ("64KB", 64_000, None),
        (150, 150, None),
        ("64KiB+ 1KiB +2MiB", 2113 * KIB, (64 * KIB, KIB, 2048 * KIB)),
        ((1, 2, 3), 6, (1, 2, 3)),
    ],
)
def test_a_buffer_is_one_size_or_a_part_for_each_operand(text, total, split):
    assert parse_buffer(text) == BufferSize(total, split)


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("64KiB..256KiB", [64 * KIB, 128 * KIB, 256 * KIB]),
        ("100..300", [100, 200, 300]),
        ("64KiB,1MiB, 64KiB", [64 * KIB, KIB * KIB]),
        ("1..4,6", [1, 2, 4, 6]),
    ],
)
def test_a_range_doubles_up_to_its_end_and_a_list_has_each_size_once(text, sizes):
    assert [size.total_bytes for size in parse_buffers(text)] == sizes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0", "not positive"),
        ("1KiB+0+1KiB", "not positive"),
        ("-4KiB", "not positive"),
        ("64KiB+64KiB", "2 parts"),
        ("1+2+3+4", "4 parts"),
        ("large", "not a quantity"),
        ("8 KiHz", "not a quantity"),
        ("2MiB..64KiB", "smaller size first"),
        ("1..1e300", "at most 64"),
        ("64KiB,", "not a quantity"),
    ],
)
def test_what_is_no_buffer_says_what_is(text, says):
    with pytest.raises(InputError, match=says):
        parse_buffers(text)


@pytest.mark.parametrize("size", [1.5, {}, object()])
def test_what_is_of_no_kind_that_a_buffer_has_is_one_line_too(size):
    with pytest.raises(InputError, match=r"is not a quantity of bytes|0 parts"):
        parse_buffer(size)


def test_a_number_is_no_dram():
    with pytest.raises(InputError, match="3 is no DRAM"):
        with_memory(load_device("rk3588-npu"), dram=3)


def test_a_choice_takes_the_place_of_the_devices_own_and_nothing_else():
    npu = load_device("rk3588-npu")
    assert with_memory(npu) is npu
    memory = with_memory(npu, "half-buffer", "layerwise", "1KiB+2KiB+3KiB").memory
    assert (memory.mapper, memory.schedule) == ("half-buffer", "layerwise")
    assert (memory.buffer_bytes, memory.split_bytes) == (6 * KIB, (KIB, 2 * KIB, 3 * KIB))
    assert memory.channel_pad == npu.memory.channel_pad
    assert with_memory(with_memory(npu, buffer="1+2+3"), buffer=9).memory.split_bytes is None
    assert with_memory(npu, dram="ddr3-1600").dram.name == "ddr3-1600"


@pytest.mark.parametrize(
    ("field", "says"),
    [("mapper", "half-buffer"), ("schedule", "layerwise"), ("dram", "ddr3-1600")],
)
def test_an_unknown_name_says_those_that_are_known(field, says):
    with pytest.raises(InputError, match=says):
        with_memory(load_device("rk3588-npu"), **{field: "hlaf-bufer"})
