# ruff: noqa: E501 - lines are as long as the kernel prints them
"""ftrace text, as the kernel and trace-cmd print it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.recording import (
    Recording,
    format_of,
    ftrace,
    ftrace_events,
    rail_powers,
    read_recording,
)

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


def slices(found: Recording):
    t, s = found.texts, found.slices
    columns = (s.track, s.name, s.start_ns, s.duration_ns)
    return [(t[a], t[n], b, d) for a, n, b, d in zip(*(c.tolist() for c in columns), strict=True)]


def test_clocks_of_the_common_clock_framework_are_asked_and_then_set(tmp_path):
    text = """\
  npu-1 [000] .... 5.000001: clk_set_rate: clk_npu 600000000
  npu-1 [000] .... 5.000201: clk_set_rate_complete: clk_npu 600000000
  npu-1 [000] .... 5.000301: clk_disable_complete: clk_npu
  npu-1 [000] .... 5.000401: clk_enable_complete: clk_npu
  npu-1 [000] .... 5.000501: clock_disable: clk_gpu state=0 cpu_id=3
  npu-1 [000] .... 5.000601: cpu_idle: state=4294967295 cpu_id=3
  npu-1 [000] .... 5.000601: cpu_frequency_limits: min=300000 max=900000 cpu_id=3
"""
    assert rows(read(tmp_path, text)) == [
        ("clk_npu frequency asked", "Hz", 0, 6e8), ("clk_npu frequency", "Hz", 200_000, 6e8),
        ("clk_npu enabled", "", 300_000, 0.0), ("clk_npu enabled", "", 400_000, 1.0),
        ("clk_gpu enabled", "", 500_000, 0.0), ("cpu3 idle state", "", 600_000, -1.0),
        ("cpu3 lowest frequency", "Hz", 600_000, 3e8), ("cpu3 frequency limit", "Hz", 600_000, 9e8),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        "cpu_frequency_devlib: state=600000 cpu_id=0",
        "print:                tracing_mark_write: cpu_frequency_devlib:        state=600000 cpu_id=0",
        "tracing_mark_write: 0xffffff800819fac8s: cpu_frequency_devlib: state=600000 cpu_id=0",
        "tracing_mark_write: cpu_frequency_devlib: \tstate=600000 cpu_id=0",
    ],
)
def test_the_clock_that_devlib_writes_first_is_a_clock(tmp_path, form):
    text = f"  sh-1 [000] .... 5.0: {form}\n  k-2 [000] 5.1: cpu_frequency: state=900000 cpu_id=0\n"
    assert rows(read(tmp_path, text)) == [
        ("cpu0 frequency", "Hz", 0, 6e8), ("cpu0 frequency", "Hz", 10**8, 9e8)
    ]  # fmt: skip


def test_thermal_control_is_counters_that_nothing_draws(tmp_path):
    text = """\
 irq/4-x.-1 [000] .... 48.000000: thermal_power_allocator_pid: thermal_zone_id=6 err=-10000 err_integral=50 p=-2402 i=7 d=0 output=1776
 irq/4-x.-1 [000] .... 48.000001: thermal_power_allocator: thermal_zone_id=6 req_power={{0x96, 0x1}} total_req_power=150 granted_power={{0x6f0}} total_granted_power=1776 power_range=1800 max_allocatable_power=1900 current_temperature=60000 delta_temperature=10000
 irq/4-x.-1 [000] .... 48.000002: thermal_zone_trip: thermal_zone=npu-thermal id=3 trip=1 trip_type=PASSIVE
 irq/4-x.-1 [000] .... 48.000003: cdev_update: type=thermal-devfreq-0 target=3
 irq/4-x.-1 [000] .... 48.000004: thermal_power_actor: thermal_zone_id=6 actor_id=1 req_power=100 granted_power=90
