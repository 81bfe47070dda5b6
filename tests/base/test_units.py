"""Quantities as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.base.units import (
    format_short,
    format_si,
    parse_freq_hz,
    parse_memory_bytes,
    parse_power_w,
    parse_quantity,
    parse_time_ns,
    parse_voltage_uv,
    parse_whole,
)


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_power_w, "1.8 W", 1.8),
        (parse_power_w, "900mW", 0.9),
        (parse_power_w, "2", 2.0),
        (parse_power_w, 2.5, 2.5),
        (parse_power_w, "1e-1 w", 0.1),
        (parse_freq_hz, "800 MHz", 800_000_000),
        (parse_freq_hz, "1.2GHz", 1_200_000_000),
        (parse_freq_hz, "32768", 32_768),
        (parse_voltage_uv, "850 mV", 850_000),
        (parse_voltage_uv, "850000uV", 850_000),
        (parse_voltage_uv, "850000 µV", 850_000),
        (parse_voltage_uv, "0.85", 850_000),
        (parse_time_ns, "20 ms", 20_000_000),
        (parse_time_ns, "1us", 1_000),
        (parse_time_ns, "0s", 0),
        (parse_time_ns, 0.5, 500_000_000),
        (parse_time_ns, "1.5 min", 90_000_000_000),
        (parse_time_ns, "24h", 86_400_000_000_000),
        (parse_time_ns, "2 d", 172_800_000_000_000),
        (parse_time_ns, "4213978051238001 ns", 4_213_978_051_238_001),
    ],
)
def test_a_quantity_with_its_unit_is_read(parse, text, value):
    assert parse(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_power_w, "-1 W"),
        (parse_power_w, "0"),
        (parse_power_w, "1 V"),
        (parse_power_w, "one watt"),
        (parse_power_w, "nan"),
        (parse_power_w, "inf W"),
        (parse_power_w, "1e999"),
        (parse_power_w, ""),
        (parse_power_w, "1 W 2"),
        (parse_freq_hz, "800 mW"),
        (parse_freq_hz, "0 MHz"),
        (parse_time_ns, "-3 ms"),
        (parse_time_ns, "1e10 s"),
        (parse_voltage_uv, "850 mA"),
        (parse_voltage_uv, "1e300 V"),
        (parse_freq_hz, "1e308 Hz"),
        (parse_memory_bytes, "1e308 B"),
        (parse_memory_bytes, "9.3e18"),
    ],
)
def test_anything_else_is_refused_with_what_was_given(parse, text):
    with pytest.raises(InputError) as error:
        parse(text)
    assert repr(text)[1:-1] in str(error.value)
    assert "\n" not in str(error.value)


@given(st.floats(1e-11, 1e12))
def test_what_is_shown_reads_back_as_the_same_number(value):
    assert parse_quantity(format_si(value, "W"), "W", "x") == pytest.approx(value, rel=0.006)


def test_si_prefixes_change_where_people_expect():
    shown = [format_si(v, "W") for v in (0, 0.00123, 0.9996, 1.5, 12.34, 999.7, 1234.0)]
    assert shown == ["0 W", "1.23 mW", "1.00 W", "1.50 W", "12.3 W", "1.00 kW", "1.23 kW"]


@pytest.mark.parametrize("text", ["1e999 s", "1e999999999 s", "1e99999999999999999999 h", "1 mh"])
def test_a_time_beyond_all_bounds_is_an_input_error(text):
    with pytest.raises(InputError, match="time"):
        parse_time_ns(text)


def test_a_number_without_a_unit_is_asked_for_without_one():
    with pytest.raises(InputError, match="up 'nan' is no number; write it like '1'"):
        parse_quantity("nan", "", "up")


def test_short_numbers_have_no_exponent_where_people_write_none():
    shown = [format_short(v) for v in (0, 0.001581, 84.47, 8545.1, 9999.7, 10097.3, 130005.2)]
    assert shown == ["0", "0.001581", "84.47", "8545", "10000", "10097", "130005"]
    assert format_short(8545.1, 3) == "8545"


@pytest.mark.parametrize("text", ["9" * 70_000, " " * 70_000, "1" + " " * 70_000 + "!", "1." * 500])
def test_a_text_of_any_length_is_refused_at_once_and_cut(text):
    for parse in (parse_power_w, parse_time_ns, parse_voltage_uv):
        with pytest.raises(InputError) as caught:
            parse(text)
        assert len(str(caught.value)) < 250


def test_a_voltage_beyond_all_numbers_is_none():
    with pytest.raises(InputError, match="is out of range"):
        parse_voltage_uv("1e308 V")


@pytest.mark.parametrize("text", ["", "-1", "1.0", "²", "٣", "1e3", " 1", "9" * 19, "9" * 5000])
def test_what_is_no_plain_whole_number_is_none(text):
    assert parse_whole(text) is None
    assert parse_whole("0" * 3 + "17") == 17
