"""Power logs: tegrastats, INA and hwmon CSV, and the mean power of rails in any recording."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.recording import format_of, perfetto, rail_powers, read_recording
from dfsrt.recording.collect import Collector
from dfsrt.recording.power_columns import power_column

MEMORY = "RAM 2448/30536MB (lfb 6729x4MB) SWAP 0/15268MB (cached 0MB) CPU [1%@729,off]"
HEAT = "EMC_FREQ 0%@2133 GR3D_FREQ 45%@[305,305] cpu@50.5C tj@51C"
ORIN = f"{MEMORY} {HEAT} VDD_GPU_SOC {{}}mW/1500mW VDD_CPU_CV {{}}mW/400mW"
NANO = f"{MEMORY} {HEAT} PMIC@100C POM_5V_IN {{}}/1388 POM_5V_GPU {{}}/122"
XAVIER = f"{MEMORY} {HEAT} GPU {{}}/0 CPU {{}}/621 SYS5V 1472/1472"
THOR = f"{MEMORY} cpu@50C/52C VDD_GPU {{}}mW/1mW/9mW VIN {{}}mW/2mW/9mW"
VERSIONS = {
    ORIN: ("VDD_GPU_SOC", "VDD_CPU_CV"),
    NANO: ("POM_5V_IN", "POM_5V_GPU"),
    XAVIER: ("GPU", "CPU"),
    THOR: ("VDD_GPU", "VIN"),
}
HWMON = "timestamp,power1_input,in2_input,curr2_input,temp1_input"
INA = "time_ms,bus_voltage_v,shunt_voltage_mv,current_ma"
watts = st.lists(st.integers(0, 60_000), min_size=2, max_size=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


def read(folder: Path, text: str, kind: str = "auto", interval_ns: int | None = None):
    (folder / "log").write_text(text)
    return read_recording(folder / "log", kind, interval_ns)


def samples(recording, track: str) -> list[tuple[int, float]]:
    c = recording.counters
    mine = c.track == recording.texts.index(track)
    return list(zip(c.time_ns[mine].tolist(), c.value[mine].tolist(), strict=True))


def units(recording) -> dict[str, str]:
    c = recording.counters
    pairs = zip(c.track.tolist(), c.unit.tolist(), strict=True)
    return {recording.texts[track]: recording.texts[unit] for track, unit in pairs}


def refusal(folder: Path, text: str, kind: str = "auto", interval_ns: int | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, text, kind, interval_ns)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def stamped(form: str, rows) -> str:
    """Lines with times: second, and two rails' milliwatts."""
    return "".join(
        f"11-26-2026 12:{s // 60:02}:{s % 60:02} {form.format(a, b)}\n" for s, a, b in rows
    )


@pytest.mark.parametrize("form", VERSIONS)
@pytest.mark.parametrize("times", [True, False])
def test_every_jetpacks_rails_are_watts(folder, form, times):
    rows = [(0, 1000, 400), (1, 3000, 600), (2, 3000, 800)]
    text = stamped(form, rows) if times else "".join(form.format(a, b) + "\n" for _, a, b in rows)
    recording = read(folder, text)
    first, second = VERSIONS[form]
    assert samples(recording, first) == [(0, 1.0), (10**9, 3.0), (2 * 10**9, 3.0)]
    assert samples(recording, second) == [(0, 0.4), (10**9, 0.6), (2 * 10**9, 0.8)]
    assert units(recording)[first] == "W"
    assert not {"RAM", "SWAP"} & set(recording.texts)
    assert recording.about["format"] == "tegrastats"
    assert ("assumed" in recording.about.get("interval", "")) is not times


def test_temperatures_come_along(folder):
    recording = read(folder, stamped(ORIN, [(0, 1, 1), (1, 1, 1)]))
    assert samples(recording, "cpu temperature") == [(0, 50.5), (10**9, 50.5)]
    assert units(recording)["tj temperature"] == "degC"


def test_lines_of_one_second_are_spread_over_it(folder):
    recording = read(folder, stamped(ORIN, [(0, n, 1) for n in range(4)] + [(1, 4, 1), (3, 5, 1)]))
    times = [time for time, _ in samples(recording, "VDD_GPU_SOC")]
    assert times == [0, 250_000_000, 500_000_000, 750_000_000, 10**9, 3 * 10**9]


