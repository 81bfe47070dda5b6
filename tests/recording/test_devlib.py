"""Measurements of devlib and Workload Automation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.recording import Recording, devlib
from tests.recording.test_ftrace import rows


def read(tmp_path, text: str) -> Recording:
    path = tmp_path / "m.csv"
    path.write_text(text)
    return devlib.read(path)


def test_measurements_worked_by_hand_have_si_units_and_count_from_the_first_row(tmp_path):
    found = read(
        tmp_path,
        "timestamp_time,npu_power,npu_voltage,soc_temperature,phase\n"
        "12.5,0.75,0.8,41.5,1\n"
        "12.501,1.25,,42,2\n",
    )
    assert rows(found) == [
        ("npu_power", "W", 0, 0.75),
        ("npu_voltage", "V", 0, 0.8),
        ("soc_temperature", "degC", 0, 41.5),
        ("phase", "", 0, 1.0),
        ("npu_power", "W", 1_000_000, 1.25),
        ("soc_temperature", "degC", 1_000_000, 42.0),
        ("phase", "", 1_000_000, 2.0),
    ]


@pytest.mark.parametrize(
    ("column", "step_ns"),
    [("time", 10**9), ("t_time_ms", 10**6), ("x_time_us", 1000), ("time_ns", 1)],
)
def test_every_kind_of_time_column_has_its_scale(tmp_path, column, step_ns):
    found = read(tmp_path, f"a_current,{column}\r\n1,5\r\n2,8\r\n")
    assert found.counters.time_ns.tolist() == [0, 3 * step_ns]


@given(
    st.integers(16 * 10**17, 4 * 10**18), st.lists(st.integers(1, 10**9), min_size=1, max_size=5)
)
def test_times_since_1970_are_exact_to_the_nanosecond(tmp_path_factory, start_ns, steps_ns):
    times = [start_ns + sum(steps_ns[:i]) for i in range(len(steps_ns) + 1)]
    whole = "t_time_ns,x_power\n" + "".join(f"{t},1\n" for t in times)
    split = "t_time,x_power\n" + "".join(f"{t // 10**9}.{t % 10**9:09d},1\n" for t in times)
    for text in (whole, split):
        found = read(tmp_path_factory.mktemp("m"), text)
        assert found.counters.time_ns.tolist() == [t - start_ns for t in times]


@pytest.mark.parametrize("time", ["nan", "inf", "1e300", "-1e30", "soon", "", "1e999999999"])
def test_a_time_that_is_none_is_one_clear_error(tmp_path, time):
    with pytest.raises(InputError, match=r"line 2: .* is no time"):
        read(tmp_path, f"t_time,x_power\n{time},1\n")


def test_kinds_have_their_units():
    header = "a_power,a_voltage,a_current,a_energy,a_temperature,a_percent,net_tx/rx,plain"
    units = [column.unit for column in devlib.columns_of(header)]
    assert units == ["W", "V", "A", "J", "degC", "%", "B", ""]


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.floats(-1e6, 1e6, allow_nan=False)),
        min_size=1,
        max_size=40,
    )
)
def test_every_value_comes_through_unchanged(tmp_path_factory, samples):
    samples = sorted(samples, key=lambda pair: pair[0])
    text = "t_time_ns,x_power\n" + "".join(f"{t},{v!r}\n" for t, v in samples)
    found = read(tmp_path_factory.mktemp("m"), text)
    assert found.counters.value.tolist() == [v for _, v in samples]
    assert found.counters.time_ns.tolist() == [t - samples[0][0] for t, _ in samples]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("a_power,b_power\n1,2\n", "0 time columns"),
        ("a_time,b_time,c_power\n1,2,3\n", "2 time columns"),
        ("t_time,a_power\n", "no measurement under it"),
        ("t_time,a_power\n1,2,3\n", "line 2: 3 values under 2 columns"),
        ("t_time,a_power\n1,2\n2\n3\n", "line 3: 1 values"),
        ("t_time,a_power\n1,high\n", "'high' in column 'a_power'"),
        ("t_time,a_power\n1,nan\n", "no finite number"),
        ("t_time,a_power\n1,inf\n", "no finite number"),
        ("t_time,a_power\n,1\n", "'' in column 't_time'"),
        ("t_time,a_power\n1," + "9" * 70_000 + "\n", "line 2: '9999.* is no finite number"),
        ("t_time,a_power" + "9" * 70_000, "line 1: more than 65,536 characters"),
    ],
)
def test_broken_files_are_one_clear_error_with_the_line(tmp_path, text, told):
    with pytest.raises(InputError, match=told) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_what_is_broken_in_a_row_is_left_out_counted_and_sorted(tmp_path):
    text = "t_time,a_power,b_power\n2,1,5\n1,nan,6\nsoon,1,1\n3,1\n4,,7\n"
    found = read(tmp_path, text)
    t, c = found.texts, found.counters
    rows = zip((t[k] for k in c.track.tolist()), c.time_ns.tolist(), c.value.tolist(), strict=True)
    assert list(rows) == [
        ("b_power", 0, 6.0), ("a_power", 10**9, 1.0), ("b_power", 10**9, 5.0),
        ("b_power", 3 * 10**9, 7.0),
    ]  # fmt: skip
    assert found.about["lines left out"].startswith("3 (line 3: 'nan' in column 'a_power'")
    assert found.about["rows out of order"] == "1"
