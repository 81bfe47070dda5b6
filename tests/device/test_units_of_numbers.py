"""Every number of a device file has a unit, or a reason to have none; people can read it."""

from __future__ import annotations

import types
import typing

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.device import schema
from dfsrt.device.engine import _own
from dfsrt.device.unit import PLAIN, WITHOUT_UNIT, quantity_text, range_in, span_text, unit_of

NUMBERS = (int, float)


def inside(kind):
    """Yield all kinds that a field's kind is made of."""
    yield kind
    for part in typing.get_args(kind):
        yield from inside(part)


def numbers_of(struct):
    """Yield the names of all fields below ``struct`` that hold numbers."""
    hints = typing.get_type_hints(struct)
    for name, kind in hints.items():
        if name in ("source", "range"):
            continue
        kinds = [k for k in inside(kind) if not isinstance(k, types.UnionType)]
        parts = [k for k in kinds if isinstance(k, type) and issubclass(k, msgspec.Struct)]
        for part in parts:
            yield from numbers_of(part)
        if not parts and any(k in NUMBERS for k in kinds):
            yield name


def test_every_number_of_the_schema_and_of_our_engines_has_a_unit_or_a_reason():
    names = [*numbers_of(schema.DeviceFile)]
    for engine in _own().values():
        names += numbers_of(engine)
    assert {"freq_hz", "rail_uv", "bins", "mac_pj", "power_w", "mac_efficiency"} <= set(names)
    unknown = [name for name in names if unit_of(name) is None]
    assert unknown == [], "give its name an end that UNITS knows, or a reason in WITHOUT_UNIT"
    assert all(WITHOUT_UNIT.values())


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("freq_hz", 1_000_000_000, "1 GHz"),
        ("freq_hz", 787_500_000, "787.5 MHz"),
        ("rail_uv", 687_500, "687.5 mV"),
        ("command_ns", 68_000, "68 µs"),
        ("settle_ns", 0, "0 s"),
        ("launch_ns", 10, "10 ns"),
        ("bandwidth_bytes_per_s", 18.2e9, "18.2 GB/s"),
        ("buffer_bytes", 1_179_648, "1.125 MiB"),
        ("buffer_bytes", 393_216, "384 KiB"),
        ("buffer_bytes", 1_000, "1 kB"),
        ("resident_bytes", 0, "0 B"),
        ("mac_pj", 0.1, "0.1 pJ"),
        ("sram_pj_per_byte", 1.06, "1.06 pJ/B"),
        ("dram_pj_per_bit", 8.0, "8 pJ/bit"),
        ("clock_nf", 0.6, "0.6 nF"),
        ("uncore_w", 0.25, "250 mW"),
        ("slew_uv_per_us", 2300.0, "2.3 mV/µs"),
        ("ref_temp_c", 50.0, "50 °C"),
        ("launch_cycles", 2000, "2,000 cycles"),
        ("bytes_per_cycle", 64, "64 B/cycle"),
        ("cycles_per_step", 2, "2 cycles/step"),
        ("activation_per_cycle", 1.6, "1.6 /cycle"),
        ("rows", 32, "32"),
        ("mac_efficiency", 0.81, "0.81"),
        ("bins", 675_000, "675 mV"),
        ("fixed_w", 0.04, "40 mW"),
        ("clock_stall_share", 0.3, "0.3"),
    ],
)
def test_numbers_are_read_as_people_say_them(name, value, text):
    assert quantity_text(value, unit_of(name)) == text


PREFIX = {"T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "": 1, "m": 1e-3, "µ": 1e-6, "n": 1e-9}


@given(st.integers(0, 10**15))
def test_no_more_than_six_digits_are_lost(nanoseconds):
    number, _, unit = quantity_text(nanoseconds, unit_of("command_ns")).partition(" ")
    seconds = float(number.replace(",", "")) * PREFIX[unit.removesuffix("s")]
    assert seconds == pytest.approx(nanoseconds * 1e-9, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "text", "ends"),
    [
        ("command_ns", "assumed: 1 MHz I2C, range 30 to 70 us", (30_000, 70_000)),
        ("command_ns", "assumed: x, range 10 ns to 1 us; none is stated", (10, 1_000)),
        ("command_ns", "assumed: x, range 0 to 100 ns", (0, 100)),
        ("buffer_bytes", "assumed: range 256 KiB to 1 MiB; not published", (262_144, 1_048_576)),
        ("buffer_bytes", "range 256 to 512 KiB a core", (262_144, 524_288)),
        ("bandwidth_bytes_per_s", "assumed, range 10e9 to 30e9", (10e9, 30e9)),
        ("bandwidth_bytes_per_s", "assumed, range 10 to 30 GB/s", (10e9, 30e9)),
        ("ref_uv", "assumed: range 0.7 to 1.0 V", (700_000, 1_000_000)),
        ("power_w", "range 0.05 to 0.3, with the same exponent 4", (0.05, 0.3)),
        ("power_w", "range 1 to 6 W (ReGate, MICRO 2025)", (1, 6)),
        ("exponent", "range 1 to 6 W (ReGate, MICRO 2025)", None),
        ("dram_pj_per_bit", "range 4 to 20", (4, 20)),
        ("efficiency", "range 0.85 to 0.92", (0.85, 0.92)),
        ("efficiency", "assumed: typical", None),
        ("efficiency", "range 0.92 to 0.85", None),
        ("command_ns", "the temperature ranges 10 to 20", None),
        ("command_ns", "range 1 to 3 W", None),
    ],
)
def test_a_range_is_read_from_a_sources_text(name, text, ends):
    found = range_in(text, unit_of(name))
    assert found == (None if ends is None else pytest.approx(ends))


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_range_that_is_written_reads_back(low, more):
    unit = unit_of("command_ns")
    found = range_in(f"assumed: a guess, range {low} ns to {low + more} ns", unit)
    assert found == pytest.approx((low, low + more))


def test_a_ranges_unit_is_said_once_where_both_ends_have_it():
    assert span_text(30_000, 70_000, unit_of("command_ns")) == "30 to 70 µs"
    assert span_text(10, 100_000, unit_of("command_ns")) == "10 ns to 100 µs"
    assert span_text(0, 100_000, unit_of("command_ns")) == "0 to 100 µs"
    assert span_text(0.5, 2, PLAIN) == "0.5 to 2"
