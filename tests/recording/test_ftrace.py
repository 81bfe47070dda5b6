# ruff: noqa: E501 - lines are as long as the kernel prints them
"""ftrace text, as the kernel and trace-cmd print it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.recording import Recording, format_of, ftrace, ftrace_events, read_recording

TEXT = """\
# tracer: nop
#
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
    kworker/u16:2-345     [002] d..1.  1000.500000: devfreq_frequency: dev_name=fdab0000.npu                   freq=600000000    prev_freq=1000000000   load=42
          <idle>-0       [000] .....  1000.500250: cpu_frequency: state=1800000 cpu_id=4
    kworker/u16:2-345   (    2) [002] .... 1000.501000: regulator_set_voltage: name=vdd_npu_s0 (675000-850000)
    kworker/u16:2-345     [002] d..1.  1000.501400: regulator_set_voltage_complete: name=vdd_npu_s0, val=675000
     thermal-poll-88      [001] .....  1000.502000: thermal_temperature: thermal_zone=npu-thermal id=6 temp_prev=52000 temp=52500
    kworker/1:1-55        [001] .....  1000.502100: thermal_power_devfreq_get_power: type=npu-cooling freq=600000000 load=42 power=731
    kworker/1:1-55        [001] .....  1000.502200: thermal_power_devfreq_limit: type=npu-cooling freq=600000000 cdev_state=3 power=900
        my-app-12 x-9     [003] .....  1000.503000: clock_set_rate: clk_npu_dsu0 state=600000000 cpu_id=3
             sh-7         [003] .....  1000.503500: sched_switch: prev_comm=sh prev_pid=7 ==> next_comm=x
CPU 5 is empty
"""


def rows(found: Recording) -> list[tuple[str, str, int, float]]:
    c = found.counters
    return [
        (found.texts[track], found.texts[unit], time, value)
        for track, unit, time, value in zip(
            c.track.tolist(), c.unit.tolist(), c.time_ns.tolist(), c.value.tolist(), strict=True
        )
    ]


def read(tmp_path, text: str) -> Recording:
    path = tmp_path / "trace.txt"
    path.write_text(text)
    return ftrace.read(path)


def test_a_trace_worked_by_hand_is_in_si_units_from_its_first_event(tmp_path):
    found = read(tmp_path, TEXT)
    assert [(t, u, n, pytest.approx(v)) for t, u, n, v in rows(found)] == [
        ("fdab0000.npu frequency", "Hz", 0, 600e6),
        ("fdab0000.npu load", "%", 0, 42.0),
        ("cpu4 frequency", "Hz", 250_000, 1.8e9),
        ("vdd_npu_s0 voltage asked", "V", 1_000_000, 0.675),
        ("vdd_npu_s0 voltage", "V", 1_400_000, 0.675),
        ("npu-thermal temperature", "degC", 2_000_000, 52.5),
        ("npu-cooling power asked", "W", 2_100_000, 0.731),
        ("npu-cooling load", "%", 2_100_000, 42.0),
        ("npu-cooling power limit", "W", 2_200_000, 0.9),
        ("npu-cooling cooling state", "", 2_200_000, 3.0),
        ("clk_npu_dsu0 frequency", "Hz", 3_000_000, 600e6),
    ]
    assert found.about["samples"] == "11"
    assert found.about["other events"] == "1"
    assert found.about["other lines"] == "1"
    assert len(found.slices) == 0


def test_trace_cmds_report_and_nanosecond_clocks_are_read(tmp_path):
    text = """\
version = 6
cpus=2
          <idle>-0     [002]   380.330000123: devfreq_monitor:      dev_name=npu freq=5 polling_ms=50 load=7
"""
    assert rows(read(tmp_path, text)) == [
        ("npu frequency", "Hz", 0, 5.0),
        ("npu load", "%", 0, 7.0),
    ]
    text = """\