"""
    found = read(tmp_path, text)
    assert {(track, unit): value for track, unit, _, value in rows(found)} == pytest.approx({
        ("zone 6 error", "degC"): -10.0, ("zone 6 error integral", "degC"): 0.05,
        ("zone 6 proportional power", "W"): -2.402, ("zone 6 integral power", "W"): 0.007,
        ("zone 6 derivative power", "W"): 0.0, ("zone 6 power allowed", "W"): 1.776,
        ("zone 6 power asked", "W"): 0.15, ("zone 6 power granted", "W"): 1.776,
        ("zone 6 power range", "W"): 1.8, ("zone 6 power of all", "W"): 1.9,
        ("zone 6 temperature", "degC"): 60.0, ("zone 6 room", "degC"): 10.0,
        ("npu-thermal trip", ""): 1.0, ("thermal-devfreq-0 cooling state", ""): 3.0,
        ("zone 6 actor 1 power asked", "W"): 0.1, ("zone 6 actor 1 power granted", "W"): 0.09,
    })  # fmt: skip
    assert rail_powers(found) == []


def test_marks_of_programs_are_slices_counters_and_asynchronous_slices(tmp_path):
    marks = [
        ("app-100", "B|100|infer"), ("app-100", "B|100|conv|1"), ("bpp-200", "B|200|infer"),
        ("app-100", "E|100"), ("app-100", "E"), ("bpp-200", "E"), ("app-100", "C|100|watts|12"),
        ("bpp-200", "C|200|watts|-3.5"), ("app-100", "C|100|fps|60"), ("app-100", "S|100|req|7"),
        ("app-100", "S|100|req|8"), ("app-100", "F|100|req|7"), ("app-100", "F|100|req|8"),
        ("app-100", "G|100|lane|job|1"), ("app-100", "H|100|lane|1"), ("app-100", "I|100|now"),
        ("app-100", "E|100"), ("app-100", "B|100|open"), ("app-100", "nothing"),
    ]  # fmt: skip
    lines = [f"  {task} [000] .... 5.{n:06d}: tracing_mark_write: {mark}\n"
             for n, (task, mark) in enumerate(marks)]  # fmt: skip
    found = read(tmp_path, "".join(reversed(lines)))
    assert slices(found) == [
        ("app-100", "infer", 0, 4_000), ("app-100", "conv|1", 1_000, 2_000),
        ("bpp-200", "infer", 2_000, 3_000), ("req", "req", 9_000, 2_000),
        ("req #2", "req", 10_000, 2_000), ("lane", "job", 13_000, 1_000),
    ]  # fmt: skip
    assert rows(found) == [
        ("app-100/watts", "", 6_000, 12.0), ("bpp-200/watts", "", 7_000, -3.5),
        ("fps", "", 8_000, 60.0),
    ]  # fmt: skip
    about = found.about
    assert (about["slices without an end"], about["ends without a slice"]) == ("1", "1")
    assert about["other events"] == "2"


def test_running_tasks_are_slices_from_switch_to_switch(tmp_path):
    text = """\
  <idle>-0 [001] d..2. 1.0: sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=b c next_pid=77 next_prio=120
  <idle>-0 [002] d..2. 1.5: sched_switch: swapper/2:0 [120] R ==> d:78 [120]
     b c-77 [001] d..2. 2.0: sched_switch: prev_comm=b c prev_pid=77 prev_prio=120 prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120
CPU:1 [LOST 25 EVENTS]
  <idle>-0 [001] d..2. 3.0: cpu_frequency: state=9 cpu_id=1
"""
    found = read(tmp_path, text)
    assert slices(found) == [("cpu1", "b c-77", 0, 10**9), ("cpu2", "d-78", 5 * 10**8, 15 * 10**8)]
    assert found.about["events lost in recording"] == "25"


def test_perf_script_is_read_tracepoints_and_samples(tmp_path):
    text = """\
# captured on    : today
sleep 12345 [001] 345.678901:          1 cycles:u:  ffffffff8104f45a write_msr ([kernel.kallsyms])
            7f00 foo (bar)

swapper     0 [000]   345.678902: power:cpu_frequency: state=1200000 cpu_id=0
kworker/0:1-ev  123/456 [002] 345.678903001:     250000 cpu-clock:pppH:
two words  77 345.678904:     4242 instructions:
kworker/0:1-ev  123/456 [002] 345.678905: sched:sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=77 next_prio=120
kworker/0:1-ev  123/456 [002] 345.678907: devfreq:devfreq_monitor: dev_name=npu freq=5 polling_ms=50 load=7
"""
    found = read(tmp_path, text)
    assert rows(found) == [
        ("cpu1 cycles", "", 0, 1.0), ("cpu0 frequency", "Hz", 1_000, 1.2e9),
        ("cpu2 cpu-clock", "", 2_001, 250_000.0), ("instructions", "", 3_000, 4_242.0),
        ("npu frequency", "Hz", 6_000, 5.0), ("npu load", "%", 6_000, 7.0),
    ]  # fmt: skip
    assert slices(found) == [("cpu2", "b-77", 4_000, 2_000)]
    assert format_of(tmp_path / "trace.txt") == "ftrace"
