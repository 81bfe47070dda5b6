"""The shunt monitor, the virtual bench, and sessions that are cut off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError, OutputError
from dfsrt.device import load_device
from dfsrt.power.measure.choose import make_bench
from dfsrt.power.measure.ina226 import CONVERSION_S, Errors, ShuntMonitor
from dfsrt.power.measure.sample import Sample
from dfsrt.power.measure.session import journal_of, measure_all
from dfsrt.power.measure.store import read_idle, read_samples
from dfsrt.power.measure.wanted import Wanted

PERFECT = Errors(0.0, 0.0, 0.0, 0.0, 0.0)


def small(**changes) -> Wanted:
    fields = {"device": "rk3588-npu", "networks": ("squeezenet",), "per_network": 5, "sweep": 8}
    return Wanted(**{**fields, **changes})


def test_a_perfect_monitor_shows_the_truth_to_half_a_step_of_its_shunt():
    monitor = ShuntMonitor(2.0, seed=0, errors=PERFECT)
    # 2 W at 5 V is 0.4 A; twice that across the shunt is full scale, 81.92 mV.
    assert monitor.shunt_ohm == pytest.approx(0.1024)
    step_w = 2.5e-6 / 0.1024 * 5.0
    for watts in np.linspace(0.01, 2.0, 50):
        assert monitor.read_w(watts) == pytest.approx(watts, abs=0.5001 * step_w)


@given(st.floats(0.05, 2.0), st.integers(0, 50))
def test_a_real_monitor_is_within_its_data_sheet(watts, seed):
    # Shunt 0.5 % and gains, at five sigma, plus offsets of both converters.
    shown = ShuntMonitor(2.0, seed=seed).read_w(watts)
    assert shown == pytest.approx(watts, rel=0.03, abs=2e-3)


def test_noise_differs_between_readings_and_errors_between_specimens():
    one, two = ShuntMonitor(2.0, seed=1), ShuntMonitor(2.0, seed=2)
    readings = np.array([one.read_w(1.0) for _ in range(200)])
    assert 0 < readings.std() < 1e-3
    assert abs(np.mean([two.read_w(1.0) for _ in range(200)]) - readings.mean()) > 1e-4


def test_short_layers_run_until_a_reading_is_full():
    monitor = ShuntMonitor(2.0, seed=0, averages=4)
    assert monitor.window_s == pytest.approx(8 * CONVERSION_S)
    assert monitor.runs(1e-3) == 9
    assert monitor.runs(1.0) == 1


def test_a_session_measures_every_subject_and_shows_no_hidden_number(tmp_path):
    bench = make_bench(small())
    subjects = bench.subjects()
    out = tmp_path / "s.parquet"
    done = measure_all(subjects, bench.open_meter(), out)
    samples = read_samples(out)
    assert done.samples == len(samples) == len(subjects)
    assert not journal_of(out).exists()
    assert {s.reading.temp_c for s in samples} == {round(samples[0].reading.temp_c)}
    assert len(read_idle(out)) == 2
    hidden = load_device("rk3588-npu").hidden
    assert not any(str(hidden.activity_mean) in repr(s.reading) for s in samples[:3])


def test_a_layer_that_is_asked_for_twice_gives_one_sample(tmp_path):
    bench = make_bench(small())
    subjects = bench.subjects()
    done = measure_all([*subjects, *subjects[:3]], bench.open_meter(), tmp_path / "s.parquet")
    assert done.samples == len(subjects)
    keys = [s.key for s in read_samples(tmp_path / "s.parquet")]
    assert len(keys) == len(set(keys)) == len(subjects)


def test_samples_come_back_from_disk_as_they_were(tmp_path):
    bench = make_bench(small())
    meter, subjects = bench.open_meter(), bench.subjects()
    measure_all(subjects, meter, tmp_path / "s.parquet")
    again = {s.key: s for s in read_samples(tmp_path / "s.parquet")}
    for subject in subjects:
        found = again[subject.key]
        assert isinstance(found, Sample)
        assert found.subject == subject
        assert found.bench == meter.bench
        assert found.reading.runs * found.reading.latency_s >= 0.03


class CutOffError(Exception):
    pass


def test_a_session_that_is_cut_off_goes_on_where_it_stopped(tmp_path):
    bench = make_bench(small())
    meter, subjects, out = bench.open_meter(), bench.subjects(), tmp_path / "s.parquet"

    def stop(done: int) -> None:
        if done == 10:
            raise CutOffError

    with pytest.raises(CutOffError):
        measure_all(subjects, meter, out, stop)
    assert not out.exists()
    first = journal_of(out).read_bytes()
    journal_of(out).write_bytes(first + b'{"half a li')  # as a power cut leaves it
    asked = []
    meter.measure = lambda s, plain=meter.measure: asked.append(s) or plain(s)
    done = measure_all(subjects, meter, out)
    assert done.resumed == 10
    assert len(asked) == len(subjects) - 10
    assert len(read_samples(out)) == len(subjects)


def cut_off(wanted, out, after=1):
    """Leave the journal of a session that ended after so many readings."""
    bench = make_bench(wanted)

    def stop(done: int) -> None:
        if done == after:
            raise CutOffError

    with pytest.raises(CutOffError):
        measure_all(bench.subjects(), bench.open_meter(), out, stop)
    return journal_of(out)


def test_a_session_that_goes_on_reads_what_one_that_was_not_cut_off_reads(tmp_path):
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    cut_off(small(), cut, after=10)
    for out in (whole, cut):
        bench = make_bench(small())
        measure_all(bench.subjects(), bench.open_meter(), out)
    assert read_samples(cut) == read_samples(whole)


def test_readings_that_a_command_does_not_ask_for_are_not_thrown_away(tmp_path):
    out = tmp_path / "s.parquet"
    journal = cut_off(small(), out, after=10)
    kept = journal.read_bytes()
    other = make_bench(small(networks=("alexnet",), per_network=1, sweep=0))
    with pytest.raises(InputError, match=r"holds 10 readings that this command does not ask for"):
        measure_all(other.subjects(), other.open_meter(), out)
    assert journal.read_bytes() == kept


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (lambda whole: whole.replace(b'"power_w"', b'"power_x"', 1), 1),
        (lambda whole: whole + b"{not a reading}\n" + whole, 11),
        (lambda _whole: b"my notes\n", 1),
        (lambda _whole: b"my notes", 1),
        (lambda _whole: b"{\xff\n", 1),
    ],
)
def test_a_journal_that_is_damaged_or_not_ours_is_refused_and_left_alone(tmp_path, harm, line):
    out = tmp_path / "s.parquet"
    journal = cut_off(small(), out, after=10)
    journal.write_bytes(harm(journal.read_bytes()))
    before, bench = journal.read_bytes(), make_bench(small())
    with pytest.raises(InputError, match=f"line {line} of .* is no reading"):
        measure_all(bench.subjects(), bench.open_meter(), out)
    assert journal.read_bytes() == before


def test_a_session_without_a_reading_leaves_nothing_behind(tmp_path):
    bench, out = make_bench(small()), tmp_path / "s.parquet"
    with pytest.raises(InputError, match="no layer to measure"):
        measure_all([], bench.open_meter(), out)
    elsewhere = make_bench(small(device="mdla")).subjects()[:3]
    with pytest.raises(InputError, match=r"no layer could be measured .*not on this bench"):
        measure_all(elsewhere, bench.open_meter(), out)
    assert not list(tmp_path.iterdir())


def test_a_journal_that_cannot_be_written_is_said_so(tmp_path):
    bench, out = make_bench(small()), tmp_path / "s.parquet"
    journal_of(out).mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*s\.parquet\.part"):
        measure_all(bench.subjects(), bench.open_meter(), out)


def test_a_disk_that_fills_up_is_said_so_and_what_was_read_is_kept(tmp_path):
    import resource

    bench, out = make_bench(small()), tmp_path / "s.parquet"
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, usual[1]))
    try:
        with pytest.raises(OutputError, match=r"cannot write .*: File too large"):
            measure_all(bench.subjects(), bench.open_meter(), out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert measure_all(bench.subjects(), bench.open_meter(), out).resumed > 0


def test_a_journal_of_another_bench_is_not_mixed_in(tmp_path):
    out = tmp_path / "s.parquet"
    bench = make_bench(small())

    def stop(_done: int) -> None:
        raise CutOffError

    with pytest.raises(CutOffError):
        measure_all(bench.subjects(), bench.open_meter(), out, stop)
    other = make_bench(small(device="mdla"))
    with pytest.raises(InputError, match="begun on another bench"):
        measure_all(other.subjects(), other.open_meter(), out)


def test_the_sweep_is_the_seeds_and_a_part_is_a_part():
    one, again, other = (make_bench(small(seed=s)).subjects() for s in (1, 1, 2))
    assert one == again
    assert one != other
    parts = [make_bench(small(seed=1)).subjects(i, 3) for i in range(3)]
    firsts = [{s.key for s in part if not s.repeat} for part in parts]
    assert set.union(*firsts) == {s.key for s in one if not s.repeat}
    assert not firsts[0] & firsts[1]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"device": "nvidia:card=1"}, "did you mean|unknown option"),
        ({"device": "nvidia:index=x"}, "no whole number"),
        ({"device": "rk3588"}, "rk3588-npu"),
        ({"precisions": {"bf16": 1.0}}, "one precision of its device"),
    ],
)
def test_a_wrong_bench_is_refused(wanted, message):
    with pytest.raises(InputError, match=message):
        make_bench(small(**wanted)).subjects()


@pytest.mark.parametrize("content", [b"", b"no parquet", None])
def test_a_file_that_holds_no_samples_is_refused(tmp_path, content):
    path = tmp_path / "s.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"dfsrt measure"):
        read_samples(path)


def test_one_list_of_sizes_serves_networks_with_and_without_that_dimension(tmp_path):
    import onnx

    from tests.network.builders import Builder

    b = Builder()
    x = b.input("x", ["batch", 8])
    path = tmp_path / "open.onnx"
    onnx.save(b.model(b.op("MatMul", x, b.weight(8, 4))), path)
    bench = make_bench(small(networks=("squeezenet", str(path)), batches=(3,), sweep=0))
    found = {s.source: s.probe.layer for s in bench.subjects()}
    assert found["open"].inputs[0].shape == (3, 8)
    assert "squeezenet" in found
