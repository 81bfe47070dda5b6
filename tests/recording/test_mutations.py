"""A few hundred mutated files for each reader: each is read, or refused in one line."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.recording import chrome, perfetto, read_recording, summary_of, table
from dfsrt.recording.layer_times import read_layer_times
from tests.helpers import profiles
from tests.recording.test_damaged_chrome import LOST, MENDED, WHOLE, listed
from tests.recording.test_files import a_recording

MUTANTS = 200
TOKENS = [
    b"", b"\0", b"\xff\xfe", b"\n", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b",,", b"NaN",
    b"nan", b"-inf", b"1e999", b"9" * 30, b"-1", b"null", b"0x1f", b"\x1b[31m", b"\x80", b"'",
    b"=", b":", b"|", b" ", b"1e-999", b"\xed\xa0\x80", b"\x0a\x7f", b"\x1f\x8b", b"0",
]  # fmt: skip
MARKS = """\
  app-100 (  100) [000] .... 5.000001: tracing_mark_write: B|100|infer
  app-100 (  100) [000] .... 5.000101: tracing_mark_write: C|100|watts|12
  app-100 (  100) [000] .... 5.000201: tracing_mark_write: S|100|req|7
  app-100 (  100) [000] .... 5.000301: tracing_mark_write: F|100|req|7
  app-100 (  100) [000] .... 5.000401: tracing_mark_write: E|100
  npu-1 [000] d..1. 5.000501: clk_set_rate_complete: clk_npu 600000000
  k-1 [001] d..1. 5.1: thermal_power_allocator_pid: thermal_zone_id=0 err=1 p=2 i=3 d=4 output=5
  k-1 [001] d..1. 5.2: sched_switch: prev_comm=a prev_pid=1 ==> next_comm=b c next_pid=77 x
  k-1 [001] d..1. 5.3: devfreq_frequency: dev_name=npu freq=600000000 prev_freq=1 load=42
swapper     0 [000]   5.678902: power:cpu_frequency: state=1200000 cpu_id=0
sleep 12345 [001] 5.678903:          1 cycles:u:  ffffffff8104f45a
"""
STAMP = "11-26-2026 12:00:{:02} RAM 2/9MB cpu@50.5C VDD_IN 4000mW/3900mW VDD_GPU 12mW/1mW\n"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """A sound file for each reader."""
    folder = tmp_path_factory.mktemp("seeds")
    perfetto.write(a_recording(), folder / "p")
    table.write(a_recording(), folder / "t.csv")
    table.write(a_recording(), folder / "t.parquet")
    broken = [WHOLE[0], *(text for text, _ in MENDED.values()), *LOST.values(), *WHOLE[1:]]
    power = "time_ms,bus_voltage_v,current_ma\n" + "".join(f"{n},5.0,{n}\n" for n in range(30))
    return {
        "chrome": listed([*WHOLE, {"ph": "C", "name": "c", "ts": 1, "args": {"W": 1.5}}]).encode(),
        "chrome, broken": listed([text[:200] if isinstance(text, str) else text
                                  for text in broken]).encode(),
        "perfetto": (folder / "p").read_bytes(),
        "ftrace": MARKS.encode(),
        "devlib": b"t_time,npu_power,npu_voltage\n" + b"1.5,2,0.8\n1.6,3,0.9\n" * 10,
        "onnxruntime": profiles.onnxruntime().encode(),
        "tegrastats": "".join(STAMP.format(n) for n in range(20)).encode(),
        "power": power.encode(),
        "table": (folder / "t.csv").read_bytes(),
        "table, parquet": (folder / "t.parquet").read_bytes(),
    }  # fmt: skip


def mutated(data, rng):
    """Cut, double, swap, overwrite or insert at up to three places; at times keep a part alone."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.choice((1, 2, 5, 20, 100)))
        piece = rng.choice((
            rng.choice(TOKENS), data[at:end] * 2, rng.randbytes(rng.randint(1, 8)),
            data[at:end][::-1], b"",
        ))  # fmt: skip
        data = data[:at] + piece + data[end if rng.random() < 0.7 else at :]
    return data[: rng.randrange(len(data) + 1)] if rng.random() < 0.15 else data


@pytest.mark.parametrize(
    "kind",
    ["chrome", "chrome, broken", "perfetto", "ftrace", "devlib", "onnxruntime", "tegrastats",
     "power", "table", "table, parquet"],
)  # fmt: skip
def test_mutated_files_are_read_or_refused_in_one_line(seeds, tmp_path, kind):
    rng, path, read = random.Random(f"17 {kind}"), tmp_path / "m", 0
    for _ in range(MUTANTS):
        path.write_bytes(mutated(seeds[kind], rng))
        for form in (kind.split(",")[0], "auto") if rng.random() < 0.2 else (kind.split(",")[0],):
            try:
                found = read_recording(path, form)
            except InputError as error:
                assert "\n" not in str(error) and len(str(error)) < 2_000
                continue
            read += 1
            assert sound(found)
            if read % 8 == 0:
                summary_of(found)
    assert read > (0 if "parquet" in kind else MUTANTS // 2), "most files are read"


def sound(found):
    """Whether all times, lengths and names can be, and are in order."""
    s, c, t = found.slices, found.counters, found.texts
    "".join(t).encode("utf-8")
    columns = (s.track, s.name, s.category, c.track, c.unit)
    return (
        all((x >= 0).all() and (x < len(t)).all() for x in columns if len(x))
        and (s.duration_ns >= 0).all()
        and (np.diff(s.start_ns) >= 0).all()
        and (np.diff(c.time_ns) >= 0).all()
    )


def test_mutated_profiles_of_layers_are_read_or_refused_in_one_line(tmp_path):
    rng, path = random.Random(17), tmp_path / "m"
    for _ in range(MUTANTS // 3):
        path.write_bytes(mutated(profiles.onnxruntime().encode(), rng))
        try:
            rows = read_layer_times(f"onnxruntime:{path}").rows
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert all(row.time_s is not None and row.time_s >= 0 for row in rows)


def test_a_mutated_record_of_chrome_costs_no_other(tmp_path):
    """Bytes of one record change alone: all others are there, wherever the damage begins."""
    rng, path = random.Random(5), tmp_path / "m"
    records = listed(WHOLE).split(",\n")
    for _ in range(MUTANTS // 2):
        at = rng.randrange(1, len(WHOLE) - 1)
        record = mutated(records[at].encode(), rng)
        text = [
            *(r.encode() for r in records[:at]),
            record,
            *(r.encode() for r in records[at + 1 :]),
        ]
        path.write_bytes(b",\n".join(text))
        found = chrome.read(path)
        names = {found.texts[n] for n in found.slices.name.tolist()}
        lost = {f"k{n}" for n in range(len(WHOLE))} - names - {f"k{at}"}
        # A text or list that the damage opens may close in the records after it.
        assert lost <= {f"k{at + 1}", f"k{at + 2}"} and len(lost) < 3, (record, names)