def test_an_interval_is_for_logs_without_times(folder):
    plain = "".join(ORIN.format(n, n) + "\n" for n in range(3))
    recording = read(folder, plain, interval_ns=10**8)
    assert [time for time, _ in samples(recording, "VDD_CPU_CV")] == [0, 10**8, 2 * 10**8]
    assert "leave --interval out" in refusal(folder, stamped(ORIN, [(0, 1, 1)]), interval_ns=1)
    assert "leave --interval out" in refusal(folder, f"{INA}\n0,5,1,1\n", interval_ns=1)


def test_a_csv_log_without_times_takes_an_interval(folder):
    recording = read(folder, "bus_voltage_v,current_ma\n5,300\n5,500\n", interval_ns=10**8)
    assert samples(recording, "power") == [(0, 1.5), (10**8, 2.5)]


@pytest.mark.parametrize("line", ["VDD_IN 4000mW/3900mW", "POM_5V_IN 4000/3900 POM_5V_GPU 1/1"])
def test_rails_alone_are_enough_to_know_a_log(folder, line):
    name = line.split()[0]
    assert samples(read(folder, f"{line}\n{line}\n"), name) == [(0, 4.0), (10**9, 4.0)]


def test_a_line_that_is_cut_off_is_counted_and_said(folder):
    whole = stamped(ORIN, [(0, 1000, 400), (1, 3000, 600)])
    recording = read(folder, whole + "11-26-2026 12:00:02 RAM 2448/305")
    assert len(samples(recording, "VDD_GPU_SOC")) == 2
    assert recording.about["lines left out"].startswith("1 (line 3: no rail's power")


def test_a_rail_in_other_units_and_logs_without_rails_are_refused(folder):
    text = stamped(ORIN, [(0, 1000, 400)]).replace("mW", "kW")
    assert "'VDD_GPU_SOC 1000kW/1500kW' is in kW" in refusal(folder, text)
    assert "no rail's power" in refusal(folder, f"{MEMORY} {HEAT}\n" * 3)
    mixed = stamped(ORIN, [(0, 1000, 400)]) + ORIN.format(1, 1) + "\n"
    assert "times on some lines alone" in refusal(folder, mixed)


@given(st.text("0123456789/mW VDD_:-\n", max_size=80), st.integers(0, 200))
def test_noise_in_a_log_is_read_or_refused(folder, noise, at):
    text = stamped(ORIN, [(0, 1000, 400), (1, 3000, 600)])
    try:
        read(folder, text[:at] + noise + text[at:], "tegrastats")
    except InputError as error:
        assert "\n" not in str(error)


def test_the_kernels_units_are_micro_and_milli(folder):
    text = f"{HWMON}\n1700000000.0,1500000,12000,100,41500\n1700000000.5,2500000,12000,300,42000\n"
    recording = read(folder, text)
    assert samples(recording, "power1_input") == [(0, 1.5), (5 * 10**8, 2.5)]
    assert [value for _, value in samples(recording, "power2")] == pytest.approx([1.2, 3.6])
    assert samples(recording, "temp1_input") == [(0, 41.5), (5 * 10**8, 42.0)]
    assert units(recording) == {
        "power1_input": "W",
        "in2_input": "V",
        "curr2_input": "A",
        "temp1_input": "degC",
        "power2": "W",
    }


def test_a_voltage_and_a_current_make_a_power(folder):
    recording = read(folder, f"{INA}\n0,5.0,10,300\n100,5.0,10,500\n")
    assert samples(recording, "power") == [(0, 1.5), (10**8, 2.5)]
    both = read(folder, "time_ms,bus_voltage_v,current_ma,power_mw\n0,5,300,1490\n")
    assert samples(both, "power") == [(0, 1.49)]


