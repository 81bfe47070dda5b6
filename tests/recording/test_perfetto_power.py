"""Heat, batteries and rails in Perfetto's files: what is written, and that it is read back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

from dfsrt.recording import perfetto
from dfsrt.recording.collect import Collector
from tests.recording.test_files import content

BATTERY = {
    "charge": ("C", 3600.0, "charge_counter_uah", 1_000_000),
    "level": ("%", 62.5, "capacity_percent", 62.5),
    "current": ("A", -0.5, "current_ua", -500_000),
    "average-current": ("A", -0.25, "current_avg_ua", -250_000),
    "energy": ("J", 36.0, "energy_counter_uwh", 10_000),
    "voltage": ("V", 3.7, "voltage_uv", 3_700_000),
}
"""Counters of a battery: unit, a value, and the field and number that it is in a packet."""
COLUMNS = [column for _, _, column, _ in BATTERY.values()]
int64 = st.integers(-(2**50), 2**50)
float32 = st.floats(0, 100, width=32)
batteries = st.fixed_dictionaries(
    {"name": st.sampled_from(["", "main", "battery", "two words", "main charge", "Å\n"])},
    optional={c: float32 if c == "capacity_percent" else int64 for c in COLUMNS},
).filter(lambda fields: len(fields) > 1)


def trace_of(*packets):
    trace = pb.Trace()
    for timestamp, fields in packets:
        packet = trace.packet.add(timestamp=timestamp, trusted_packet_sequence_id=1)
        for field, value in fields.items():
            setattr(packet.battery, field, value)
    return trace


def written(recording, path):
    """Return the packets of the file that ``recording`` makes."""
    perfetto.write(recording, path)
    trace = pb.Trace()
    trace.ParseFromString(path.read_bytes())
    return trace.packet


def told(packets):
    """Return the time and fields of each battery packet."""
    return [
        (p.timestamp, {f.name: v for f, v in p.battery.ListFields()})
        for p in packets
        if p.HasField("battery")
    ]


def test_a_batterys_counters_become_one_packet_of_perfettos_fields_and_are_read_back(tmp_path):
    found = Collector()
    for what, (unit, value, _, _) in BATTERY.items():
        found.add_sample(f"battery {what}", unit, 7, value)
    recording = found.recording({})
    packets = written(recording, tmp_path / "t")
    assert told(packets) == [(7, {column: number for _, _, column, number in BATTERY.values()})]
    assert not any(p.HasField("track_event") for p in packets)
    back = content(perfetto.read(tmp_path / "t"))[1]
    expected = content(recording)[1]
    assert [s[:3] for s in back] == [s[:3] for s in expected]
    assert [s[3] for s in back] == pytest.approx([s[3] for s in expected], rel=1e-15)


@given(st.lists(st.tuples(st.integers(0, 2**62), batteries), min_size=1, max_size=6))
def test_battery_packets_of_other_tools_are_written_as_they_were_read(tmp_path_factory, packets):
    folder = tmp_path_factory.mktemp("b")
    (folder / "a").write_bytes(trace_of(*packets).SerializeToString())
    first = perfetto.read(folder / "a")
    assert len(first.counters) == sum(len(fields) - 1 for _, fields in packets)
    again = written(first, folder / "b")
    assert content(perfetto.read(folder / "b")) == content(first)

    def samples(entries):
        return sorted(
            (time_ns, fields.get("name", ""), column, value)
            for time_ns, fields in entries
            for column, value in fields.items()
            if column != "name"
        )

    assert samples(told(again)) == samples(packets)


def test_batteries_and_times_have_packets_of_their_own(tmp_path):
    found = Collector()
    for now in (1, 2):
        for name in ("battery", "battery main"):
            found.add_sample(f"{name} voltage", "V", now, 3.5 + now)
            found.add_sample(f"{name} level", "%", now, 50.0)
    found.add_sample("battery voltage", "V", 2, 5.0)  # twice at a time: both are kept
    packets = told(written(found.recording({}), tmp_path / "t"))
    assert [(time_ns, fields.get("name")) for time_ns, fields in packets] == [
        (1, None), (1, "main"), (2, None), (2, None), (2, "main"),
    ]  # fmt: skip
    assert content(perfetto.read(tmp_path / "t")) == content(found.recording({}))


@pytest.mark.parametrize(
    ("track", "unit", "value"),
    [
        ("battery voltage", "V", math.inf), ("battery voltage", "V", -1e300),
        ("battery level", "%", 1e39), ("battery charge", "C", 1e17), ("battery voltage", "mV", 1.0),
        ("npu voltage", "V", 1.0), ("battery voltage #2", "V", 1.0), ("battery", "V", 1.0),
        ("battery  voltage", "V", 1.0), ("batteryvoltage", "V", 1.0),
        ("my battery level", "%", 1.0),
    ],
)  # fmt: skip
def test_what_no_battery_packet_can_hold_is_a_counter_like_any_other(tmp_path, track, unit, value):
    found = Collector()
    found.add_sample(track, unit, 5, value)
    assert told(written(found.recording({}), tmp_path / "t")) == []
    assert content(perfetto.read(tmp_path / "t"))[1] == [(track, unit, 5, value)]


def test_a_value_that_is_no_number_stays_one(tmp_path):
    found = Collector()
    found.add_sample("battery voltage", "V", 5, math.nan)
    assert told(written(found.recording({}), tmp_path / "t")) == []
    assert math.isnan(perfetto.read(tmp_path / "t").counters.value[0])


def test_temperatures_are_called_as_androids_and_read_back_in_a_recordings_words(tmp_path):
    found = Collector()
    found.add_sample("skin temperature", "degC", 1, 36.625)
    found.add_sample("temperature", "degC", 2, -273.15)
    found.add_sample("colour temperature", "K", 3, 6500.0)
    found.add_sample("skin temperature #2", "degC", 4, 37.0)
    found.add_slice("bath temperature", "a", 0, 5)
    packets = written(found.recording({}), tmp_path / "t")
    tracks = [p.track_descriptor for p in packets if p.HasField("track_descriptor")]
    assert [(t.name, t.counter.unit_name) for t in tracks] == [
        ("bath temperature", ""), ("skin Temperature", "°C"), ("temperature", "°C"),
        ("colour temperature", "K"), ("skin Temperature", "°C"),
    ]  # fmt: skip
    assert content(perfetto.read(tmp_path / "t")) == content(found.recording({}))


def test_temperatures_in_androids_words_never_mix_with_those_in_ours(tmp_path):
    found = Collector()
    found.add_sample("skin Temperature", "°C", 1, 36.0)
    found.add_sample("skin temperature", "degC", 2, 37.0)
    perfetto.write(found.recording({}), tmp_path / "t")
    assert content(perfetto.read(tmp_path / "t"))[1] == [
        ("skin temperature", "degC", 1, 36.0), ("skin temperature #2", "degC", 2, 37.0),
    ]  # fmt: skip


def test_rails_keep_the_nanoseconds_of_their_times(tmp_path):
    times = [0, 1, 1_500_000, 1_500_001, 10_000_000_007]
    with (tmp_path / "t").open("wb") as file, perfetto.PerfettoWriter(file) as writer:
        writer.rails(["npu"])
        for energy, now in enumerate(times):
            writer.rail_energy(now, [float(energy)])
    samples = content(perfetto.read(tmp_path / "t"))[1]
    assert samples == [("npu energy", "J", now, float(e)) for e, now in enumerate(times)]