<idle>-0 [002] 380331000000: clock_set_rate: bus_clk state=750 cpu_id=2
<idle>-0 [002] 380331000007: gpu_frequency: gpu_id=0 state=2
"""
    assert rows(read(tmp_path, text)) == [
        ("bus_clk frequency", "Hz", 0, 750.0),
        ("gpu0 frequency", "Hz", 7, 2000.0),
    ]


def test_lines_of_several_processors_are_put_in_order_of_time(tmp_path):
    lines = [
        f"a-1 [00{cpu}] .... 5.{at:06d}: cpu_frequency: state={at} cpu_id={cpu}\n"
        for cpu, at in ((0, 300), (1, 100), (0, 400), (1, 200))
    ]
    found = rows(read(tmp_path, "".join(lines)))
    assert [time for _, _, time, _ in found] == [0, 100_000, 200_000, 300_000]


@given(
    st.lists(
        st.tuples(st.integers(0, 10**9), st.integers(0, 7), st.integers(1, 10**7)),
        min_size=1,
        max_size=40,
    )
)
def test_every_event_is_one_sample_to_the_microsecond(tmp_path_factory, events):
    events = sorted(events)
    lines = [
        f"  k-1-{pid}   [00{cpu}] d.h1. {us // 10**6}.{us % 10**6:06d}: "
        f"cpu_frequency: state={khz} cpu_id={cpu}\n"
        for pid, (us, cpu, khz) in enumerate(events)
    ]
    found = rows(read(tmp_path_factory.mktemp("t"), "".join(lines)))
    zero = events[0][0]
    assert found == [
        (f"cpu{cpu} frequency", "Hz", (us - zero) * 1000, khz * 1e3) for us, cpu, khz in events
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("hello\nworld\n", "no line like"),
        ("\n\n", "no line like"),
        ("a-1 [000] .... 1.000000: sched_switch: x=1\n", "none of: devfreq_frequency"),
        ("a-1 [000] .... 1.000000: cpu_frequency: state=fast cpu_id=0\n", "none of"),
    ],
)
def test_a_file_without_such_events_is_one_clear_error(tmp_path, text, told):
    with pytest.raises(InputError, match=told):
        read(tmp_path, text)


def test_junk_without_line_ends_is_given_up_on_early_and_in_small_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(ftrace, "GIVE_UP_AFTER", 10)
    path = tmp_path / "junk"
    path.write_bytes(b"-1 [" * (4 * 2**20))
    lines: list[int] = []
    pieces = ftrace._lines

    def counted(given):
        for line in pieces(given):
            lines.append(len(line))
            yield line

    monkeypatch.setattr(ftrace, "_lines", counted)
    with pytest.raises(InputError, match="among 11"):
        ftrace.read(path)
    assert len(lines) == 11
    assert max(lines) <= ftrace.MAX_LINE


def test_formats_are_detected_by_how_files_begin(tmp_path):
    for name, content, kind in (
        ("a", TEXT.encode(), "ftrace"),
        ("b", TEXT[TEXT.index("    kworker") :].encode(), "ftrace"),
        ("c", b'{"traceEvents": []}', "chrome"),
        ("d", b'[{"name": "x", "ph": "X", "ts": 1}]', "chrome"),
        ("e", b"\x0a\x7b\x08\x01\x50\x00", "perfetto"),
        ("f", b"t_time,npu_power\n0,1\n", "devlib"),
    ):
        (tmp_path / name).write_bytes(content)
        assert format_of(tmp_path / name) == kind
    (tmp_path / "g").write_bytes(b"just text\n")
    with pytest.raises(InputError, match="begins like none of: onnxruntime"):
        format_of(tmp_path / "g")
    with pytest.raises(InputError, match="did you mean 'ftrace'"):
        read_recording(tmp_path / "a", "ftrac")
    with pytest.raises(InputError, match="is a folder"):
        format_of(tmp_path)


@pytest.mark.parametrize("state", ["--5", "9" * 5000, "9" * 400, "fast", "1e3", "²", "", "=", "-"])
def test_a_field_that_is_no_whole_number_gives_no_sample(tmp_path, state):
    line = "a-1 [000] ..... 1.5: cpu_frequency: state={} cpu_id=0\n"
    path = tmp_path / "trace.txt"
    path.write_text(line.format(state) + line.format(7))
    found = ftrace.read(path)
    assert [value for _, _, _, value in rows(found)] == [7000.0]
    assert found.about["other events"] == "1"


def test_a_time_beyond_all_clocks_is_no_event(tmp_path):
    line = "a-1 [000] ..... {}: cpu_frequency: state=7 cpu_id=0\n"
    path = tmp_path / "trace.txt"
    path.write_text(line.format("9" * 19 + ".5") + line.format("9" * 19) + line.format("1.5"))
    found = ftrace.read(path)
    assert found.counters.time_ns.tolist() == [0]
    assert found.about["other lines"] == "2"


def test_fields_are_the_words_with_an_equals_sign():
    # Word by word: a pattern that tried every start took half a second for a line of 8000 letters.
    assert ftrace_events.fields_of("a" * 8000) == {}
    assert ftrace_events.fields_of("type=npu (min=9 uV, max=12 uV) val=3, name=v=w empty= x") == {
        "type": "npu",
        "min": "9",
        "max": "12",
        "val": "3",
        "name": "v=w",
    }