@pytest.mark.parametrize(
    ("head", "unit", "per", "stem"),
    [
        ("power_mw", "W", 1e3, ""),
        ("Power (W)", "W", 1.0, ""),
        ("Power[mW]", "W", 1e3, ""),
        ("gpu_power_uW", "W", 1e6, "gpu"),
        ("Bus Voltage (V)", "V", 1.0, ""),
        ("ch1_current_mA", "A", 1e3, "ch1"),
        ("ch1_voltage_v", "V", 1.0, "ch1"),
        ("hwmon3/curr1_input", "A", 1e3, "hwmon3 1"),
        ("hwmon3/in1_input", "V", 1e3, "hwmon3 1"),
        ("energy_uj", "J", 1e6, "energy"),
        ("phase_a", "", 1.0, "phase a"),
        ("state", "", 1.0, "state"),
        ("time_us", "s", 1e3, "time us"),
        ("Elapsed Time (ms)", "s", 1e6, "elapsed time ms"),
        ("datetime", "s", 0, "datetime"),
    ],
)
def test_a_columns_head_says_its_unit_and_its_rail(head, unit, per, stem):
    column = power_column(head)
    assert (column.unit, column.per, column.stem, column.fault) == (unit, per, stem, "")


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (("2026-11-26 12:00:00.25", "2026-11-26 12:00:01"), 750_000_000),
        (("2026-11-26T12:00:00Z", "2026-11-26T12:00:02+00:00"), 2 * 10**9),
        (("1700000000.25", "1700000001"), 750_000_000),
        (("1700000000250", "1700000001000"), 750_000_000),
        (("1700000000250000", "1700000001000000"), 750_000_000),
        (("1700000000250000000", "1700000001000000001"), 750_000_001),
        (("0.5", "2"), 1_500_000_000),
    ],
)
def test_times_without_a_unit_are_dates_or_counts_by_their_size(folder, times, expected):
    recording = read(folder, f"timestamp;power_mw\n{times[0]};1\n{times[1]};2\n")
    assert [time for time, _ in samples(recording, "power")] == [0, expected]
    assert "names no unit" in recording.about["times"]


def test_a_date_and_a_time_may_stand_apart(folder):
    text = "Date,Time,Power (mW)\n2026-11-26,12:00:00,1\n2026-11-26,12:00:05,2\n"
    assert [t for t, _ in samples(read(folder, text), "Power")] == [0, 5 * 10**9]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time_s,power_hp\n0,1\n", "column 'power_hp' names no unit"),
        ("timestamp,power\n0,1\n", "column 'power' names no unit"),
        ("time_s,Power (hp)\n0,1\n", "column 'Power (hp)' is in 'hp'"),
        ("Time (weeks),Power (W)\n0,1\n", "times in 'Time (weeks)'"),
        ("time_s,voltage_v\n0,1\n", "is no power log"),
        ("time_s,power_w\n", "holds no sample"),
        ("time_s,power_w\nnoon,1\n", "line 2: 'noon' in column 'time_s' is no time"),
        ("time_s,power_w\n0,nan\n", "line 2: 'nan' in column 'power' is no finite number"),
        ("time_s,power_w\n0,1,2\n", "line 2: 3 values under 2 columns"),
        ("watts\n1\n", "begins like none of"),
        ("state,power_mw\nrun,1\n", "has no column of times"),
    ],
)
def test_what_is_wrong_with_a_csv_log_is_one_line(folder, text, told):
    assert told in refusal(folder, text)


def test_rows_out_of_order_are_sorted_and_said(folder):
    recording = read(folder, "time_s,power_w\n5,1\n1,2\n3,3\n")
    assert samples(recording, "power") == [(0, 2.0), (2 * 10**9, 3.0), (4 * 10**9, 1.0)]
    assert recording.about["rows out of order"] == "1"


def test_a_bad_cell_costs_neither_its_row_nor_its_column(folder):
    text = "time_s,power_w,gpu_power_w\n0,1,[N/A]\n1,nan,5\n2,3,6\nnoon,9,9\n3,4,7\n"
    recording = read(folder, text)
    assert [value for _, value in samples(recording, "power")] == [1.0, 3.0, 4.0]
    assert [value for _, value in samples(recording, "gpu_power")] == [5.0, 6.0, 7.0]
    assert recording.about["lines left out"].startswith("3 (line 2: '[N/A]' in column")


def test_columns_that_are_never_numbers_cost_no_row(folder):
    text = "time_s,power_w,a_power_w,b_power_w\n" + "".join(
        f"{n},{n},N/A,[N/A]\n" for n in range(9)
    )
    recording = read(folder, text)
    assert len(samples(recording, "power")) == 9
    assert recording.about["lines left out"].startswith("9 (line 2: 'N/A' in column 'a_power'")


@pytest.mark.parametrize(("kind", "head"), [("power", INA), ("devlib", "t_time,a_power"),
                                            ("tegrastats", "")])  # fmt: skip
def test_a_log_of_bad_lines_is_not_read_to_its_end(folder, monkeypatch, kind, head):
    monkeypatch.setattr("dfsrt.recording.lines.GIVE_UP_AFTER", 10)
    assert "; 10 of 10 lines" in refusal(folder, f"{head}\n" + "junk\n" * 1_000, kind)


def test_a_file_of_line_ends_is_given_up_on(folder, monkeypatch):
    monkeypatch.setattr("dfsrt.recording.lines.MAX_LINES", 100)
    assert "more than 100 lines" in refusal(folder, f"{INA}\n" + "\n" * 1_000, "power")


