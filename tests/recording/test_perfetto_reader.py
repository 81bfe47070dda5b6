"""Perfetto traces as other tools write them: clocks, defaults, deltas, compression, bad packets."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import zlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

from dfsrt.base.errors import InputError
from dfsrt.recording import perfetto, perfetto_events, perfetto_packets
from tests.recording.test_files import a_recording, content

BEGIN, END = pb.TrackEvent.TYPE_SLICE_BEGIN, pb.TrackEvent.TYPE_SLICE_END
COUNTER, INSTANT = pb.TrackEvent.TYPE_COUNTER, pb.TrackEvent.TYPE_INSTANT


class Made:
    """A trace made by hand."""

    def __init__(self):
        self.trace = pb.Trace()

    def packet(self, timestamp=None, sequence=1, clock=None):
        packet = self.trace.packet.add(trusted_packet_sequence_id=sequence)
        if timestamp is not None:
            packet.timestamp = timestamp
        if clock is not None:
            packet.timestamp_clock_id = clock
        return packet

    def track(self, uuid, name, **counter):
        told = self.packet().track_descriptor
        told.uuid, told.name = uuid, name
        for field, value in counter.items():
            setattr(told.counter, field, value)

    def event(self, kind, timestamp, uuid=None, name="", sequence=1, clock=None):
        event = self.packet(timestamp, sequence, clock).track_event
        event.type = kind
        if uuid is not None:
            event.track_uuid = uuid
        if name:
            event.name = name
        return event

    def read(self, folder):
        (folder / "t").write_bytes(self.trace.SerializeToString())
        return perfetto.read(folder / "t")


def test_times_of_a_clock_that_counts_on_are_added_up_from_its_snapshot(tmp_path):
    made = Made()
    clocks = made.packet().clock_snapshot.clocks
    clocks.add(clock_id=6, timestamp=1_000_000)
    clocks.add(clock_id=64, timestamp=0, is_incremental=True, unit_multiplier_ns=1000)
    made.packet().trace_packet_defaults.timestamp_clock_id = 64
    made.track(5, "main")
    made.event(BEGIN, 7, 5, "a")
    made.event(END, 3, 5)
    made.event(BEGIN, 2_000_000, 5, "b", clock=6)
    made.event(END, 4, 5)  # 14 us after the snapshot: before "b" begins
    made.event(END, 2_000_500, 5, clock=6)
    found = made.read(tmp_path)
    assert content(found)[0] == [
        ("main", "", "a", 1_007_000, 3_000), ("main", "", "b", 2_000_000, 500),
    ]  # fmt: skip
    assert found.about["ends without a slice"] == "1"


def test_another_builtin_clock_is_brought_to_boot_time_by_the_last_snapshot(tmp_path):
    made = Made()
    for boot, monotonic in ((500, 100), (10_500, 10_090)):  # slept 10 ns longer in between
        clocks = made.packet().clock_snapshot.clocks
        clocks.add(clock_id=3, timestamp=monotonic)
        clocks.add(clock_id=6, timestamp=boot)
        made.event(BEGIN, monotonic + 1, 5, "a", clock=3)
        made.event(END, monotonic + 4, 5, clock=3)
    slices, _ = content(made.read(tmp_path))
    assert [s[3:] for s in slices] == [(501, 3), (10_501, 3)]


def test_clocks_and_names_of_one_sequence_are_not_anothers(tmp_path):
    made = Made()
    for sequence, start, name in ((1, 1_000, "one"), (2, 9_000, "two")):
        clocks = made.packet(sequence=sequence).clock_snapshot.clocks
        clocks.add(clock_id=6, timestamp=start)
        clocks.add(clock_id=64, timestamp=0, is_incremental=True)
        told = made.packet(sequence=sequence)
        told.trace_packet_defaults.timestamp_clock_id = 64
        told.trace_packet_defaults.track_event_defaults.track_uuid = sequence
        told.interned_data.event_names.add(iid=1, name=name)
    for kind, delta in ((BEGIN, 10), (END, 5)):
        for sequence in (1, 2):
            made.event(kind, delta, sequence=sequence).name_iid = 1
    assert content(made.read(tmp_path))[0] == [
        ("track 1", "", "one", 1_010, 5), ("track 2", "", "two", 9_010, 5),
    ]  # fmt: skip


def test_a_sequence_that_starts_anew_forgets_its_names(tmp_path):
    made = Made()
    made.packet().interned_data.event_names.add(iid=1, name="old")
    made.event(BEGIN, 1, 5).name_iid = 1
    made.packet().sequence_flags = pb.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
    made.event(BEGIN, 2, 5).name_iid = 1
    made.event(END, 3, 5)
    made.event(END, 4, 5)
    assert [s[2] for s in content(made.read(tmp_path))[0]] == ["", "old"]


def test_counters_are_scaled_and_added_up_as_their_descriptor_says(tmp_path):
    made = Made()
    made.track(1, "memory", unit=pb.CounterDescriptor.UNIT_SIZE_BYTES, unit_multiplier=1024)
    made.track(2, "cycles", unit_name="cycles", is_incremental=True)
    for now, (size, more) in enumerate([(3, 10), (5, 20), (4, 30)]):
        made.event(COUNTER, now, 1).counter_value = size
        made.event(COUNTER, now, 2).double_counter_value = more
    _, samples = content(made.read(tmp_path))
    assert samples == [
        *(("cycles", "cycles", t, v) for t, v in enumerate([10.0, 30.0, 60.0])),
        *(("memory", "B", t, v) for t, v in enumerate([3072.0, 5120.0, 4096.0])),
    ]


def test_counters_that_come_along_with_other_events_are_read(tmp_path):
    made = Made()
    made.track(1, "cycles", unit_name="cycles", is_incremental=True)
    made.track(2, "power", unit_name="W")
    told = made.packet().trace_packet_defaults.track_event_defaults
    told.extra_counter_track_uuids.append(1)
    told.extra_double_counter_track_uuids.append(2)
    begin = made.event(BEGIN, 10, 5, "a")
    begin.extra_counter_values.append(100)
    begin.extra_double_counter_values.append(0.5)
    made.event(COUNTER, 11, 1).counter_value = 10
    instant = made.event(INSTANT, 12, 5, "i")
    instant.extra_double_counter_track_uuids.append(3)  # its own list goes before the default
    instant.extra_double_counter_values.extend([7.5, 8.5])
    made.event(END, 20, 5).extra_counter_values.append(50)
    found = made.read(tmp_path)
    assert content(found)[1] == [
        ("cycles", "cycles", 10, 100.0), ("cycles", "cycles", 11, 110.0),
        ("cycles", "cycles", 20, 160.0), ("power", "W", 10, 0.5), ("track 3", "", 12, 7.5),
    ]  # fmt: skip
    assert found.about["extra counter values without a track passed over"] == "1"


def test_counters_that_count_on_begin_again_where_their_sequence_does(tmp_path):
    made = Made()
    made.track(1, "cycles", is_incremental=True)
    made.track(2, "others", is_incremental=True)
    for now in (1, 2):
        made.event(COUNTER, now, 1).counter_value = 10
        made.event(COUNTER, now, 2, sequence=2).counter_value = 10
    made.packet().sequence_flags = pb.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
    made.event(COUNTER, 3, 1).counter_value = 10
    made.event(COUNTER, 3, 2, sequence=2).counter_value = 10
    samples = [(s[0], s[3]) for s in content(made.read(tmp_path))[1]]
    assert samples == [
        ("cycles", 10), ("cycles", 20), ("cycles", 10),
        ("others", 10), ("others", 20), ("others", 30),
    ]  # fmt: skip


def test_tracks_of_other_tools_never_share_a_name(tmp_path):
    made = Made()
    for uuid, name in ((1, "npu #2"), (2, "npu"), (3, "npu"), (4, ""), (4, ""), (5, "")):
        made.track(uuid, name)
    for uuid in range(1, 6):
        made.event(BEGIN, uuid, uuid, "a")
        made.event(END, 10, uuid)
    by_time = sorted(content(made.read(tmp_path))[0], key=lambda s: s[3])
    assert [s[0] for s in by_time] == ["npu #2", "npu", "npu #3", "", " #2"]


def test_tracks_of_two_processes_are_told_apart_by_their_process(tmp_path):
    made = Made()
    for uuid, name in ((1, "GPU 0"), (2, "GPU 1")):
        process = made.packet().track_descriptor
        process.uuid, process.process.pid, process.process.process_name = uuid, uuid, name
        thread = made.packet().track_descriptor
        thread.uuid, thread.thread.pid, thread.thread.tid = 10 + uuid, uuid, 5
        thread.thread.thread_name = "stream"
        made.track(20 + uuid, "power", unit_name="W")
        made.trace.packet[-1].track_descriptor.parent_uuid = uuid
        made.event(BEGIN, 5, 10 + uuid, "a")
        made.event(END, 6, 10 + uuid)
        made.event(COUNTER, 7, 20 + uuid).counter_value = 100 * uuid
    slices, samples = content(made.read(tmp_path))
    assert {s[0] for s in slices} == {"stream", "GPU 1/stream"}
    assert [(s[0], s[3]) for s in samples] == [("GPU 1/power", 200), ("power", 100)]


def test_events_out_of_order_in_the_file_are_paired_by_time(tmp_path):
    made = Made()
    made.event(END, 30, 5, sequence=2)
    made.event(BEGIN, 20, 5, "second", sequence=2)
    made.event(BEGIN, 0, 5, "first")
    made.event(END, 10, 5)
    made.track(5, "late")  # a descriptor may come after its events
    assert content(made.read(tmp_path))[0] == [
        ("late", "", "first", 0, 10), ("late", "", "second", 20, 10),
    ]  # fmt: skip


def test_what_is_passed_over_is_counted(tmp_path):
    made = Made()
    made.event(INSTANT, 1, 5, "x")
    made.event(INSTANT, 2, 5, "x")
    made.event(BEGIN, 3, 5, "never ends")
    made.event(END, 4, 6)
    made.packet().ftrace_events.event.add(timestamp=1).sched_switch.prev_pid = 1
    about = made.read(tmp_path).about
    assert {k: v for k, v in about.items() if k not in ("format", "file")} == {
        "instants passed over": "2", "other ftrace events passed over": "1",
        "slices without an end": "1", "ends without a slice": "1",
    }  # fmt: skip


def test_rails_batteries_voltages_and_temperatures_become_counters_in_si_units(tmp_path):
    made = Made()
    rails = made.packet(5_000_000).power_rails
    rails.rail_descriptor.add(index=3, rail_name="npu")
    rails.energy_data.add(index=3, timestamp_ms=4, energy=2_500_000)
    battery = made.packet(7).battery
    battery.charge_counter_uah, battery.capacity_percent = 1_000_000, 50.0
    battery.current_ua, battery.voltage_uv = -500_000, 3_700_000
    event = made.packet().ftrace_events.event.add(timestamp=9).thermal_temperature
    event.thermal_zone, event.temp = "npu", 45_500
    event = made.packet().ftrace_events.event.add(timestamp=9).regulator_set_voltage_complete
    event.name, event.val = "vdd", 800_000
    event = made.packet().ftrace_events.event.add(timestamp=9).clock_set_rate
    event.name, event.state = "tpu", 700_000_000
    _, samples = content(made.read(tmp_path))
    expected = [
        ("battery charge", "C", 7, 3600.0), ("battery current", "A", 7, -0.5),
        ("battery level", "%", 7, 50.0), ("battery voltage", "V", 7, 3.7),
        ("npu energy", "J", 4_000_000, 2.5), ("npu temperature", "degC", 9, 45.5),
        ("tpu frequency", "Hz", 9, 7e8), ("vdd voltage", "V", 9, 0.8),
    ]  # fmt: skip
    assert [s[:3] for s in samples] == [s[:3] for s in expected]
    assert [s[3] for s in samples] == pytest.approx([s[3] for s in expected])


def compressed(inner, folder):
    trace = pb.Trace()
    trace.packet.add().compressed_packets = zlib.compress(inner)
    path = folder / "z"
    path.write_bytes(trace.SerializeToString())
    return path


def test_compressed_packets_are_read_like_any_others(tmp_path):
    perfetto.write(a_recording(), tmp_path / "t")
    path = compressed((tmp_path / "t").read_bytes(), tmp_path)
    assert content(perfetto.read(path)) == content(a_recording())


def test_broken_or_huge_compressed_packets_are_refused(tmp_path):
    for inner in (b"\x0a\x7f", bytes(perfetto_packets.MAX_INFLATED + 1)):
        with pytest.raises(InputError, match="byte 0"):
            perfetto.read(compressed(inner, tmp_path))
    for field in ("compressed_packets", "zstd_compressed_packets"):
        trace = pb.Trace()
        setattr(trace.packet.add(), field, b"not deflated")
        (tmp_path / "t").write_bytes(trace.SerializeToString())
        with pytest.raises(InputError, match="compressed packets that are broken"):
            perfetto.read(tmp_path / "t")


def test_packets_compressed_by_zstd_are_read_up_to_a_limit(tmp_path):
    perfetto.write(a_recording(), tmp_path / "t")
    for data in ((tmp_path / "t").read_bytes(), bytes(perfetto_packets.MAX_INFLATED + 1)):
        trace = pb.Trace()
        trace.packet.add().zstd_compressed_packets = pa.compress(data, "zstd", asbytes=True)
        (tmp_path / "z").write_bytes(trace.SerializeToString())
        if len(data) < perfetto_packets.MAX_INFLATED:
            assert content(perfetto.read(tmp_path / "z")) == content(a_recording())
        else:
            with pytest.raises(InputError, match="come to more than 67,108,864 bytes"):
                perfetto.read(tmp_path / "z")


@pytest.mark.parametrize("sign", [1, -1])
def test_times_beyond_63_bits_are_refused(tmp_path, sign):
    made = Made()
    clocks = made.packet().clock_snapshot.clocks
    clocks.add(clock_id=6, timestamp=5)
    clocks.add(clock_id=3, timestamp=2**63 if sign < 0 else 5)
    made.event(BEGIN, 2**64 - 1 if sign > 0 else 7, 5, "a", clock=3)
    with pytest.raises(InputError, match=r"byte \d+ is broken .*63|outside 0"):
        made.read(tmp_path)


def test_more_begins_than_can_be_kept_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(perfetto_events, "MAX_EVENTS", 10)
    made = Made()
    for now in range(11):
        made.event(BEGIN, now, 5, "a")
    with pytest.raises(InputError, match="more than 10"):
        made.read(tmp_path)


def test_a_packet_larger_than_is_read_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "t"
    with path.open("wb") as file:
        file.write(b"\x0a\xff\xff\xff\x7f")  # 256 MiB, and all of them are there
        file.truncate(300 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="up to 16,777,216 are read"):
        perfetto.read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path_factory, junk, at):
    """Whole files of junk, and a good trace with junk written over a part of it."""
    path = tmp_path_factory.mktemp("r") / "t"
    perfetto.write(a_recording(), path)
    good = path.read_bytes()
    for data in (junk, good[:at] + junk + good[at + len(junk) :]):
        path.write_bytes(data)
        try:
            perfetto.read(path)
        except InputError as error:
            assert "\n" not in str(error) and str(path) in str(error)


def test_packets_that_are_passed_over_do_not_stay_in_memory(tmp_path):
    """In a process of its own: the peak of this one is that of all the tests before."""
    made = Made()
    for now in range(100):
        made.event(INSTANT, now, 5, "x").debug_annotations.add(string_value="y" * 1_000_000)
    (tmp_path / "t").write_bytes(made.trace.SerializeToString())
    code = (
        "import resource\n"
        "from pathlib import Path\n"
        "from dfsrt.recording import perfetto\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"perfetto.write(perfetto.read(Path({str(tmp_path / 's')!r})), Path('/dev/null'))\n"
        "before = peak()\n"
        f"print(perfetto.read(Path({str(tmp_path / 't')!r})).about['instants passed over'])\n"
        "print(peak() - before)\n"
    )
    perfetto.write(a_recording(), tmp_path / "s")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, grown_kb = done.stdout.split()
    assert count == "100" and int(grown_kb) < 30 * 1024


@pytest.mark.parametrize("where", ["name", "category", "track", "unit"])
def test_a_packet_with_a_name_that_is_not_utf8_is_left_out(tmp_path, where):
    made = Made()
    made.track(1, "TRACK_")
    made.track(2, "counter", unit_name="UNIT__")
    begin = made.event(BEGIN, 10, 1, "NAME__")
    begin.categories.append("CATEG_")
    made.event(END, 20, 1)
    made.event(COUNTER, 30, 2).counter_value = 7
    data = made.trace.SerializeToString()
    word = {"name": b"NAME__", "category": b"CATEG_", "track": b"TRACK_", "unit": b"UNIT__"}[where]
    assert data.count(word) == 1
    (tmp_path / "t").write_bytes(data.replace(word, b"\xff\xfe" + word[2:]))
    found = perfetto.read(tmp_path / "t")
    assert re.match(
        r"1 \(the packet at byte \d+: is broken .*UTF-8", found.about["packets left out"]
    )
    assert len(found.counters) == 1
    assert len(found.slices) == (where not in ("name", "category"))