def test_dates_keep_their_nanoseconds(folder):
    rows = [f"2026/11/26 12:00:00.{n:09d},{n}" for n in (1, 7, 123456789)]
    recording = read(folder, "\n".join(["timestamp,power_mw", *rows, ""]))
    assert [time for time, _ in samples(recording, "power")] == [0, 6, 123456788]


def test_values_with_the_unit_of_their_head_are_read(folder):
    text = "timestamp, power.draw [W]\n2026/11/26 12:00:00.000, 61.5 W\n2026/11/26 12:00:01, 60 W\n"
    assert samples(read(folder, text), "power.draw") == [(0, 61.5), (10**9, 60.0)]
    assert "no finite number" in refusal(folder, text.replace(" W\n", " mW\n"))


def test_a_last_line_with_fewer_rails_is_cut_off_and_counted(folder):
    whole = stamped(ORIN, [(0, 1000, 400), (1, 3000, 600), (2, 3000, 600)])
    cut = whole[: whole.rindex("VDD_CPU_CV") + 12]
    recording = read(folder, cut)
    assert [value for _, value in samples(recording, "VDD_GPU_SOC")] == [1.0, 3.0]
    assert recording.about["lines left out"] == "1 (line 3: cut short: 1 of 2 rails)"


def test_a_line_of_another_form_among_many_is_left_out(folder):
    lines = stamped(ORIN, [(n, 1000, 400) for n in range(5)]).splitlines()
    lines[2] = lines[2].partition("RAM")[2]
    lines[3] = lines[3].replace("mW", "kW")
    recording = read(folder, "\n".join(["RAM", *lines, ""]).replace("RAM\n", ""), "tegrastats")
    assert len(samples(recording, "VDD_GPU_SOC")) == 3
    assert recording.about["lines left out"].startswith("2 (line 4: 'VDD_GPU_SOC 1000kW/1500kW'")
    late = stamped(ORIN, [(n, 1000, 400) for n in range(5)]).replace(
        "2026 12:00:02", "9026 12:00:02"
    )
    assert "line 3: a time more than a year" in read(folder, late).about["lines left out"]


def test_what_devlib_names_stays_devlibs(folder):
    (folder / "log").write_text("timestamp_time,npu_power,npu_voltage\n0,1,0.8\n")
    assert format_of(folder / "log") == "devlib"
    (folder / "log").write_text("time_us,power_mw\n0,1\n")
    assert format_of(folder / "log") == "power"


@given(
    rows=st.lists(
        st.tuples(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)), min_size=2
    ),
    delimiter=st.sampled_from(",;\t"),
    order=st.permutations(range(4)),
)
def test_columns_are_found_in_any_order(folder, rows, delimiter, order):
    """The oracle reads with the csv module alone, and multiplies."""
    heads, now, lines = ["note", "time_us", "gpu_voltage_mV", "gpu_current_mA"], 0, []
    for step, mv, ma in rows:
        now += step
        lines.append(["x", now, mv, ma])
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([c[n] for n in order] for c in [heads, *lines])
    (rail,) = rail_powers(read(folder, out.getvalue()))
    table = [
        {k: float(v) for k, v in row.items() if k != "note"}
        for row in csv.DictReader(io.StringIO(out.getvalue()), delimiter=delimiter)
    ]
    energy_j = 0.0
    for a, b in pairwise(table):
        p, q = (r["gpu_voltage_mV"] * r["gpu_current_mA"] * 1e-6 for r in (a, b))
        energy_j += (p + q) / 2 * (b["time_us"] - a["time_us"]) * 1e-6
    assert rail.energy_j == pytest.approx(energy_j, rel=1e-9, abs=1e-12)


def steps(collector: Collector, track: str, unit: str, points) -> None:
    for time_ns, value in points:
        collector.add_sample(track, unit, time_ns, value)


def test_between_samples_of_a_log_power_goes_straight(folder):
    """1 W to 3 W in a second is 2 J; then 3 W for two seconds."""
    recording = read(folder, "time_s,power_w\n0,1\n1,3\n3,3\n")
    (rail,) = rail_powers(recording)
    assert (rail.rail, rail.how, rail.samples) == ("power", "line", 3)
    assert (rail.energy_j, rail.mean_w) == pytest.approx((8.0, 8 / 3), rel=1e-12)
    (part,) = rail_powers(recording, 0.5, 2.0)
    assert part.energy_j == pytest.approx((2 + 3) / 2 * 0.5 + 3.0, rel=1e-12)
    assert (part.start_s, part.end_s) == (0.5, 2.0)


def test_a_timelines_counter_is_a_step_and_ends_with_the_recording():
    c = Collector()
    steps(c, "power", "W", [(0, 1.0), (10**9, 3.0)])
    c.add_slice("NPU", "conv", 0, 4 * 10**9)
    (rail,) = rail_powers(c.recording({"format": "perfetto"}))
    assert (rail.how, rail.energy_j, rail.mean_w) == ("step", 10.0, 2.5)


def test_rails_of_a_perfetto_trace_are_their_energies_difference(tmp_path):
    from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

    trace = pb.Trace()
    first = trace.packet.add(timestamp=0).power_rails
    for index, name in enumerate(("cpu_big", "tpu")):
        first.rail_descriptor.add(index=index, rail_name=name, subsys_name="soc")
    for ms, uj in (
        (1000, (5_000_000, 10_000)),
        (1500, (6_000_000, 260_000)),
        (3000, (9e6, 510_000)),
    ):
        rails = trace.packet.add(timestamp=ms * 10**6).power_rails
        for index, energy in enumerate(uj):
            rails.energy_data.add(index=index, timestamp_ms=ms, energy=int(energy))
    (tmp_path / "t").write_bytes(trace.SerializeToString())
    rails = {r.rail: r for r in rail_powers(perfetto.read(tmp_path / "t"))}
    assert rails["cpu_big"].mean_w == pytest.approx(2.0)
    assert rails["tpu"].mean_w == pytest.approx(0.25)
    assert rails["tpu"].how == "energy"
    part = {r.rail: r for r in rail_powers(perfetto.read(tmp_path / "t"), 1.0, 1.5)}
    assert part["tpu"].mean_w == pytest.approx(0.5)


def test_a_count_of_joules_that_begins_anew_goes_on():
    c = Collector()
    steps(c, "npu energy", "J", [(0, 5.0), (10**9, 7.0), (2 * 10**9, 1.0), (3 * 10**9, 2.0)])
    (rail,) = rail_powers(c.recording({}))
    assert (rail.rail, rail.energy_j, rail.mean_w) == ("npu", 4.0, pytest.approx(4 / 3))


def test_a_battery_and_a_cap_are_no_rails():
    c = Collector()
    for track, unit in (("battery energy", "J"), ("cap", "W"), ("voltage", "V")):
        steps(c, track, unit, [(0, 5.0), (10**9, 4.0)])
    assert rail_powers(c.recording({})) == []


@given(watts, st.floats(0, 1), st.floats(0, 1))
def test_parts_of_a_log_have_the_energy_of_the_whole(values, a, b):
    c = Collector()
    steps(c, "p", "W", [(n * 10**8, v / 1000) for n, v in enumerate(values)])
    recording = c.recording({"format": "tegrastats"})
    span = (len(values) - 1) * 0.1
    cut = span * min(a, b) + span * 0.001, span * max(a, b) * 0.99 + span * 0.005
    (whole,) = rail_powers(recording)
    parts = [rail_powers(recording, start, end) for start, end in ((None, cut[1]), (cut[1], None))]
    assert sum(p.energy_j for part in parts for p in part) == pytest.approx(
        whole.energy_j, rel=1e-9, abs=1e-9
    )
    assert min(values) / 1000 - 1e-9 <= whole.mean_w <= max(values) / 1000 + 1e-9
    assert np.isfinite(whole.mean_w)


def test_a_stretch_without_samples_is_said(folder):
    recording = read(folder, "time_s,power_w\n0,1\n1,3\n")
    with pytest.raises(InputError, match=re.escape("the recording ends at 1 s")):
        rail_powers(recording, 5.0)
    with pytest.raises(InputError, match="give the earlier first"):
        rail_powers(recording, 1.0, 0.5)


def test_import_shows_the_mean_power_of_a_stretch(dfsrt, tmp_path):
    (tmp_path / "log.txt").write_text(
        stamped(ORIN, [(0, 1000, 400), (1, 3000, 600), (3, 3000, 600)])
    )
    done = dfsrt("import", "log.txt")
    assert done.returncode == 0, done.stderr
    assert re.search(r"VDD_GPU_SOC +2\.667 W +8\.000 J +0 s +3\.00 s", done.stdout)
    done = dfsrt("import", "log.txt", "--from", "1 s", "--until", "3 s")
    assert re.search(r"VDD_GPU_SOC +3\.000 W +6\.000 J +1\.00 s +3\.00 s", done.stdout)
    done = dfsrt("import", "log.txt", "--from", "9 s")
    assert (done.returncode, done.stdout) == (2, "")
